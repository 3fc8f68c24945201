//! The syntax tree of a filter, and how it is printed.

use std::fmt;

use crate::path::AttrPath;

/// A filter as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them hold; two or more.
    And(Vec<Filter>),
    /// At least one of them holds; two or more.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// `path op value`.
    Compare {
        /// What is compared.
        path: AttrPath,
        /// The operator.
        op: CompareOp,
        /// The value.
        value: Literal,
    },
    /// `path pr`.
    Present {
        /// The attribute.
        path: AttrPath,
    },
    /// `path[filter]`: one element matches the whole filter.
    Element {
        /// The attribute that has the elements.
        path: AttrPath,
        /// What one of them must match.
        filter: Box<Filter>,
    },
}

/// The operators of RFC 7644 table 3, except `pr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl CompareOp {
    const ALL: [CompareOp; 9] = [
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Co,
        CompareOp::Sw,
        CompareOp::Ew,
        CompareOp::Gt,
        CompareOp::Ge,
        CompareOp::Lt,
        CompareOp::Le,
    ];

    /// Returns the operator as it is written; its letter case does not count.
    pub fn as_str(self) -> &'static str {
        match self {
            CompareOp::Eq => "eq",
            CompareOp::Ne => "ne",
            CompareOp::Co => "co",
            CompareOp::Sw => "sw",
            CompareOp::Ew => "ew",
            CompareOp::Gt => "gt",
            CompareOp::Ge => "ge",
            CompareOp::Lt => "lt",
            CompareOp::Le => "le",
        }
    }

    pub(super) fn parse(word: &str) -> Option<CompareOp> {
        CompareOp::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(word))
    }

    /// Returns whether the operator compares the order of two values.
    pub fn is_ordering(self) -> bool {
        matches!(self, CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le)
    }

    /// Returns whether the operator looks for a part of a text.
    pub fn is_substring(self) -> bool {
        matches!(self, CompareOp::Co | CompareOp::Sw | CompareOp::Ew)
    }
}

/// compValue of the grammar.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`: no value.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, and the text in which it was written, which is the value if the attribute is text.
    Number(f64, String),
    /// A JSON string.
    String(String),
    /// A word without quotes, which the grammar does not allow.
    Word(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => out.write_str("null"),
            Literal::Boolean(value) => write!(out, "{value}"),
            Literal::Number(_, word) | Literal::Word(word) => out.write_str(word),
            Literal::String(value) => write!(out, "{}", serde_json::Value::from(value.as_str())),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(terms) => {
                list(out, terms, " and ", |term| matches!(term, Filter::Or(_) | Filter::And(_)))
            }
            Filter::Or(terms) => list(out, terms, " or ", |term| matches!(term, Filter::Or(_))),
            Filter::Not(term) => write!(out, "not ({term})"),
            Filter::Compare { path, op, value } => write!(out, "{path} {} {value}", op.as_str()),
            Filter::Present { path } => write!(out, "{path} pr"),
            Filter::Element { path, filter } => write!(out, "{path}[{filter}]"),
        }
    }
}

fn list(
    out: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    between: &str,
    parenthesised: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        if at > 0 {
            out.write_str(between)?;
        }
        if parenthesised(term) {
            write!(out, "({term})")?;
        } else {
            write!(out, "{term}")?;
        }
    }
    Ok(())
}
