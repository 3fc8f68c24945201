//! A checked filter as SQL.
//!
//! The condition is about the row `r` of `resources`. It is made of fixed pieces only: what the filter says,
//! JSON paths included, goes into one JSON array that is bound as `?3`, so that neither the number nor the size
//! of the values meets a limit of D1 (100 parameters a statement). `?1` is the tenant.
//!
//! `field` says where an attribute's values are, `condition` what is asked of them.

mod condition;
mod field;

use scim::{Kind, Predicate, ScimError};
use serde_json::Value;

use crate::Param;

/// A condition on `r`, and the values that it speaks of.
pub(crate) struct Selection {
    pub condition: String,
    literals: Vec<Value>,
}

/// D1 takes statements of 100,000 bytes; the condition stands in them twice at most, with little around it.
const LONGEST: usize = 90_000;

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
        self.0.push(value.into());
        format!("json_extract(?3, '$[{}]')", self.0.len() - 1)
    }

    /// The SELECT that gives the values.
    fn several(&mut self, values: Vec<String>) -> String {
        self.0.push(values.into());
        format!("SELECT value FROM json_each(?3, '$[{}]')", self.0.len() - 1)
    }

    /// The expression that gives the JSON path of these keys, one within the other.
    fn path(&mut self, keys: &[&str]) -> String {
        let path: String = keys.iter().flat_map(|key| [".\"", key, "\""]).collect();
        self.one(format!("${path}"))
    }
}
