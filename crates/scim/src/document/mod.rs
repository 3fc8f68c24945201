//! What a client stores of a resource, in the form in which it is kept: attributes under the names of their schemas,
//! values of their types, nothing unassigned (RFC 7643 s2.5).
//!
//! Not in a document: `id`, `meta` and `schemas`, which the server keeps; `members` and `groups`, which are
//! memberships; `password`, which is not stored.
//!
//! `body` reads the bodies of POST and PUT; `conform` brings values into the form in which they are stored;
//! `elements` says which elements of a list are kept, `sameness` when two of them are the same, and `defaults` what is
//! stored for an attribute that the client does not send.

mod body;
mod conform;
mod defaults;
mod elements;
mod members;
mod sameness;

use serde_json::{Map, Value};

use crate::schema::{Attribute, Mutability, ResourceType};
use crate::urn::is_urn;
use crate::{ScimError, limits};

pub(crate) use body::read_body;
pub(crate) use conform::{conform, conform_element, conform_sub, is_assigned, without_unassigned};
pub(crate) use elements::{add_sub, drop_valueless};
pub(crate) use members::{is_members, member_ids};
pub(crate) use sameness::{add, is_primary, merge, only_primary, remove_listed};

/// Attributes by name; an extension's under its URN.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document(pub Map<String, Value>);

impl Document {
    /// Returns the text of a single-valued attribute of the resource's own schema.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Returns the URNs of the extensions that have values.
    pub fn extensions<'d>(&'d self, of: &'d ResourceType) -> impl Iterator<Item = &'d str> {
        self.0.keys().map(String::as_str).filter(|key| is_urn(key) && of.keeps(key))
    }

    /// Refuses a document with more attributes than are kept, or with an attribute of more values.
    pub(crate) fn check_sizes(&self) -> Result<(), ScimError> {
        let mut attributes = 0;
        for (name, value) in &self.0 {
            match value {
                // No name of an attribute has a colon.
                Value::Object(extension) if name.contains(':') => {
                    attributes += extension.len();
                    extension.iter().try_for_each(|(name, value)| check_values(name, value))?;
                }
                value => {
                    attributes += 1;
                    check_values(name, value)?;
                }
            }
        }
        if attributes > limits::ATTRIBUTES {
            let most = limits::ATTRIBUTES;
            let detail = format!("the resource has {attributes} attributes; at most {most} are kept");
            return Err(ScimError::too_many(detail));
        }
        Ok(())
    }

    /// Refuses a document with more JSON values than are read from one body.
    pub fn check_json(&self) -> Result<(), ScimError> {
        let (mut values, mut objects) = (0, 1);
        self.0.values().for_each(|value| count(value, &mut values, &mut objects));
        for (count, most, of) in
            [(values, limits::JSON_VALUES, "JSON values"), (objects, limits::JSON_OBJECTS, "JSON objects")]
        {
            if count > most {
                let detail = format!("the resource has {count} {of}; at most {most} are kept");
                return Err(ScimError::too_many(detail));
            }
        }
        Ok(())
    }

    /// Refuses a document that lacks an attribute which the schema requires.
    pub(crate) fn check_required(&self, of: &ResourceType) -> Result<(), ScimError> {
        for attribute in of.schema.attributes.iter().filter(|attribute| attribute.required) {
            let value = self.0.get(&attribute.name);
            if value.is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty())) {
                let (kind, name) = (of.kind.name(), &attribute.name);
                return Err(ScimError::invalid_value(format!("a {kind} needs a value for `{name}`")));
            }
        }
        Ok(())
    }

    /// Refuses to change an immutable attribute that has a value (RFC 7644 s3.5.1, s3.5.2).
    pub fn check_immutable(&self, of: &ResourceType, before: &Document) -> Result<(), ScimError> {
        check_immutable(of.attributes(), &before.0, &self.0)?;
        for schema in &of.extensions {
            let Some(Value::Object(before)) = before.0.get(&schema.id) else { continue };
            let empty = Map::new();
            let after = self.0.get(&schema.id).and_then(Value::as_object).unwrap_or(&empty);
            check_immutable(schema.attributes.iter(), before, after)?;
        }
        Ok(())
    }
}

fn check_immutable<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), ScimError> {
    for attribute in attributes.filter(|attribute| attribute.mutability == Mutability::Immutable) {
        let (before, after) = (before.get(&attribute.name), after.get(&attribute.name));
        if before.is_some() && before != after {
            return Err(ScimError::mutability(format!("`{}` is immutable and has a value", attribute.name)));
        }
    }
    Ok(())
}

/// Counts a value and those within it, and the objects among them.
fn count(value: &Value, values: &mut usize, objects: &mut usize) {
    *values += 1;
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| count(element, values, objects)),
        Value::Object(members) => {
            *objects += 1;
            members.values().for_each(|member| count(member, values, objects));
        }
        _ => {}
    }
}

fn check_values(name: &str, value: &Value) -> Result<(), ScimError> {
    let count = value.as_array().map_or(0, Vec::len);
    if count <= limits::ELEMENTS {
        return Ok(());
    }
    let detail = format!("`{name}` has {count} values; at most {} are kept", limits::ELEMENTS);
    Err(ScimError::invalid_value(detail))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Document;

    #[test]
    fn a_resource_has_as_many_values_as_a_body_and_no_more() {
        let check = |value: Value| {
            let Value::Object(document) = json!({"urn:x:y": value}) else { return Ok(()) };
            Document(document).check_json().map_err(|error| error.into_detail())
        };
        // The extension and the array are a value each, and the resource and the extension are objects.
        assert_eq!(check(json!({"a": vec![0; 50_998]})), Ok(()));
        assert_eq!(check(json!({"a": vec![json!({}); 25_998]})), Ok(()));
        for (value, detail) in [
            (json!({"a": vec![0; 50_999]}), "the resource has 51001 JSON values; at most 51000 are kept"),
            (
                json!({"a": vec![json!({}); 25_999]}),
                "the resource has 26001 JSON objects; at most 26000 are kept",
            ),
        ] {
            assert_eq!(check(value), Err(detail.to_string()));
        }
    }
}
