//! Filters (RFC 7644 s3.4.2.2): from text to a syntax tree, checked against a schema, evaluated in memory.
//!
//! The way is text -> [`Filter`] (`parser`) -> [`Predicate`] (`check`). A predicate is what `directory` turns
//! into SQL and what a PATCH value path is matched with (`matches`).

mod check;
mod lexer;
mod matches;
mod parser;
mod predicate;
mod syntax;

pub(crate) use check::{check, check_element, sort_field};
pub(crate) use parser::{ValuePath, parse_value_path};
pub use predicate::{Field, Operand, Predicate};
pub use syntax::{CompareOp, Filter, Literal};
