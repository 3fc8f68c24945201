//! The shorthand of an operation: `parameters` are names, `body` is the name of a schema, `answers` are a status
//! and the name of a response, which for a refusal is the status itself.

use serde_json::{Map, Value, json};

use super::{reference, schema_ref};

/// The media types that a body may have; the first is SCIM's own (RFC 7644 s3.8).
const MEDIA_TYPES: [&str; 2] = ["application/scim+json", "application/json"];

/// Puts what OpenAPI wants in the place of the shorthand.
pub(super) fn spell_out(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        for parameter in parameters {
            *parameter = reference("parameters", parameter.as_str().unwrap_or_default());
        }
    }
    if let Some(Value::String(schema)) = operation.remove("body") {
        let content = MEDIA_TYPES.map(|name| (name.to_string(), json!({"schema": schema_ref(&schema)})));
        let body = json!({"required": true, "content": Map::from_iter(content)});
        operation.insert("requestBody".into(), body);
    }
    if let Some(Value::Array(answers)) = operation.remove("answers") {
        let responses: Map<String, Value> = answers.iter().filter_map(Value::as_str).map(answer).collect();
        operation.insert("responses".into(), responses.into());
    }
}

fn answer(shorthand: &str) -> (String, Value) {
    let (status, name) = shorthand.split_once(' ').unwrap_or((shorthand, shorthand));
    (status.to_string(), reference("responses", name))
}
