//! Resource types as JSON schemas: the properties of a resource are the attributes of its schemas.

use serde_json::{Map, Value, json};

use super::schema_ref;
use crate::ScimError;
use crate::schema::{COMMON, ResourceType, Schema};

/// `User` as it is answered, `UserRequest` as it is sent, and a `UserList`.
pub(super) fn schemas(of: &ResourceType) -> Result<Map<String, Value>, ScimError> {
    let name = of.kind.name();
    let properties = properties(of)?;
    // RFC 7643 s7: what a schema requires, a client has to send. What a response carries is the client's choice
    // (RFC 7644 s3.9), but for what is always returned.
    let required: Vec<&str> =
        of.schema.attributes.iter().filter(|sent| sent.required).map(|sent| sent.name.as_str()).collect();
    Ok(Map::from_iter([
        (format!("{name}List"), list(schema_ref(name))),
        (format!("{name}Request"), json!({"type": "object", "properties": properties, "required": required})),
        (name.into(), json!({"type": "object", "properties": properties, "required": ["schemas", "id"]})),
    ]))
}

/// A ListResponse (RFC 7644 s3.4.2) of what `items` describes.
pub(super) fn list(items: Value) -> Value {
    json!({
        "allOf": [schema_ref("Page")],
        "type": "object",
        "properties": {"Resources": {"type": "array", "items": items}},
    })
}

fn properties(of: &ResourceType) -> Result<Map<String, Value>, ScimError> {
    let common: Vec<Value> =
        serde_json::from_str(COMMON).map_err(|error| ScimError::new(500, error.to_string()))?;
    let mut properties: Map<String, Value> =
        common.iter().chain(attributes(&of.schema)).filter_map(property).collect();
    // The server keeps `schemas`, but a client sends it (RFC 7643 s3).
    let urns = std::iter::once(&of.schema).chain(&of.extensions).map(|schema| schema.id.as_str());
    let examples = json!([urns.collect::<Vec<_>>()]);
    let schemas = json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "examples": examples});
    properties.insert("schemas".into(), schemas);
    for extension in &of.extensions {
        let own: Map<String, Value> = attributes(extension).filter_map(property).collect();
        let json = json!({"type": "object", "description": extension.description, "properties": own});
        properties.insert(extension.id.clone(), json);
    }
    Ok(properties)
}

fn attributes(schema: &Schema) -> impl Iterator<Item = &Value> {
    schema.json.get("attributes").and_then(Value::as_array).into_iter().flatten()
}

/// An attribute's name, and its values as a JSON schema.
fn property(attribute: &Value) -> Option<(String, Value)> {
    let text = |name: &str| attribute.get(name).and_then(Value::as_str);
    let mut values = Map::new();
    let (kind, format) = match text("type")? {
        "boolean" => ("boolean", None),
        "decimal" => ("number", None),
        "integer" => ("integer", None),
        "complex" => ("object", None),
        "dateTime" => ("string", Some("date-time")),
        _ => ("string", None),
    };
    values.insert("type".into(), kind.into());
    values.extend(format.map(|format| ("format".to_string(), format.into())));
    if let Some(parts) = attribute.get("subAttributes").and_then(Value::as_array) {
        let parts: Map<String, Value> = parts.iter().filter_map(property).collect();
        values.insert("properties".into(), parts.into());
    }
    // RFC 7643 s7: canonical values are those that are suggested, not all that are allowed.
    let canonical = attribute.get("canonicalValues").filter(|canonical| **canonical != json!([]));
    values.extend(canonical.map(|canonical| ("examples".to_string(), canonical.clone())));
    if attribute.get("multiValued") == Some(&Value::Bool(true)) {
        values = Map::from_iter([("type".into(), "array".into()), ("items".into(), values.into())]);
    }
    values.extend(text("description").map(|text| ("description".to_string(), text.into())));
    let access = text("mutability").filter(|mutability| ["readOnly", "writeOnly"].contains(mutability));
    values.extend(access.map(|access| (access.to_string(), true.into())));
    Some((text("name")?.to_string(), values.into()))
}
