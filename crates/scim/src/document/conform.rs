//! Values in the form in which they are stored: with the type of their attribute, under the names of its schema,
//! without what is unassigned (RFC 7643 s2.3, s2.5).

use serde_json::{Map, Value};

use super::sameness::{is_primary, merge_same};
use crate::dialect::{self, Habit};
use crate::object::object;
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::{Dialect, Instant, ScimError};

/// Returns the value of an attribute as it is stored; None if it is unassigned, or never stored at all.
pub(crate) fn conform(
    attribute: &Attribute,
    value: Value,
    at: &str,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(None);
    }
    let value = dialect::coerce(attribute, attribute.multi_valued, value, dialect);
    if !attribute.multi_valued {
        let value = conform_one(attribute, value, at, dialect)?;
        return Ok(value.filter(|_| !attribute.is_write_only()));
    }
    let elements = match value {
        Value::Null => return Ok(None),
        Value::Array(elements) => elements,
        _ => return Err(ScimError::invalid_value(format!("`{at}` is not an array"))),
    };
    let mut kept = Vec::new();
    for (index, element) in elements.into_iter().enumerate() {
        kept.extend(conform_element(attribute, element, &format!("{at}[{index}]"), dialect)?);
    }
    if kept.iter().filter(|element| is_primary(element)).count() > 1 {
        let detail = format!("`{at}` has more than one primary value");
        return Err(ScimError::invalid_value(detail));
    }
    let kept = merge_same(attribute, kept);
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// Returns one element of a multi-valued attribute as it is stored.
pub(crate) fn conform_element(
    attribute: &Attribute,
    element: Value,
    at: &str,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    let element = dialect::coerce(attribute, false, element, dialect);
    conform_one(attribute, element, at, dialect)
}

fn conform_one(
    attribute: &Attribute,
    value: Value,
    at: &str,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    let refused = |what: &str| Err(ScimError::invalid_value(format!("`{at}` is not {what}")));
    match (attribute.data_type, value) {
        (_, Value::Null) => Ok(None),
        (AttributeType::Complex, Value::Object(members)) => conform_complex(attribute, members, at, dialect),
        (AttributeType::Complex, _) => refused("an object"),
        (AttributeType::Boolean, value @ Value::Bool(_)) => Ok(Some(value)),
        (AttributeType::Boolean, _) => refused("a boolean"),
        (AttributeType::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(Some(Value::Number(number)))
        }
        (AttributeType::Integer, _) => refused("an integer"),
        (AttributeType::Decimal, value @ Value::Number(_)) => Ok(Some(value)),
        (AttributeType::Decimal, _) => refused("a number"),
        (AttributeType::DateTime, Value::String(text)) => {
            // Tolerant: the value is returned as it was sent, whatever calendar it was written in.
            let taken = dialect.takes(Habit::AnyDateTime) || Instant::parse(&text).is_some();
            if taken { Ok(Some(Value::String(text))) } else { refused("a dateTime") }
        }
        (_, value @ Value::String(_)) => Ok(Some(value)),
        _ => refused("a string"),
    }
}

fn conform_complex(
    attribute: &Attribute,
    members: Map<String, Value>,
    at: &str,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    let mut kept = Map::new();
    for (key, value) in members {
        let Some(sub) = dialect::sub_attribute(attribute, &key, dialect) else {
            if dialect.takes(Habit::UnknownAttributes) {
                continue;
            }
            return Err(ScimError::invalid_syntax(format!("`{at}` has no sub-attribute `{key}`")));
        };
        // An alias is never used if the attribute's own name is there as well.
        if kept.contains_key(&sub.name) && !sub.is(&key) {
            continue;
        }
        if let Some(value) = conform_sub(attribute, sub, value, &format!("{at}.{}", sub.name), dialect)? {
            kept.insert(sub.name.clone(), value);
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// Returns the value of a sub-attribute as it is stored; None if it is unassigned.
pub(crate) fn conform_sub(
    attribute: &Attribute,
    sub: &Attribute,
    value: Value,
    at: &str,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    let value = conform(sub, value, at, dialect)?;
    match value {
        Some(value) if dialect::is_misplaced_json(attribute, sub, &value) => {
            Err(ScimError::invalid_value(format!("`{at}` is the text of a whole element")))
        }
        value => Ok(value),
    }
}

/// Returns the value of an undeclared attribute, without what is null or empty (RFC 7643 s2.5); None if nothing is
/// left.
pub(crate) fn without_unassigned(value: Value, dialect: Dialect) -> Option<Value> {
    match value {
        value if dialect::is_no_value(&value, dialect) => None,
        Value::Array(elements) => {
            let kept = elements.into_iter().filter_map(|element| without_unassigned(element, dialect));
            let kept: Vec<Value> = kept.collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(members) => {
            let kept = |(key, value)| without_unassigned(value, dialect).map(|value| (key, value));
            let kept = object(members.into_iter().filter_map(kept));
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other),
    }
}

/// Returns whether the value is assigned (RFC 7643 s2.5: null and an empty array are not).
pub(crate) fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_assigned),
        Value::Object(members) => members.values().any(is_assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::conform;
    use crate::schema::Attribute;
    use crate::{Dialect, ScimError};

    #[test]
    fn a_date_time_that_is_not_one_is_stored_as_it_was_sent_and_refused_by_the_strict_dialect() {
        let hired = json!({"name": "hired", "type": "dateTime", "multiValued": false, "mutability": "readWrite", "returned": "default"});
        let hired: Attribute = serde_json::from_value(hired).unwrap();
        let read = |value: &str, dialect| conform(&hired, value.into(), "hired", dialect);
        for value in ["2026-01-31T10:00:00Z", "1/31/2026 10:00:00 AM", "20260131100000.0Z", "soon"] {
            assert_eq!(read(value, Dialect::TOLERANT), Ok(Some(Value::from(value))));
        }
        assert_eq!(
            read("2026-01-31T10:00:00Z", Dialect::STRICT),
            Ok(Some(Value::from("2026-01-31T10:00:00Z")))
        );
        let refused = ScimError::invalid_value("`hired` is not a dateTime");
        assert_eq!(read("1/31/2026 10:00:00 AM", Dialect::STRICT), Err(refused));
    }
}
