//! The attributes of a resource type as the properties of a JSON schema.

use serde_json::{Map, Value, json};

use crate::ScimError;
use crate::schema::{COMMON, ResourceType, Schema};

/// The properties of a resource: the common attributes, those of its own schema, and its extensions.
pub(super) fn properties(of: &ResourceType) -> Result<Map<String, Value>, ScimError> {
    let common = super::parse(COMMON)?;
    let mut properties = Map::new();
    add_all(&mut properties, Some(&common));
    add_all(&mut properties, of.schema.json.get("attributes"));
    // The server keeps `schemas`, but a client sends it (RFC 7643 s3).
    let schemas = json!({"type": "array", "items": {"type": "string"}, "examples": [[of.schema.id]]});
    properties.insert("schemas".into(), schemas);
    for extension in &of.extensions {
        properties.insert(extension.id.clone(), object(extension));
    }
    Ok(properties)
}

/// What a client has to send. What is answered is its choice (RFC 7644 s3.9).
pub(super) fn required(of: &ResourceType) -> Vec<&str> {
    of.schema.attributes.iter().filter(|sent| sent.required).map(|sent| sent.name.as_str()).collect()
}

fn object(extension: &Schema) -> Value {
    let mut properties = Map::new();
    add_all(&mut properties, extension.json.get("attributes"));
    json!({"type": "object", "description": extension.description, "properties": properties})
}

fn add_all(properties: &mut Map<String, Value>, attributes: Option<&Value>) {
    for attribute in attributes.and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = text(attribute, "name") {
            properties.insert(name.into(), property(attribute));
        }
    }
}

/// The values of an attribute. Only what holds for each of them is said: canonical values, for one, are those that
/// are suggested, not all that are allowed (RFC 7643 s7).
fn property(attribute: &Value) -> Value {
    let (kind, format) = match text(attribute, "type") {
        Some("decimal") => ("number", None),
        Some("complex") => ("object", None),
        Some(kind @ ("boolean" | "integer")) => (kind, None),
        Some("dateTime") => ("string", Some("date-time")),
        Some("binary") => ("string", Some("byte")),
        _ => ("string", None),
    };
    let mut property = Map::new();
    let is = |name: &str| attribute.get(name) == Some(&Value::Bool(true));
    property.insert("type".into(), kind.into());
    if let Some(format) = format {
        property.insert("format".into(), format.into());
    }
    if kind == "object" {
        let mut properties = Map::new();
        add_all(&mut properties, attribute.get("subAttributes"));
        property.insert("properties".into(), properties.into());
    }
    // RFC 7643 s2.5: text that is empty is no value.
    if is("required") && kind == "string" {
        property.insert("minLength".into(), 1.into());
    }
    if is("multiValued") {
        let items = std::mem::take(&mut property);
        property.insert("type".into(), "array".into());
        property.insert("items".into(), items.into());
    }
    if let Some(description) = text(attribute, "description") {
        property.insert("description".into(), description.into());
    }
    if let Some(access @ ("readOnly" | "writeOnly")) = text(attribute, "mutability") {
        property.insert(access.into(), true.into());
    }
    property.into()
}

fn text<'a>(attribute: &'a Value, name: &str) -> Option<&'a str> {
    attribute.get(name).and_then(Value::as_str)
}
