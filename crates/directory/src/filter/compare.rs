//! The comparison of two values, as SQL.

use scim::{CompareOp, Operand};

/// The type of value that a comparison applies to, if no schema declares it.
#[derive(Clone, Copy)]
pub(super) enum ValueType {
    Text,
    Boolean,
    Number,
}

impl ValueType {
    /// Returns the condition that a value has the type: SQLite orders values of different types and takes `true` for
    /// 1, but a filter does neither.
    pub(super) fn condition(self, json_type: &str) -> String {
        match self {
            ValueType::Text => format!("{json_type} = 'text' AND "),
            ValueType::Boolean => format!("{json_type} IN ('true', 'false') AND "),
            ValueType::Number => format!("{json_type} IN ('integer', 'real') AND "),
        }
    }
}

/// Compares texts byte by byte: `length` and `substr` stop at a NUL in a text.
pub(super) fn texts(value: &str, op: CompareOp, other: &str) -> String {
    match op {
        // Not LIKE, because D1 limits its patterns to 50 bytes.
        CompareOp::Co => format!("instr({value}, {other}) > 0"),
        CompareOp::Sw => format!("instr({value}, {other}) = 1"),
        CompareOp::Ew => {
            format!("substr(CAST({value} AS BLOB), -octet_length({other})) = CAST({other} AS BLOB)")
        }
        op => format!("{value} {} {other}", symbol(op)),
    }
}

/// Selects texts with that beginning as a range, which an index can search: up to the beginning followed by a byte
/// that is greater than any byte of UTF-8.
pub(super) fn range(value: &str, start: &str) -> String {
    format!("({value} >= {start} AND {value} < {start} || CAST(x'FF' AS TEXT))")
}

/// Compares numbers. Those of a filter are doubles, so those of a document are compared as doubles too.
pub(super) fn numbers(value: &str, op: CompareOp, other: &str) -> String {
    format!("CAST({value} AS REAL) {} {other}", symbol(op))
}

/// Compares times. A text that is not a time is kept as it was sent, and SQLite sorts texts after all numbers.
pub(super) fn instants(value: &str, op: CompareOp, other: &str) -> String {
    match op {
        CompareOp::Gt => format!("{value} BETWEEN {other} + 1 AND 9e999"),
        CompareOp::Ge => format!("{value} BETWEEN {other} AND 9e999"),
        op => format!("{value} {} {other}", symbol(op)),
    }
}

fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Ne => "<>",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Eq | CompareOp::Co | CompareOp::Sw | CompareOp::Ew => "=",
    }
}

/// Returns the text in the form in which the column or JSON has it.
pub(super) fn text(operand: &Operand) -> &str {
    match operand {
        Operand::Text { exact, case_exact: true, .. } => exact,
        Operand::Text { folded, .. } => folded,
        _ => "",
    }
}
