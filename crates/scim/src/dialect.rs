//! What clients send against the RFC, and how it is read. No other file knows of it.
//!
//! Each function here answers for one habit and is asked at the place
//! where the RFC's own rule would refuse. Under [`Dialect::Strict`] every one of them declines, and the RFC's
//! rule stands.

use serde_json::{Map, Value, json};

use crate::filter::{CompareOp, Field, Literal, Operand, Predicate};
use crate::schema::{Attribute, AttributeType, ResourceType, Schema};

/// How much of the clients' habits is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// What Entra, Okta, OneLogin, JumpCloud and others are known to send is read as they mean it.
    #[default]
    Tolerant,
    /// The RFC to the letter.
    Strict,
}

impl Dialect {
    /// Whether the habits are taken.
    pub fn is_tolerant(self) -> bool {
        self == Dialect::Tolerant
    }
}

/// Entra capitalises `op` (`"Replace"`) unless `aadOptscim062020` is set.
pub(crate) fn operation_name(op: &str, dialect: Dialect) -> String {
    if dialect.is_tolerant() { op.to_ascii_lowercase() } else { op.to_string() }
}

/// Entra names `manager` without its schema; the name is unambiguous, so it is taken.
pub(crate) fn unqualified<'r>(
    of: &'r ResourceType,
    name: &str,
    dialect: Dialect,
) -> Option<(Option<&'r Schema>, &'r Attribute)> {
    if !dialect.is_tolerant() {
        return None;
    }
    let found = |schema: &'r Schema| schema.attribute(name).map(|attribute| (Some(schema), attribute));
    of.extensions.iter().find_map(found)
}

/// Entra's newer mapping of roles writes `displayName` for `display`.
pub(crate) fn sub_attribute<'r>(
    attribute: &'r Attribute,
    name: &str,
    dialect: Dialect,
) -> Option<&'r Attribute> {
    let alias = || {
        let meant = dialect.is_tolerant() && name.eq_ignore_ascii_case("displayName");
        meant.then(|| attribute.sub_attribute("display")).flatten()
    };
    attribute.sub_attribute(name).or_else(alias)
}

/// `externalId eq jyoung`: Microsoft's documents and collection leave the quotes out, and so do the examples of
/// RFC 9865. A word, or a number, is text where the attribute is.
pub(crate) fn unquoted_text(kind: AttributeType, value: &Literal, dialect: Dialect) -> Literal {
    let takes_text =
        matches!(kind, AttributeType::String | AttributeType::Reference | AttributeType::DateTime);
    match value {
        Literal::Word(word) if takes_text && is_text(word, dialect) => Literal::String(word.clone()),
        Literal::Number(..) | Literal::Boolean(_)
            if kind == AttributeType::String && dialect.is_tolerant() =>
        {
            Literal::String(value.to_string())
        }
        other => other.clone(),
    }
}

/// Whether a word without quotes is taken as text. One in the wrong quotes is a mistake that would match nothing.
pub(crate) fn is_text(word: &str, dialect: Dialect) -> bool {
    dialect.is_tolerant() && !word.starts_with('\'')
}

/// `roles[primary eq "True"]`: Entra quotes booleans in filters.
pub(crate) fn boolean_literal(value: &Literal, dialect: Dialect) -> Option<bool> {
    match value {
        Literal::Boolean(value) => Some(*value),
        Literal::String(text) if dialect.is_tolerant() => boolean(text),
        _ => None,
    }
}

/// A value that is not of its attribute's type, in the type that its sender means; unchanged where none is
/// meant.
///
/// * Entra and the SCIM validator send booleans as text, `"False"`, and so would they numbers.
/// * The validator wraps single values in an array; OneLogin sends a single element without its array.
/// * Entra sends `manager` and members as the bare id. Any complex attribute with a `value` is read so.
/// * An empty text is no value: Entra and its gallery test clear attributes with `""`.
pub(crate) fn coerce(attribute: &Attribute, multi_valued: bool, value: Value, dialect: Dialect) -> Value {
    if !dialect.is_tolerant() {
        return value;
    }
    match value {
        value if is_no_value(&value, dialect) => Value::Null,
        Value::Array(_) if multi_valued => value,
        value if multi_valued => Value::Array(vec![value]),
        Value::Array(mut elements) if elements.len() < 2 => {
            coerce(attribute, false, elements.pop().unwrap_or(Value::Null), dialect)
        }
        Value::String(text) => coerce_text(attribute, text),
        Value::Object(members) => Value::Object(with_value_of_reference(attribute, members)),
        other => other,
    }
}

/// A reference that has a `$ref` alone is to the resource whose id its URL ends with.
fn with_value_of_reference(attribute: &Attribute, mut members: Map<String, Value>) -> Map<String, Value> {
    let is_reference =
        attribute.sub_attribute("$ref").is_some() && attribute.sub_attribute("value").is_some();
    if is_reference && !members.keys().any(|key| key.eq_ignore_ascii_case("value")) {
        let url = members.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let id = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_string();
        if !id.is_empty() {
            members.insert("value".into(), id.into());
        }
    }
    members
}

/// Whether the value says that there is none: `null`, and the `""` of Entra and its gallery test.
pub(crate) fn is_no_value(value: &Value, dialect: Dialect) -> bool {
    value.is_null() || dialect.is_tolerant() && value.as_str() == Some("")
}

/// What a remove lists in its `value`: Entra and JumpCloud name the members and elements that are to go
/// (Entra, JumpCloud). RFC 7644 s3.5.2.2 knows no value there, and a reading that ignored it would empty the
/// group.
pub(crate) fn listed_for_removal(value: Option<Value>, dialect: Dialect) -> Option<Value> {
    value.filter(|value| dialect.is_tolerant() && !value.is_null())
}

fn coerce_text(attribute: &Attribute, text: String) -> Value {
    let read = match attribute.kind {
        AttributeType::Boolean => boolean(&text).map(Value::Bool),
        AttributeType::Integer => text.parse::<i64>().ok().map(Value::from),
        AttributeType::Decimal => serde_json::from_str::<f64>(&text).ok().map(Value::from),
        AttributeType::Complex if attribute.sub_attribute("value").is_some() => {
            return json!({"value": text});
        }
        _ => None,
    };
    read.unwrap_or(Value::String(text))
}

fn boolean(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, value)| value)
}

/// The element that a value path is to create when it selects none: `emails[type eq "work"].value` on a user
/// without a work e-mail (RFC 7644 s3.5.2.3 says noTarget; Entra loses the whole PATCH then).
///
/// None where the filter does not say what the element would look like, or nothing could look so.
pub(crate) fn element_for(filter: &Predicate<'_>, dialect: Dialect) -> Option<Map<String, Value>> {
    if !dialect.is_tolerant() {
        return None;
    }
    let mut element = Map::new();
    let says_all = describe(filter, &mut element) && filter.matches(&Value::Object(element.clone()));
    says_all.then_some(element)
}

fn describe(filter: &Predicate<'_>, element: &mut Map<String, Value>) -> bool {
    match filter {
        Predicate::And(terms) => terms.iter().all(|term| describe(term, element)),
        Predicate::Compare { field: Field::Sub(sub), op: CompareOp::Eq, operand } => {
            let value = match operand {
                // An empty text is no value, so no element has it.
                Operand::Text { exact, .. } if exact.is_empty() => return false,
                Operand::Text { exact, .. } => exact.clone().into(),
                Operand::Boolean(value) => (*value).into(),
                Operand::Number(value) if sub.kind == AttributeType::Integer => (*value as i64).into(),
                Operand::Number(value) => (*value).into(),
                Operand::Instant(instant) => instant.to_rfc3339().into(),
            };
            element.insert(sub.name.clone(), value);
            true
        }
        _ => false,
    }
}

/// Takes a sub-attribute from a complex value, and with `value` all that was said of it: Entra clears
/// `phoneNumbers[type eq "mobile"].value` and means the number.
pub(crate) fn clear(complex: &mut Map<String, Value>, sub: &Attribute, dialect: Dialect) {
    complex.remove(&sub.name);
    if dialect.is_tolerant() && sub.is("value") {
        complex.retain(|key, _| tells_apart(key));
    }
}

/// Whether an element says nothing but which one it is. One that was cleared so far is meant to go.
pub(crate) fn is_husk(element: &Value, dialect: Dialect) -> bool {
    dialect.is_tolerant()
        && element.as_object().is_some_and(|element| element.keys().all(|key| tells_apart(key)))
}

fn tells_apart(key: &str) -> bool {
    key == "type" || key == "primary"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Dialect, coerce};
    use crate::Attribute;

    #[test]
    fn a_text_is_a_decimal_if_it_is_a_number_of_json_and_nothing_else_is_made_of_it() {
        let decimal = json!({
            "name": "weight", "type": "decimal", "multiValued": false, "mutability": "readWrite", "returned": "default"
        });
        let decimal: Attribute = serde_json::from_value(decimal).unwrap();
        let read = |text: &str| coerce(&decimal, false, text.into(), Dialect::Tolerant);
        for (text, number) in [("1.5", 1.5), ("-2", -2.0), ("1e3", 1000.0)] {
            assert_eq!(read(text), Value::from(number));
        }
        for text in ["NaN", "inf", "heavy", "1,5"] {
            assert_eq!(read(text), text);
        }
    }
}
