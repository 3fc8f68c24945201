//! One value against another, as SQL.

use scim::{CompareOp, Operand};

/// What kind of value is asked for, where no schema has settled it.
#[derive(Clone, Copy)]
pub(super) enum ValueType {
    Text,
    Boolean,
    Number,
}

impl ValueType {
    /// SQLite orders values of different types and takes `true` for 1; a filter does not.
    pub(super) fn condition(self, json_type: &str) -> String {
        match self {
            ValueType::Text => format!("{json_type} = 'text' AND "),
            ValueType::Boolean => format!("{json_type} IN ('true', 'false') AND "),
            ValueType::Number => format!("{json_type} IN ('integer', 'real') AND "),
        }
    }
}

/// Texts, byte by byte: `length` and `substr` stop at a NUL in a text.
pub(super) fn texts(value: &str, op: CompareOp, other: &str) -> String {
    match op {
        // Not LIKE, whose patterns D1 limits to 50 bytes.
        CompareOp::Co => format!("instr({value}, {other}) > 0"),
        CompareOp::Sw => format!("instr({value}, {other}) = 1"),
        CompareOp::Ew => {
            format!("substr(CAST({value} AS BLOB), -octet_length({other})) = CAST({other} AS BLOB)")
        }
        op => format!("{value} {} {other}", symbol(op)),
    }
}

/// Texts that begin so, as a range that an index has: up to what begins so and goes on with a byte greater than all of
/// UTF-8 has.
pub(super) fn range(value: &str, start: &str) -> String {
    format!("({value} >= {start} AND {value} < {start} || CAST(x'FF' AS TEXT))")
}

/// Numbers. A filter's are doubles, so that those of a document are compared as doubles too.
pub(super) fn numbers(value: &str, op: CompareOp, other: &str) -> String {
    format!("CAST({value} AS REAL) {} {other}", symbol(op))
}

/// Times. A text that is not a time is kept as it was sent, and SQLite puts texts after all numbers.
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
