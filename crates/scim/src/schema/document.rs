//! A schema document (RFC 7643 s7).

use serde::Deserialize;
use serde_json::Value;

use super::Attribute;

/// A schema: the JSON as `/Schemas` shows it, and its attributes as the code uses them.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What the schema is for.
    pub description: String,
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// The document as it stands in its file.
    pub json: Value,
}

#[derive(Deserialize)]
struct Parsed {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    attributes: Vec<Attribute>,
}

impl Schema {
    /// Parses a document.
    ///
    /// # Errors
    /// If it is not a schema document; the error names the place in it.
    pub fn parse(text: &str) -> Result<Schema, serde_json::Error> {
        let Parsed { id, name, description, attributes } = serde_json::from_str(text)?;
        Ok(Schema { id, name, description, attributes, json: serde_json::from_str(text)? })
    }

    /// Returns the attribute of that name, whatever its letter case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.is(name))
    }

    /// Returns whether `urn` is this schema's. URNs are compared without case (RFC 7644 s3.10).
    pub fn is(&self, urn: &str) -> bool {
        self.id.eq_ignore_ascii_case(urn)
    }
}
