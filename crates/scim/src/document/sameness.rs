//! Elements of multi-valued attributes: when two of them are the same, and which is primary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fold;
use crate::schema::Attribute;

/// Returns whether an element is primary (RFC 7643 s2.4: at most one element is).
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(Value::as_bool) == Some(true)
}

/// Merges elements that are the same, so that no `value` and `type` is there twice (RFC 7643 s2.4).
pub(super) fn merge_same(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let identities: BTreeSet<String> = match elements.as_slice() {
        [] | [_] => return elements,
        elements => elements.iter().map(|element| identity(attribute, element)).collect(),
    };
    if identities.len() == elements.len() {
        return elements;
    }
    let mut merged = Vec::new();
    add(attribute, &mut merged, &elements);
    merged
}

/// Adds elements, or merges them into those that are the same (RFC 7644 s3.5.2.1).
pub(crate) fn add(attribute: &Attribute, elements: &mut Vec<Value>, new: &[Value]) {
    // A single element is searched for; for several, the present elements are indexed first.
    if let [only] = new {
        let index = elements.iter().position(|element| is_same(attribute, element, only));
        return add_at(elements, index.unwrap_or(elements.len()), only);
    }
    let mut present = BTreeMap::new();
    for (index, element) in elements.iter().enumerate() {
        present.insert(identity(attribute, element), index);
    }
    for element in new {
        let index = *present.entry(identity(attribute, element)).or_insert(elements.len());
        add_at(elements, index, element);
    }
}

fn add_at(elements: &mut Vec<Value>, index: usize, new: &Value) {
    match elements.get_mut(index) {
        Some(present) => merge(present, new),
        None => elements.push(new.clone()),
    }
    if is_primary(new) {
        only_primary(elements, index);
    }
}

/// Returns whether [`identity`] is the same for both, without building it.
fn is_same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    match (one.get("value"), other.get("value")) {
        (None, None) => one == other,
        (Some(_), Some(_)) => {
            ["value", "type"].into_iter().all(|sub| is_same_sub(attribute, sub, one, other))
        }
        _ => false,
    }
}

fn is_same_sub(attribute: &Attribute, sub: &str, one: &Value, other: &Value) -> bool {
    let case_exact = || attribute.sub_attribute(sub).is_some_and(|sub| sub.case_exact);
    match (one.get(sub), other.get(sub)) {
        (Some(Value::String(one)), Some(Value::String(other))) => {
            one == other || !case_exact() && is_same_folded(one, other)
        }
        (one, other) => one == other,
    }
}

fn is_same_folded(one: &str, other: &str) -> bool {
    match (one.is_ascii(), other.is_ascii()) {
        (true, true) => one.eq_ignore_ascii_case(other),
        _ => fold(one) == fold(other),
    }
}

/// Removes the elements that are listed: by `value`, and by `type` if that is given.
pub(crate) fn remove_listed(attribute: &Attribute, elements: &mut Vec<Value>, listed: &[Value]) {
    let meant = |listed: &Value| match value_of(attribute, listed) {
        Some(value) if listed.get("type").is_none() => value,
        _ => identity(attribute, listed),
    };
    let listed: BTreeSet<String> = listed.iter().map(meant).collect();
    elements.retain(|element| {
        let by_value = value_of(attribute, element).is_some_and(|value| listed.contains(&value));
        !by_value && !listed.contains(&identity(attribute, element))
    });
}

/// Returns a text that is the same for elements that are the same: their `value` and `type` are equal (RFC 7643
/// s2.4), or the whole elements are if they have no `value`.
fn identity(attribute: &Attribute, element: &Value) -> String {
    match value_of(attribute, element) {
        Some(value) => format!("{value}\n{}", text_of(attribute, "type", element).unwrap_or_default()),
        None => element.to_string(),
    }
}

fn value_of(attribute: &Attribute, element: &Value) -> Option<String> {
    text_of(attribute, "value", element)
}

fn text_of(attribute: &Attribute, sub: &str, element: &Value) -> Option<String> {
    let case_exact = attribute.sub_attribute(sub).is_some_and(|sub| sub.case_exact);
    Some(match element.get(sub)? {
        Value::String(text) if !case_exact => Value::from(fold(text)).to_string(),
        other => other.to_string(),
    })
}

/// Sets the given members and leaves the others.
pub(crate) fn merge(element: &mut Value, more: &Value) {
    match (element, more) {
        (Value::Object(element), Value::Object(more)) => {
            element.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        (element, more) => *element = more.clone(),
    }
}

/// Makes one element the only primary one (RFC 7644 s3.5.2: setting `primary` to true clears it on the others).
pub(crate) fn only_primary(elements: &mut [Value], chosen: usize) {
    for (index, element) in elements.iter_mut().enumerate() {
        if index != chosen
            && let Some(primary) = element.get_mut("primary")
        {
            *primary = Value::Bool(false);
        }
    }
}
