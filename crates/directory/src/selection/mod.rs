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

use scim::{Kind, Predicate, ScimError};
use serde_json::Value;

use crate::Param;

/// A condition on `r`, and the values that it speaks of.
pub(crate) struct Selection {
    pub condition: String,
    literals: Vec<Value>,
}

/// D1 takes statements of 100,000 bytes; the condition stands in each once, with little around it.
const LONGEST: usize = 98_000;

impl Selection {
    /// Turns a filter into SQL.
    ///
    /// # Errors
    /// `tooMany` where the filter is larger than D1 takes.
    pub(crate) fn new(kind: Kind, filter: &Predicate<'_>) -> Result<Selection, ScimError> {
        let mut literals = Literals::default();
        let condition = condition::condition(kind, filter, &mut literals);
        if condition.len() > LONGEST {
            return Err(ScimError::too_many("the filter has more terms than one query can hold"));
        }
        Ok(Selection { condition, literals: literals.0 })
    }

    /// The parameter `?3`.
    pub(crate) fn literals(&self) -> Param {
        Value::Array(self.literals.clone()).to_string().into()
    }
}

/// The values of a filter, in the order in which the condition speaks of them.
#[derive(Default)]
struct Literals(Vec<Value>);

impl Literals {
    /// The expression that gives the value.
    fn one(&mut self, value: impl Into<Value>) -> String {
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
