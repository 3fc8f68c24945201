//! The input is the body of a PATCH on a small user and on a small group. Whatever it says: nothing
//! unassigned is stored, no attribute has two primary values, no e-mail is without an address, and no URN of the
//! specifications is an extension.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scim::{Dialect, Document, HttpRequest, Kind, MemberChange, Operation, Registry, urn};
use serde_json::{Value, json};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

fn user_kind() -> Kind {
    REGISTRY.kind("User").unwrap()
}

fn group_kind() -> Kind {
    REGISTRY.kind("Group").unwrap()
}

static DOCUMENTS: LazyLock<[(Kind, Document); 2]> = LazyLock::new(|| {
    let user = json!({"userName": "ada", "title": "T", "name": {"givenName": "G"}, "active": true,
        "emails": [{"type": "work", "value": "a", "primary": true}, {"type": "home", "value": "b"}],
        "roles": [{"value": "r", "primary": true}, {"value": "s", "type": "other"}],
        "addresses": [{"type": "work", "locality": "L"}],
        "manager": {"value": "m", "$ref": "../Users/m"},
        "urn:x:2.0:User": {"badge": ["1", {"floor": 2}], "Tag": "t"}, "urn:x:app:1.0:user:custom": {"a": "1"}});
    [(user_kind(), user), (group_kind(), json!({"displayName": "g", "externalId": "e"}))]
        .map(|(kind, body)| (kind, created(kind, &body)))
});

fn parse<'r>(dialect: Dialect, method: &str, kind: Kind, body: &[u8]) -> Option<Operation<'r>> {
    let path = format!("/{}{}", kind.endpoint(), if method == "PATCH" { "/x" } else { "" });
    let request = HttpRequest { method, path: &path, body, ..HttpRequest::default() };
    scim::parse(&REGISTRY, dialect, &request).ok()?.operation()
}

fn created(kind: Kind, body: &Value) -> Document {
    match parse(Dialect::TOLERANT, "POST", kind, body.to_string().as_bytes()) {
        Some(Operation::Create { document, .. }) => document,
        other => panic!("{other:?}"),
    }
}

fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_assigned),
        Value::Object(members) => !members.is_empty() && members.values().all(is_assigned),
        _ => true,
    }
}

/// Returns whether the name is a URN of the specifications that is not declared by a schema.
fn is_reserved(name: &str) -> bool {
    name != urn::ENTERPRISE_USER && urn::is_reserved(name)
}

fn primaries(value: &Value) -> usize {
    let elements = value.as_array().map_or(&[][..], Vec::as_slice);
    elements.iter().filter(|element| element["primary"] == true).count()
}

fuzz_target!(|body: &[u8]| {
    for (kind, before) in DOCUMENTS.iter() {
        for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
            let Some(Operation::Patch { patch, .. }) = parse(dialect, "PATCH", *kind, body) else { continue };
            MemberChange::reduce(&patch.members, &[]);
            let Ok(after) = patch.apply(REGISTRY.resource_type(*kind), before) else { continue };
            for (name, value) in &after.0 {
                assert!(is_assigned(value), "{name} of {after:?}");
                assert!(primaries(value) < 2, "{name} of {after:?}");
                assert!(!is_reserved(name), "{name} of {after:?}");
                let has_value =
                    |email: &Value| email["value"].as_str().is_some_and(|value| !value.is_empty());
                assert!(name != "emails" || value.as_array().unwrap().iter().all(has_value), "{after:?}");
            }
        }
    }
});
