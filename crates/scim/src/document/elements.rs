//! Elements of multi-valued attributes: which are kept, and how one is made of its sub-attributes.

use serde_json::{Map, Value};

use super::Document;
use crate::schema::{Attribute, ResourceType};

/// Drops elements without a `value` from the attributes whose elements have one: it is "the attribute's significant
/// value" (RFC 7643 s2.4), and the other sub-attributes describe it. Elements of `addresses` have no `value`, so that
/// all their sub-attributes count.
pub(crate) fn drop_valueless(of: &ResourceType, document: &mut Document) {
    drop_valueless_within(of.attributes(), &mut document.0);
    for schema in &of.extensions {
        let Some(Value::Object(extension)) = document.0.get_mut(&schema.id) else { continue };
        drop_valueless_within(schema.attributes.iter(), extension);
        if extension.is_empty() {
            document.0.remove(&schema.id);
        }
    }
}

fn drop_valueless_within<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    values: &mut Map<String, Value>,
) {
    let has_value =
        |attribute: &&Attribute| attribute.multi_valued && attribute.sub_attribute("value").is_some();
    for attribute in attributes.filter(has_value) {
        let Some(Value::Array(elements)) = values.get_mut(&attribute.name) else { continue };
        elements.retain(|element| element.get("value").is_some_and(|value| *value != ""));
        if elements.is_empty() {
            values.remove(&attribute.name);
        }
    }
}

/// Adds a sub-attribute when the request does not say to which element it belongs: to a new one, so that no present
/// value is lost (RFC 7644 s3.5.2.1: "a new value is added"). If the request has `begun` the last element in this way
/// and has not yet given it this sub-attribute, it belongs to that one: `emails.value` and `emails.type` are one
/// element. Returns the index of the element; None if an element has that value already.
pub(crate) fn add_sub(elements: &mut Vec<Value>, sub: &str, value: Value, begun: bool) -> Option<usize> {
    if let Some(Value::Object(last)) = elements.last_mut().filter(|_| begun)
        && !last.contains_key(sub)
    {
        last.insert(sub.to_string(), value);
    } else if elements.iter().any(|element| element.get(sub) == Some(&value)) {
        return None;
    } else {
        let mut element = Map::new();
        element.insert(sub.to_string(), value);
        elements.push(Value::Object(element));
    }
    elements.len().checked_sub(1)
}
