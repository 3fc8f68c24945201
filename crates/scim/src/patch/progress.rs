//! What a PATCH has done so far, for the later operations that depend on it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::add_sub;
use crate::{ScimError, limits};

/// What a request has done so far, for the later operations that depend on it.
#[derive(Default)]
pub(super) struct Progress {
    /// The bytes that it wrote by setting one value in several elements, so that a small request on a large document
    /// does not become a large one.
    copied: usize,
    /// The attributes whose last element it began with a sub-attribute alone, each by the URN of its extension and
    /// its name.
    begun: BTreeSet<(String, String)>,
}

impl Progress {
    /// Adds a sub-attribute when the request does not say to which element of the attribute it belongs.
    pub(super) fn add_sub(
        &mut self,
        attribute: (&str, &str),
        elements: &mut Vec<Value>,
        sub: &str,
        value: Value,
    ) -> Option<usize> {
        let key = key(attribute);
        let index = add_sub(elements, sub, value, self.begun.contains(&key));
        if index.is_some() {
            self.begun.insert(key);
        }
        index
    }

    /// Notes that the attribute was changed as a whole: its last element may no longer be the one that was begun.
    pub(super) fn end(&mut self, attribute: (&str, &str)) {
        self.begun.remove(&key(attribute));
    }

    /// Counts a value that is set that many times.
    pub(super) fn copy(&mut self, value: Option<&Value>, times: usize) -> Result<(), ScimError> {
        if times > 1 {
            let bytes = value.map_or(0, weight).saturating_mul(times);
            self.copied = self.copied.saturating_add(bytes);
        }
        if self.copied <= limits::PATCH_COPIES {
            return Ok(());
        }
        let most = limits::PATCH_COPIES;
        Err(ScimError::too_many(format!("what is set in several values comes to more than {most} bytes")))
    }
}

/// Returns the URN of an extension, empty for none, and the name of an attribute in it, in one letter case.
fn key((urn, name): (&str, &str)) -> (String, String) {
    (urn.to_ascii_lowercase(), name.to_ascii_lowercase())
}

/// Returns about as many bytes as the value has as JSON, and for each object 64 more, as [`limits::weight`] counts
/// them.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(elements) => elements.iter().map(|element| weight(element) + 1).sum(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| key.len() + 4 + weight(value)).sum::<usize>().saturating_add(64)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
