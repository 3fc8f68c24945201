//! The document as filters compare it: text is folded if the attribute is not caseExact, and times are numbers.
//! Undeclared names are folded as well, since a filter may write them in any letter case.
//!
//! It is written from the document itself, without copying a large one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use scim::{Attribute, AttributeType, Instant, ResourceType, fold};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// A document to be written in that form.
pub(crate) struct Searchable<'a> {
    pub of: &'a ResourceType,
    pub document: &'a Map<String, Value>,
}

impl Serialize for Searchable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.document.iter().map(|(name, value)| {
            match (self.of.attribute(name), self.of.extension(name), value) {
                (Some(attribute), _, value) => (Cow::Borrowed(name.as_str()), Part::Of(attribute, value)),
                (None, Some(schema), Value::Object(attributes)) => {
                    (Cow::Borrowed(name.as_str()), Part::Extension(schema, attributes))
                }
                (None, _, value) => (Cow::Owned(name.to_ascii_lowercase()), Part::Undeclared(value)),
            }
        });
        write(serializer, entries)
    }
}

/// A part of a document.
enum Part<'a> {
    /// An attribute's value, or a part of it.
    Of(&'a Attribute, &'a Value),
    /// The attributes of an extension.
    Extension(&'a scim::Schema, &'a Map<String, Value>),
    /// A value that no schema declares.
    Undeclared(&'a Value),
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Part::Extension(schema, attributes) => {
                let entries = attributes.iter().filter_map(|(name, value)| {
                    let attribute = schema.attribute(name)?;
                    Some((Cow::Borrowed(attribute.name.as_str()), Part::Of(attribute, value)))
                });
                write(serializer, entries)
            }
            Part::Of(attribute, Value::Array(elements)) => {
                serializer.collect_seq(elements.iter().map(|element| Part::Of(attribute, element)))
            }
            Part::Of(attribute, Value::Object(members)) => {
                let entries = members.iter().filter_map(|(name, value)| {
                    let sub = attribute.sub_attribute(name)?;
                    Some((Cow::Borrowed(name.as_str()), Part::Of(sub, value)))
                });
                write(serializer, entries)
            }
            // A text that is not a time is written all the same, so that `pr` finds it.
            Part::Of(attribute, Value::String(text)) if attribute.data_type == AttributeType::DateTime => {
                match Instant::parse(text) {
                    Some(instant) => serializer.serialize_i64(instant.0),
                    None => serializer.serialize_str(text),
                }
            }
            Part::Of(attribute, Value::String(text)) if !attribute.case_exact => {
                serializer.serialize_str(&fold(text))
            }
            Part::Of(_, other) => other.serialize(serializer),
            Part::Undeclared(Value::Array(elements)) => {
                serializer.collect_seq(elements.iter().map(Part::Undeclared))
            }
            Part::Undeclared(Value::Object(members)) => {
                let entries = members.iter();
                let entries =
                    entries.map(|(name, value)| (name.to_ascii_lowercase().into(), Part::Undeclared(value)));
                write(serializer, entries)
            }
            Part::Undeclared(Value::String(text)) => serializer.serialize_str(&fold(text)),
            Part::Undeclared(other) => other.serialize(serializer),
        }
    }
}

/// Writes an object. Of names that differ only in letter case, the first counts, as it does for [`scim::Predicate`].
fn write<'a, S: Serializer>(
    serializer: S,
    entries: impl Iterator<Item = (Cow<'a, str>, Part<'a>)>,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let mut names = BTreeSet::new();
    for (name, part) in entries {
        if !names.contains(&name) {
            map.serialize_entry(&name, &part)?;
            names.insert(name);
        }
    }
    map.end()
}
