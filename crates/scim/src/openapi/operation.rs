//! The shorthand of an operation: `parameters` are names, `body` is the name of a schema, `answers` are a status and
//! the name of a response, which for a refusal is the status itself.

use serde_json::{Map, Value, json};

use super::part::reference;

/// Replaces the shorthand by what OpenAPI demands, in every operation of the document.
pub(super) fn spell_out_all(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for verbs in paths.values_mut().filter_map(Value::as_object_mut) {
        verbs.values_mut().filter_map(Value::as_object_mut).for_each(spell_out);
    }
}

fn spell_out(operation: &mut Map<String, Value>) {
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        for parameter in parameters {
            *parameter = reference("parameters", parameter.as_str().unwrap_or_default());
        }
    }
    if let Some(Value::String(schema)) = operation.remove("body") {
        // RFC 7644 s8.1. `application/json` is accepted too (s3.8) but not listed: of two media types a code
        // generator makes a body that may be left out.
        let content = json!({"application/scim+json": {"schema": reference("schemas", &schema)}});
        operation.insert("requestBody".into(), json!({"required": true, "content": content}));
    }
    if let Some(Value::Array(answers)) = operation.remove("answers") {
        let mut responses = Map::new();
        for answer in answers.iter().filter_map(Value::as_str) {
            let (status, name) = answer.split_once(' ').unwrap_or((answer, answer));
            responses.insert(status.into(), reference("responses", name));
        }
        operation.insert("responses".into(), responses.into());
    }
}
