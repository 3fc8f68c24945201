//! A checked filter as SQL.
//!
//! The condition is about the row `r` of `resources`. It is made of fixed pieces only: what the filter says,
//! JSON paths included, goes into one JSON array that is bound as `?3`, so that neither the number nor the size
//! of the values meets a limit of D1 (100 parameters a statement). `?1` is the tenant.
//!
//! `field` says where an attribute's values are, `lookup` which of them an index leads to, `condition` what is
//! asked of them, `compare` how two values compare, `joined` how conditions become one.

mod compare;
mod condition;
mod field;
mod joined;
mod lookup;

use scim::{Field, Kind};
use serde_json::Value;

use crate::Param;
use field::{Elements, Source, source};

pub(crate) use condition::condition;

/// The value that the row `r` is sorted by: of a multi-valued attribute the primary one, else the first
/// (RFC 7644 s3.4.2.3).
pub(crate) fn sort_key(kind: Kind, field: &Field<'_>, literals: &mut Literals) -> String {
    match source(kind, field, Elements::Json, literals) {
        Source::Scalar(value) => value,
        Source::Rows { from, value, first, .. } => {
            format!("(SELECT {value} FROM {from}1 ORDER BY {first} LIMIT 1)")
        }
    }
}

/// The values that SQL speaks of, in the order in which it does: one JSON array, bound as `?3`.
#[derive(Default)]
pub(crate) struct Literals(Vec<Value>);

impl Literals {
    /// The parameter `?3`.
    pub(crate) fn into_param(self) -> Param {
        Value::Array(self.0).to_string().into()
    }

    /// The expression that gives the value.
    pub(crate) fn one(&mut self, value: impl Into<Value>) -> String {
        format!("(?3->>{})", self.place(value.into()))
    }

    /// The FROM that gives the values.
    fn several(&mut self, values: &[&str]) -> String {
        format!("json_each(?3->{})", self.place(values.into()))
    }

    /// The expression that gives the JSON path of these keys, one within the other.
    fn path(&mut self, keys: &[&str]) -> String {
        let keys = keys.iter().map(|key| format!(".{}", Value::from(*key)));
        self.one(format!("${}", keys.collect::<String>()))
    }

    /// Where the value is; a path that several comparisons take is there once.
    fn place(&mut self, value: Value) -> usize {
        let present = self.0.iter().position(|present| *present == value);
        present.unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() - 1
        })
    }
}
