//! A predicate evaluated in memory. `directory` answers the same question in SQL.

use serde_json::Value;

use super::predicate::{Field, Operand, Predicate};
use super::syntax::CompareOp;
use crate::{Instant, fold, object};

impl Predicate<'_> {
    /// Returns whether the predicate holds for `scope`: a document, or an element if the predicate belongs to a value
    /// path.
    pub fn matches(&self, scope: &Value) -> bool {
        match self {
            Predicate::And(terms) => terms.iter().all(|term| term.matches(scope)),
            Predicate::Or(terms) => terms.iter().any(|term| term.matches(scope)),
            Predicate::Not(term) => !term.matches(scope),
            Predicate::Present { field } => some_value(field, scope, is_present),
            Predicate::Compare { field, op, operand } => {
                some_value(field, scope, |value| compares(value, *op, operand))
            }
            Predicate::Element { extension, attribute, filter } => {
                let field = Field::Declared { extension: *extension, attribute, sub: None };
                some_value(&field, scope, |element| filter.matches(element))
            }
        }
    }
}

/// Returns whether `holds` is true for some value that the field has in `scope`; the values of a multi-valued
/// attribute are asked one by one.
fn some_value(field: &Field<'_>, scope: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    match field {
        Field::Itself(_) => holds(scope),
        Field::Sub(sub) => scope.get(&sub.name).is_some_and(holds),
        Field::Declared { extension, attribute, sub } => {
            let scope = match extension {
                Some(schema) => scope.get(&schema.id),
                None => Some(scope),
            };
            let value = scope.and_then(|scope| scope.get(&attribute.name));
            let pick = |element| match sub {
                Some(sub) => Value::get(element, &sub.name),
                None => Some(element),
            };
            each(value).iter().filter_map(pick).any(holds)
        }
        Field::Undeclared { urn, name, sub } => {
            let value = member(scope, urn).and_then(|extension| member(extension, name));
            let pick = |element| match sub {
                Some(sub) => member(element, sub),
                None => Some(element),
            };
            each(value).iter().filter_map(pick).any(holds)
        }
    }
}

fn each(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}

/// Returns the member of that name: so an undeclared attribute is found.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    object::member(value.as_object()?, name)
}

/// Returns whether the value is present (RFC 7644 table 3, `pr`: non-empty, or containing a non-empty node).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(value: &Value, op: CompareOp, operand: &Operand) -> bool {
    match (value, operand) {
        (Value::String(text), Operand::Text { exact, case_exact: true, .. }) => {
            text_compares(text, op, exact)
        }
        (Value::String(text), Operand::Text { folded, case_exact: false, .. })
            if op == CompareOp::Eq && text.is_ascii() && folded.is_ascii() =>
        {
            text.eq_ignore_ascii_case(folded)
        }
        (Value::String(text), Operand::Text { folded, case_exact: false, .. }) => {
            text_compares(&fold(text), op, folded)
        }
        (Value::Bool(value), Operand::Boolean(other)) => op == CompareOp::Eq && value == other,
        (Value::Number(value), Operand::Number(other)) => {
            value.as_f64().and_then(|value| value.partial_cmp(other)).is_some_and(|order| op_takes(op, order))
        }
        (Value::String(text), Operand::Instant(other)) => {
            Instant::parse(text).is_some_and(|value| op_takes(op, value.cmp(other)))
        }
        _ => false,
    }
}

fn text_compares(text: &str, op: CompareOp, other: &str) -> bool {
    match op {
        CompareOp::Co => text.contains(other),
        CompareOp::Sw => text.starts_with(other),
        CompareOp::Ew => text.ends_with(other),
        op => op_takes(op, text.cmp(other)),
    }
}

fn op_takes(op: CompareOp, order: std::cmp::Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}
