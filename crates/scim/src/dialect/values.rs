//! How the values of attributes are read, and how they are cleared.

use serde_json::{Map, Value, json};

use super::{Dialect, Habit};
use crate::object::member;
use crate::schema::{Attribute, AttributeType};

/// Returns the value in an array of one. Some clients wrap everything that they send, objects of attributes and whole
/// extensions included (SCIM-SDK #968).
pub(crate) fn unwrapped(value: Value, dialect: Dialect) -> Value {
    match value {
        Value::Array(mut elements) if dialect.takes(Habit::WrappedObject) && elements.len() == 1 => {
            elements.pop().unwrap_or_default()
        }
        other => other,
    }
}

/// Returns whether the value is an object, in an array of one or by itself.
pub(crate) fn unwrapped_is_object(value: &Value, dialect: Dialect) -> bool {
    match value {
        Value::Array(elements) if dialect.takes(Habit::WrappedObject) => {
            matches!(elements.as_slice(), [Value::Object(_)])
        }
        value => value.is_object(),
    }
}

/// Converts a value that does not have its attribute's type to the type that the client means; returns it unchanged
/// if none is meant.
///
/// * Entra and the SCIM validator send booleans as text, `"False"`, and might send numbers so.
/// * The validator wraps single values in an array; OneLogin sends a single element without its array.
/// * Entra sends `manager` and members as the bare id. Any complex attribute with a `value` is read so.
/// * A complex value may be sent as the text of its JSON (SCIM-SDK #201).
/// * An empty text is not a value: Entra and its gallery test clear attributes with `""`.
pub(crate) fn coerce(attribute: &Attribute, multi_valued: bool, value: Value, dialect: Dialect) -> Value {
    let is_loose = dialect.takes(Habit::LooseArrays);
    match from_json_text(attribute, value, dialect) {
        value if is_no_value(&value, dialect) => Value::Null,
        value if multi_valued && (value.is_array() || !is_loose) => value,
        value if multi_valued => Value::Array(vec![value]),
        Value::Array(mut elements) if is_loose && elements.len() < 2 => {
            coerce(attribute, false, elements.pop().unwrap_or(Value::Null), dialect)
        }
        Value::String(text) => coerce_text(attribute, text, dialect),
        Value::Object(members) if dialect.takes(Habit::ReferenceByUrl) => {
            Value::Object(with_value_of_reference(attribute, members))
        }
        other => other,
    }
}

/// Parses the text of a complex attribute if it is JSON: an object, or a list of objects.
fn from_json_text(attribute: &Attribute, value: Value, dialect: Dialect) -> Value {
    let Value::String(text) = &value else { return value };
    if !dialect.takes(Habit::JsonText)
        || !attribute.is_complex()
        || !text.trim_start().starts_with(['{', '['])
    {
        return value;
    }
    match crate::read_json(text.trim().as_bytes()) {
        Ok(read @ Value::Object(_)) => read,
        Ok(Value::Array(elements)) if elements.iter().all(Value::is_object) => Value::Array(elements),
        _ => value,
    }
}

/// Returns whether the text was meant as the JSON of an object. `[Prod] Admins` is the name of a role.
fn resembles_json(text: &str) -> bool {
    let text = text.trim_start();
    text.strip_prefix('[').map_or(text, str::trim_start).starts_with('{')
}

/// Returns whether the `value` of an element is the JSON of a whole element instead of an address, number or id.
/// Entra documents such texts for roles (its mapping `AppRoleAssignments`), whose values the customer chooses.
pub(crate) fn is_misplaced_json(attribute: &Attribute, sub: &Attribute, value: &Value) -> bool {
    let text = value.as_str().filter(|_| sub.is("value")).unwrap_or_default();
    let is_free = attribute.is("roles") || attribute.is("entitlements");
    let is_element = |json: Value| json.as_object().is_some_and(|json| member(json, "value").is_some());
    !is_free && resembles_json(text) && crate::read_json(text.trim().as_bytes()).is_ok_and(is_element)
}

/// Adds the `value` to a reference that has only a `$ref`: the id that its URL ends with.
fn with_value_of_reference(attribute: &Attribute, mut members: Map<String, Value>) -> Map<String, Value> {
    let is_reference =
        attribute.sub_attribute("$ref").is_some() && attribute.sub_attribute("value").is_some();
    if is_reference && member(&members, "value").is_none() {
        let url = members.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let id = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_string();
        if !id.is_empty() {
            members.insert("value".into(), id.into());
        }
    }
    members
}

/// Returns whether the value means that there is none: `null`, and the `""` of Entra and its gallery test.
pub(crate) fn is_no_value(value: &Value, dialect: Dialect) -> bool {
    value.is_null() || dialect.takes(Habit::EmptyText) && value.as_str() == Some("")
}

/// Returns what a remove lists in its `value`: Entra and JumpCloud name the members and elements to remove there. RFC
/// 7644 s3.5.2.2 has no value in a remove, and to ignore it would empty the group.
pub(crate) fn listed_for_removal(value: Option<Value>, dialect: Dialect) -> Option<Value> {
    value.filter(|value| dialect.takes(Habit::ListedRemoval) && !value.is_null())
}

/// Converts text to the JSON type of the attribute (RFC 7643 s2.3: a boolean and a number are JSON's own, a complex
/// value is an object).
fn coerce_text(attribute: &Attribute, text: String, dialect: Dialect) -> Value {
    let has_value = || attribute.sub_attribute("value").is_some() && !resembles_json(&text);
    let read = match attribute.data_type {
        AttributeType::Complex => {
            (dialect.takes(Habit::BareReference) && has_value()).then(|| json!({"value": text}))
        }
        _ if !dialect.takes(Habit::TypedAsText) => None,
        AttributeType::Boolean => boolean(&text).map(Value::Bool),
        AttributeType::Integer => text.parse::<i64>().ok().map(Value::from),
        AttributeType::Decimal => serde_json::from_str::<f64>(&text).ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or(Value::String(text))
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, value)| value)
}

/// Removes a sub-attribute from a complex value. Removing `value` removes everything that describes it: Entra clears
/// `phoneNumbers[type eq "mobile"].value` and means the number.
pub(crate) fn clear(complex: &mut Map<String, Value>, sub: &Attribute, dialect: Dialect) {
    complex.remove(&sub.name);
    if dialect.takes(Habit::ClearedValue) && sub.is("value") {
        complex.retain(|key, _| is_discriminator(key));
    }
}

/// Converts what a remove lists for an attribute of plain texts: some clients write each as the element of a complex
/// attribute, `[{"value": "C"}]`.
pub(crate) fn plain_values(attribute: &Attribute, listed: Value, dialect: Dialect) -> Value {
    let is_listed = !attribute.is_complex() && dialect.takes(Habit::ListedPlainValues);
    match listed {
        Value::Array(elements) if is_listed => {
            elements.into_iter().map(|element| value_within(&element).cloned().unwrap_or(element)).collect()
        }
        one @ Value::Object(_) if is_listed => value_within(&one).cloned().unwrap_or(one),
        other => other,
    }
}

/// Returns the `value` of an object that has nothing else.
pub(crate) fn value_within(element: &Value) -> Option<&Value> {
    let mut members = element.as_object()?.iter();
    match (members.next(), members.next()) {
        (Some((key, value)), None) if key.eq_ignore_ascii_case("value") => Some(value),
        _ => None,
    }
}

/// Returns whether an element has nothing left but what identifies it. An element that was cleared that far is to be
/// removed.
pub(crate) fn is_emptied(element: &Value, dialect: Dialect) -> bool {
    dialect.takes(Habit::ClearedValue)
        && element.as_object().is_some_and(|element| element.keys().all(|key| is_discriminator(key)))
}

fn is_discriminator(key: &str) -> bool {
    key == "type" || key == "primary"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::coerce;
    use crate::{Attribute, Dialect};

    #[test]
    fn a_text_is_a_decimal_if_it_is_a_number_of_json_and_nothing_else_is_made_of_it() {
        let decimal = json!({
            "name": "weight", "type": "decimal", "multiValued": false, "mutability": "readWrite", "returned": "default"
        });
        let decimal: Attribute = serde_json::from_value(decimal).unwrap();
        let read = |text: &str| coerce(&decimal, false, text.into(), Dialect::TOLERANT);
        for (text, number) in [("1.5", 1.5), ("-2", -2.0), ("1e3", 1000.0)] {
            assert_eq!(read(text), Value::from(number));
        }
        for text in ["NaN", "inf", "heavy", "1,5"] {
            assert_eq!(read(text), text);
        }
    }
}
