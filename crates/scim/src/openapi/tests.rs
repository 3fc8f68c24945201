//! The OpenAPI document names what the service serves. Not here: what it answers over HTTP (tests/openapi.test.mjs).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::document;
use crate::Registry;

fn made() -> Value {
    document(&Registry::load().unwrap(), "https://example.com/scim/v2").unwrap()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_string));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        _ => {}
    }
}

#[test]
fn whatever_the_document_refers_to_is_in_it() {
    let document = made();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 40, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_says_what_it_answers_and_that_a_token_is_needed() {
    let document = made();
    assert_eq!(document["security"], json!([{"token": []}]));
    let mut ids = BTreeSet::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                ["401", "429", "500", "503"].iter().all(|status| responses.contains_key(*status)),
                "{verb} {path}"
            );
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{verb} {path}");
            let has_body = ["post", "put", "patch"].contains(&verb.as_str());
            assert_eq!(operation.get("requestBody").is_some(), has_body, "{verb} {path}");
        }
    }
    assert_eq!(ids.len(), 23);
}

#[test]
fn a_resource_has_the_properties_that_its_schemas_give_it() {
    let document = made();
    let user = &document["components"]["schemas"]["UserAttributes"]["properties"];
    assert_eq!(user["active"]["type"], "boolean");
    assert_eq!(user["emails"]["items"]["properties"]["primary"]["type"], "boolean");
    assert_eq!(user["password"]["writeOnly"], true);
    assert_eq!(user["id"]["readOnly"], true);
    assert_eq!(user["meta"]["properties"]["created"]["format"], "date-time");
    assert_eq!(user[crate::urn::ENTERPRISE_USER]["properties"]["manager"]["type"], "object");
    assert_eq!(document["components"]["schemas"]["GroupRequest"]["required"], json!(["displayName"]));
}

#[test]
fn an_extension_that_is_dropped_into_the_schemas_is_in_the_document() {
    let badge = r#"{"id": "urn:example:badge:2.0:User", "name": "Badge", "attributes": [{"name": "number",
        "type": "integer", "multiValued": false, "mutability": "readWrite", "returned": "default"}]}"#;
    let (user, group) =
        (include_str!("../../../../schemas/user.json"), include_str!("../../../../schemas/group.json"));
    let registry = Registry::from_documents(&[("user", user), ("group", group), ("badge", badge)]).unwrap();
    let document = document(&registry, "https://example.com/scim/v2").unwrap();
    let badge =
        &document["components"]["schemas"]["UserAttributes"]["properties"]["urn:example:badge:2.0:User"];
    assert_eq!(badge["properties"]["number"], json!({"type": "integer"}));
}
