//! What is stored for an attribute that the client does not send. RFC 7643 s7 has no place for defaults in a schema,
//! but RFC 7644 s3.3 and s3.5.1 let a server assign them.

use serde_json::Value;

use super::Document;
use crate::{Kind, ScimError};

/// `active`: RFC 7643 s4.1.1 leaves its meaning to the server. A new user is active, unless the client says
/// otherwise; one without the attribute would be found by neither `active eq true` nor `active eq false`.
const DEFAULTS: [(&str, &str, Value); 1] = [("User", "active", Value::Bool(true))];

fn defaults(kind: Kind) -> impl Iterator<Item = (&'static str, Value)> {
    DEFAULTS.into_iter().filter(move |(of, ..)| *of == kind.name()).map(|(_, name, value)| (name, value))
}

impl Document {
    /// Gives a new resource the defaults of the attributes that its POST leaves out.
    ///
    /// # Errors
    /// 400 if it then has more attributes than are kept.
    pub(crate) fn add_defaults(&mut self, kind: Kind) -> Result<(), ScimError> {
        for (name, value) in defaults(kind) {
            self.0.entry(name).or_insert(value);
        }
        self.check_sizes()
    }

    /// Keeps the stored values of attributes that have a default and that a PUT leaves out. A PUT that assigned the
    /// default again would enable users that another request has disabled.
    pub fn keep_defaulted(&mut self, kind: Kind, stored: &Document) {
        for (name, _) in defaults(kind) {
            if let Some(value) = stored.0.get(name) {
                self.0.entry(name).or_insert_with(|| value.clone());
            }
        }
    }
}
