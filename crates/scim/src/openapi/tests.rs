//! The OpenAPI document names what the service serves. Not here: what the service answers over HTTP
//! (tests/scim/openapi.test.mjs).

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
fn every_operation_says_what_it_answers_and_whether_a_token_is_needed() {
    let document = made();
    assert_eq!(document["security"], json!([{"token": []}]));
    let mut ids = BTreeSet::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let is_public = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"]
                .iter()
                .any(|public| path.starts_with(public));
            assert_eq!(operation.get("security"), is_public.then(|| json!([])).as_ref(), "{verb} {path}");
            let needed = if is_public { &["400", "403", "500"][..] } else { &["401", "429", "500", "503"] };
            assert!(needed.iter().all(|status| responses.contains_key(*status)), "{verb} {path}");
            assert_eq!(responses.contains_key("401"), !is_public, "{verb} {path}");
            let writes = verb != "get" && !path.ends_with("/.search");
            let out_of_scope = json!({"$ref": "#/components/responses/InsufficientScope"});
            assert_eq!(responses.get("403") == Some(&out_of_scope), writes, "{verb} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{verb} {path}");
            let has_body = ["post", "put", "patch"].contains(&verb.as_str());
            assert_eq!(operation.get("requestBody").is_some(), has_body, "{verb} {path}");
        }
    }
    // Operations of the service itself, and operations of each resource type.
    assert_eq!(ids.len(), 9 + 7 * crate::testing::REGISTRY.kinds().count());
}

#[test]
fn a_resource_has_the_properties_that_its_schemas_give_it() {
    let document = made();
    let schemas = &document["components"]["schemas"];
    let (user, sent) = (&schemas["User"]["properties"], &schemas["UserRequest"]["properties"]);
    assert_eq!(user["active"]["type"], "boolean");
    assert_eq!(user["id"]["readOnly"], true);
    assert_eq!(user["emails"]["items"], json!({"$ref": "#/components/schemas/UserEmail"}));
    assert_eq!(schemas["UserEmail"]["properties"]["primary"]["type"], "boolean");
    assert_eq!(user["meta"], json!({"$ref": "#/components/schemas/Meta", "readOnly": true}));
    assert_eq!(schemas["Meta"]["properties"]["created"]["format"], "date-time");
    assert_eq!(user[crate::urn::ENTERPRISE_USER], json!({"$ref": "#/components/schemas/EnterpriseUser"}));
    let manager = &schemas["EnterpriseUser"]["properties"]["manager"];
    assert_eq!(manager["$ref"], "#/components/schemas/EnterpriseUserManager");
    assert_eq!(schemas["User"]["required"], json!(["schemas", "id"]));
    assert_eq!(schemas["GroupRequest"]["required"], json!(["displayName"]));
    // readOnly attributes are not in the schema that is sent, and writeOnly ones not in the one that is answered.
    assert_eq!(sent["password"]["writeOnly"], true);
    assert_eq!(user.get("password"), None);
    for kept in ["id", "meta", "groups"] {
        assert!(user.get(kept).is_some() && sent.get(kept).is_none(), "{kept}");
    }
    assert_eq!(sent["emails"], user["emails"]);
}

/// Collects every schema within the value that is an object with properties of its own.
fn anonymous(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{name}");
                if member.get("properties").is_some() {
                    found.push(at.clone());
                }
                anonymous(member, &at, found);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| anonymous(element, at, found)),
        _ => {}
    }
}

#[test]
fn every_object_has_a_name_and_every_list_of_schemas_says_what_is_in_it() {
    let document = made();
    let mut found = Vec::new();
    anonymous(&document, "", &mut found);
    for at in &found {
        let name = at.strip_prefix("/components/schemas/").unwrap_or("/");
        assert!(!name.contains('/'), "{at}");
    }
    for name in [
        "UserName",
        "UserEmail",
        "UserPhoneNumber",
        "UserAddress",
        "UserX509Certificate",
        "UserGroup",
        "GroupMember",
    ] {
        assert!(found.iter().any(|at| at.ends_with(&format!("/{name}"))), "{name}");
    }
    let list =
        json!({"type": "array", "items": {"type": "string", "enum": [crate::urn::PATCH_OP]}, "minItems": 1});
    assert_eq!(document["components"]["schemas"]["PatchRequest"]["properties"]["schemas"], list);
    assert!(!document.to_string().contains("\"const\""));
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
}

/// Returns the schemas of a document whose users have one more extension.
fn with_extension(extension: &str) -> Value {
    let registry = Registry::with_documents(&[("extension", extension)], &[]).unwrap();
    let mut document = document(&registry, "https://example.com/scim/v2").unwrap();
    document["components"]["schemas"].take()
}

#[test]
fn an_extension_that_is_dropped_into_the_schemas_is_in_the_document() {
    let schemas = with_extension(
        r#"{"id": "urn:example:badge:2.0:User", "name": "Badge", "attributes": [{"name": "number",
            "type": "integer", "multiValued": false, "mutability": "readWrite", "returned": "default"}]}"#,
    );
    let badge = &schemas["User"]["properties"]["urn:example:badge:2.0:User"];
    assert_eq!(*badge, json!({"$ref": "#/components/schemas/Badge"}));
    assert_eq!(schemas["Badge"]["properties"]["number"], json!({"type": "integer"}));
}

#[test]
fn a_name_that_is_taken_gets_a_number_and_one_that_cannot_be_a_name_is_made_one() {
    let attribute = |name: &str, is_multi_valued: bool| {
        json!({"name": name, "type": "complex", "multiValued": is_multi_valued, "mutability": "readWrite",
            "returned": "default", "subAttributes": []})
    };
    let attributes = json!([attribute("door", false), attribute("doors", true), attribute("pass", true)]);
    let extension = json!({"id": "urn:example:2.0:User", "name": "error", "attributes": attributes});
    let schemas = with_extension(&extension.to_string());
    let of = |name: &str| schemas["Error2"]["properties"][name].to_string();
    assert_eq!(schemas["User"]["properties"]["urn:example:2.0:User"]["$ref"], "#/components/schemas/Error2");
    assert!(of("door").contains("/ErrorDoor\""), "{}", of("door"));
    assert!(of("doors").contains("/ErrorDoor2\""), "{}", of("doors"));
    assert!(of("pass").contains("/ErrorPass\""), "{}", of("pass"));
    let named = json!({"id": "urn:example:2.0:User", "name": "a badge's data_1", "attributes": []});
    assert!(with_extension(&named.to_string()).get("ABadgeSData1").is_some());
}
