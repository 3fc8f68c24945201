//! The OpenAPI 3.1 document of this service.
//!
//! What does not depend on the schemas stands in `service.json`; what there is once for each resource type, in
//! `resource.json`. Both are written in a shorthand that `operation` spells out. The resources themselves come
//! from the schema documents, by way of `resource`.

mod operation;
mod resource;

use serde_json::{Map, Value, json};

use crate::ScimError;
use crate::schema::{Registry, ResourceType};

const SERVICE: &str = include_str!("service.json");
const RESOURCE: &str = include_str!("resource.json");

/// The refusals and what they mean (RFC 7644 s3.12).
const REFUSALS: [(&str, &str); 10] = [
    ("400", "The request is malformed, or asks for what cannot be; `scimType` says why"),
    ("401", "There is no valid bearer token"),
    ("403", "The endpoint takes no filter"),
    ("404", "There is no such resource"),
    ("409", "Another resource has a value that has to be unique"),
    ("412", "The resource is at another version"),
    ("413", "The body is too large, or has too many operations"),
    ("415", "The body is of another media type"),
    ("500", "The service failed"),
    ("503", "Too many requests change the resource at once"),
];

/// The schemas of lists beside those of the resource types: what is listed, by name.
const LISTED: [&str; 2] = ["ResourceType", "Schema"];

/// The document. `base` is the base URL without a slash at its end.
pub(crate) fn document(registry: &Registry, base: &str) -> Result<Value, ScimError> {
    let mut document = parse(SERVICE)?;
    document.insert("servers".into(), json!([{"url": base}]));
    let mut everything = Vec::new();
    for of in registry.resource_types() {
        let name = of.kind.name();
        everything.push(schema_ref(name));
        into(&mut document, "/paths", paths(of)?);
        into(&mut document, "/components/schemas", resource::schemas(of)?);
        into(&mut document, "/components/responses", responses(name, true));
    }
    for name in LISTED {
        into(
            &mut document,
            "/components/schemas",
            entry(format!("{name}List"), resource::list(schema_ref(name))),
        );
        into(&mut document, "/components/responses", responses(name, false));
    }
    for name in ["ServiceProviderConfig", "BulkResponse", "List"] {
        into(&mut document, "/components/responses", entry(name, response(name, name)));
    }
    let list = resource::list(json!({"anyOf": everything}));
    into(&mut document, "/components/schemas", entry("List", list));
    for (status, description) in REFUSALS {
        into(&mut document, "/components/responses", entry(status, refusal(status, description)));
    }
    let mut document = Value::Object(document);
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths
            .values_mut()
            .filter_map(Value::as_object_mut)
            .flat_map(Map::values_mut)
            .for_each(operation::spell_out);
    }
    Ok(document)
}

/// The tests make the document, so a build with a broken one does not ship.
fn parse(text: &str) -> Result<Map<String, Value>, ScimError> {
    serde_json::from_str(text).map_err(|error| ScimError::new(500, format!("the OpenAPI document: {error}")))
}

fn paths(of: &ResourceType) -> Result<Map<String, Value>, ScimError> {
    parse(&RESOURCE.replace("{Types}", of.kind.endpoint()).replace("{Type}", of.kind.name()))
}

/// Adds entries to the object at `pointer`.
fn into(document: &mut Map<String, Value>, pointer: &str, entries: Map<String, Value>) {
    let mut at = Some(document);
    for name in pointer.split('/').filter(|name| !name.is_empty()) {
        at = at.and_then(|object| object.get_mut(name)).and_then(Value::as_object_mut);
    }
    if let Some(object) = at {
        object.extend(entries);
    }
}

fn entry(name: impl Into<String>, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.into(), value)])
}

fn reference(section: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{section}/{name}")})
}

fn schema_ref(name: &str) -> Value {
    reference("schemas", name)
}

/// What answers with one of `name`, and with a list of them.
fn responses(name: &str, is_resource: bool) -> Map<String, Value> {
    let list = format!("{name}List");
    let mut one = response(name, name);
    if is_resource && let Some(one) = one.as_object_mut() {
        one.insert("headers".into(), headers(&["ETag", "Location"]));
        one.insert("links".into(), links(name));
    }
    Map::from_iter([(name.to_string(), one), (list.clone(), response(&list, &list))])
}

fn response(description: &str, schema: &str) -> Value {
    json!({"description": description, "content": {"application/scim+json": {"schema": schema_ref(schema)}}})
}

fn refusal(status: &str, description: &str) -> Value {
    let mut refusal = response(description, "Error");
    let named: &[&str] = match status {
        "401" => &["WWW-Authenticate"],
        "503" => &["Retry-After"],
        _ => &[],
    };
    if let Some(refusal) = refusal.as_object_mut().filter(|_| !named.is_empty()) {
        refusal.insert("headers".into(), headers(named));
    }
    refusal
}

fn headers(names: &[&str]) -> Value {
    names.iter().map(|name| (name.to_string(), reference("headers", name))).collect::<Map<_, _>>().into()
}

/// What can be done with a resource that was answered.
fn links(name: &str) -> Value {
    let link = |verb: &str| {
        let operation = format!("{verb}{name}");
        (operation.clone(), json!({"operationId": operation, "parameters": {"id": "$response.body#/id"}}))
    };
    ["get", "replace", "change", "delete"].into_iter().map(link).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests;
