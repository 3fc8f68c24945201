//! Changes within extensions that no schema declares: the present value shows what the attribute is like.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::change::Action;
use super::progress::Progress;
use crate::ScimError;
use crate::attr_name::names;
use crate::dialect::{self, Dialect};
use crate::document::without_unassigned;
use crate::extension::{Named, Undeclared, Written};
use crate::object::{key_of, member, within};

/// A path under an undeclared URN, and how it is interpreted.
pub(super) struct Path<'c> {
    pub path: &'c Undeclared,
    pub written: Written,
    pub dialect: Dialect,
}

impl Path<'_> {
    /// Changes the extension that the path names, or an attribute of it, whichever it is in this document.
    pub(super) fn apply(
        &self,
        document: &mut Map<String, Value>,
        action: Action,
        value: Option<&Value>,
        progress: &mut Progress,
    ) -> Result<(), ScimError> {
        let dialect = self.dialect;
        let value = value.filter(|value| !dialect::is_no_value(value, dialect));
        let place = match value.filter(|_| action != Action::Remove) {
            Some(value) => Some(self.path.place(document, value, self.written, dialect)),
            None => self.path.held(document, dialect),
        };
        match place {
            // There is nothing to remove.
            None => Ok(()),
            Some(Named::Extension(urn)) => whole(document, urn, action, value.cloned(), dialect, progress),
            Some(Named::Attribute { urn, name, sub }) => {
                let given = value.cloned().and_then(|value| without_unassigned(value, dialect));
                let value = match (action, value) {
                    // An empty list removes nothing. An object without content is such a list if the attribute has
                    // several values.
                    (Action::Remove, Some(Value::Array(_))) if given.is_none() => return Ok(()),
                    (Action::Remove, Some(Value::Object(_))) => Some(given.into_iter().collect()),
                    _ => given,
                };
                within(document, urn, |extension| {
                    attribute(extension, (urn, name), sub, action, value, progress)
                })
            }
        }
    }
}

/// Sets the attributes of an extension one by one, or removes it.
fn whole(
    document: &mut Map<String, Value>,
    urn: &str,
    action: Action,
    value: Option<Value>,
    dialect: Dialect,
    progress: &mut Progress,
) -> Result<(), ScimError> {
    match (action, value.map(|value| dialect::unwrapped(value, dialect))) {
        (Action::Remove, _) | (Action::Replace, None) => {
            document.retain(|key, _| !key.eq_ignore_ascii_case(urn));
            Ok(())
        }
        (Action::Add, None) => Ok(()),
        (_, Some(Value::Object(attributes))) => within(document, urn, |extension| {
            attributes.into_iter().try_for_each(|(key, value)| {
                let value = without_unassigned(value, dialect);
                let (name, sub) = names(&key, &['.']).unwrap_or((&key, None));
                attribute(extension, (urn, name), sub, action, value, progress)
            })
        }),
        _ => Err(ScimError::invalid_value(format!("the value of `{urn}` is not an object"))),
    }
}

fn attribute(
    extension: &mut Map<String, Value>,
    (urn, name): (&str, &str),
    sub: Option<&str>,
    action: Action,
    value: Option<Value>,
    progress: &mut Progress,
) -> Result<(), ScimError> {
    match sub {
        None => {
            progress.end((urn, name));
            change(extension, name, action, value)
        }
        Some(sub) => change_sub(extension, (urn, name), sub, action, value, progress),
    }
}

/// Sets or clears an attribute; if it has several values or sub-attributes, it is treated as RFC 7644 s3.5.2 treats
/// such attributes.
fn change(
    map: &mut Map<String, Value>,
    name: &str,
    action: Action,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let key = key_of(map, name);
    match (action, value, map.get_mut(&key)) {
        (Action::Add, None, _) => {}
        (Action::Add, Some(value), Some(Value::Array(present))) => append(present, each(value)),
        (Action::Add, Some(Value::Array(new)), Some(present)) => {
            let mut elements = vec![present.take()];
            append(&mut elements, new);
            *present = Value::Array(elements);
        }
        (Action::Add | Action::Replace, Some(Value::Object(more)), Some(Value::Object(present))) => {
            for (name, value) in more {
                let key = key_of(present, &name);
                present.insert(key, value);
            }
        }
        (Action::Add, Some(value), Some(present)) if value.is_object() != present.is_object() => {
            let detail = format!("`{name}` has a value of another type; replace it");
            return Err(ScimError::invalid_value(detail));
        }
        (Action::Add | Action::Replace, Some(value), _) => {
            map.insert(key, value);
        }
        (Action::Remove, Some(listed), Some(Value::Array(present))) => {
            remove_listed(present, each(listed));
            if present.is_empty() {
                map.remove(&key);
            }
        }
        (Action::Remove | Action::Replace, _, _) => {
            map.remove(&key);
        }
    }
    Ok(())
}

/// Appends the values that are not there yet.
fn append(present: &mut Vec<Value>, new: Vec<Value>) {
    // A single value is searched for; for several, a set is worth building.
    if let [only] = new.as_slice() {
        if !present.contains(only) {
            present.extend(new);
        }
        return;
    }
    let mut known: HashSet<&Value> = present.iter().collect();
    let new: Vec<Value> = new.iter().filter(|element| known.insert(element)).cloned().collect();
    present.extend(new);
}

/// Removes the values that are listed: those that are equal, or those with the same `value` if nothing else is
/// listed. A plain value is its own `value`, so that `[{"value": "C"}]` removes the text `C`.
fn remove_listed(present: &mut Vec<Value>, listed: Vec<Value>) {
    let plain = |element: Value| dialect::value_within(&element).cloned().unwrap_or(element);
    let listed: HashSet<Value> = listed.into_iter().map(plain).collect();
    present.retain(|element| {
        let value = element.as_object().and_then(|element| member(element, "value"));
        !listed.contains(element) && value.is_none_or(|value| !listed.contains(value))
    });
}

/// Sets or clears a sub-attribute, of every element if there are several; an addition adds one.
fn change_sub(
    map: &mut Map<String, Value>,
    (urn, name): (&str, &str),
    sub: &str,
    action: Action,
    value: Option<Value>,
    progress: &mut Progress,
) -> Result<(), ScimError> {
    let key = key_of(map, name);
    match (action, map.get_mut(&key), value) {
        (Action::Add, _, None) => {}
        (Action::Add, Some(Value::Array(elements)), Some(value)) => {
            let sub = elements.last().and_then(Value::as_object).map_or(sub.into(), |last| key_of(last, sub));
            progress.add_sub((urn, name), elements, &sub, value);
        }
        (_, Some(Value::Array(elements)), value) => {
            progress.copy(value.as_ref(), elements.len())?;
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                change(element, sub, action, value.clone())?;
            }
            elements.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
            if elements.is_empty() {
                map.remove(&key);
            }
        }
        // A value without sub-attributes has none to lose.
        (_, Some(present), value)
            if !present.is_object() && (value.is_none() || action == Action::Remove) => {}
        (Action::Add, Some(present), _) if !present.is_object() => {
            let detail = format!("`{name}` has no sub-attributes; replace it");
            return Err(ScimError::invalid_value(detail));
        }
        (_, _, value) => within(map, &key, |inner| change(inner, sub, action, value))?,
    }
    Ok(())
}

fn each(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        one => vec![one],
    }
}
