//! How the values in filters are read, and what a value path creates.

use serde_json::{Map, Value};

use super::values::boolean;
use super::{Dialect, Habit};
use crate::filter::{CompareOp, Field, Literal, Operand, Predicate};
use crate::schema::AttributeType;

/// Returns text for a value without quotes, if the attribute is text. Microsoft's documents and collection omit the
/// quotes (`externalId eq jyoung`), and so do the examples of RFC 9865.
pub(crate) fn unquoted_text(data_type: AttributeType, value: &Literal, dialect: Dialect) -> Literal {
    let takes_text =
        matches!(data_type, AttributeType::String | AttributeType::Reference | AttributeType::DateTime);
    match value {
        Literal::Word(word) if takes_text && is_text(word, dialect) => Literal::String(word.clone()),
        Literal::Number(..) | Literal::Boolean(_)
            if data_type == AttributeType::String && dialect.takes(Habit::UnquotedText) =>
        {
            Literal::String(value.to_string())
        }
        other => other.clone(),
    }
}

/// Returns whether a word without quotes is taken as text. One that begins with another quote (`'x'`, curly or
/// angular ones) or with an encoded one (`%22x%22`, `&quot;x&quot;`) is a mistake that would match nothing, and a
/// client that finds nothing creates a second user.
pub(crate) fn is_text(word: &str, dialect: Dialect) -> bool {
    let begins_text = |first: char| first.is_alphanumeric() || "_-+./@#~*".contains(first);
    dialect.takes(Habit::UnquotedText) && word.starts_with(begins_text)
}

/// Reads a boolean that may be quoted: Entra sends `roles[primary eq "True"]`.
pub(crate) fn boolean_literal(value: &Literal, dialect: Dialect) -> Option<bool> {
    match value {
        Literal::Boolean(value) => Some(*value),
        Literal::String(text) if dialect.takes(Habit::QuotedBoolean) => boolean(text),
        _ => None,
    }
}

/// Returns the element that a value path creates when it selects none: `emails[type eq "work"].value` on a user
/// without a work e-mail (RFC 7644 s3.5.2.3 demands noTarget, with which Entra would lose the whole PATCH).
///
/// None if the filter does not say what the element would look like, or contradicts itself.
pub(crate) fn element_for(filter: &Predicate<'_>, dialect: Dialect) -> Option<Map<String, Value>> {
    if !dialect.takes(Habit::CreatedByFilter) {
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
                // An empty text is not a value, so no element has it.
                Operand::Text { exact, .. } if exact.is_empty() => return false,
                Operand::Text { exact, .. } => exact.clone().into(),
                Operand::Boolean(value) => (*value).into(),
                Operand::Number(value) if sub.data_type == AttributeType::Integer => (*value as i64).into(),
                Operand::Number(value) => (*value).into(),
                Operand::Instant(instant) => instant.to_rfc3339().into(),
            };
            element.insert(sub.name.clone(), value);
            true
        }
        _ => false,
    }
}
