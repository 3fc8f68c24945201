//! JSON to send: values, attributes, paths and operations, sensible ones and others.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Paths of every form, of attributes that exist and that do not.
pub const PATHS: [&str; 59] = [
    "userName",
    "title",
    "displayName",
    "name",
    "name.givenName",
    "Name.FamilyName",
    "name.giveName",
    "active",
    "password",
    "externalId",
    "id",
    "meta",
    "schemas",
    "groups",
    "members",
    "members[value eq \"a\"]",
    "members[type eq \"User\"]",
    "emails",
    "emails.value",
    "emails.primary",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[type eq \"work\"].type",
    "emails[type eq \"work\"].primary",
    "emails[primary eq \"True\"].value",
    "emails[primary eq true]",
    "emails[value pr].primary",
    "emails[not (type pr)].value",
    "emails[type eq \"a\" or value eq \"b\"].display",
    "addresses[type eq \"work\"].locality",
    "addresses[type eq \"home\" and primary eq true]",
    "roles",
    "roles[primary EQ \"True\"].value",
    "roles[primary eq \"True\"].displayName",
    "phoneNumbers[type eq \"mobile\"].value",
    "phoneNumbers[type eq \"\"].value",
    "manager",
    "manager.value",
    "manager[value eq \"a\"]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User.active",
    "urn:ietf:params:scim:schemas:core:2.0:User:name:givenName",
    "urn:ietf:params:scim:schemas:core:2.0:active",
    "urn:ietf:params:scim:schemas:core>2.0:active",
    "urn:ietf:params:scim:schemas:extension:enterprise:3.0:User:department",
    "urn:ietf:params:scim:api:messages:2.0:PatchOp:a",
    "urn:scim:schemas:core:1.0:active",
    "urn:scim:schemas:extension:other:1.0:a",
    "urn:x:2.0:User",
    "urn:x:2.0:User:badge",
    "urn:x:2.0:User:badge.floor",
    "urn:x:2.0:User.badge:floor",
    "urn:x:app:1.0:user:custom",
    "urn:x:app:1.0:user:custom:a",
    "urn:x:app:1.0",
    "emails.display",
];

const KEYS: [&str; 17] = [
    "value",
    "Value",
    "type",
    "primary",
    "display",
    "displayName",
    "$ref",
    "givenName",
    "locality",
    "department",
    "manager",
    "badge",
    "floor",
    "",
    "a b",
    "userName",
    "members",
];

/// Returns a text that has a meaning in some place.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["", "a", "b", "A", "work", "home", "True", "false", "x@y", "{\"value\":\"25\"}", "[{\"value\":1}]", "{'value'"])
            .prop_map(String::from),
        1 => any::<String>(),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

/// Returns any JSON, with keys that more often than not have a meaning.
pub fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        let keys = prop_oneof![4 => select(KEYS.to_vec()).prop_map(String::from), 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            btree_map(keys, inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Returns an element that a multi-valued attribute may have; it may be `primary` if `may_be_primary`.
pub fn element(may_be_primary: bool) -> impl Strategy<Value = Value> {
    let primary = if may_be_primary {
        select(vec![json!(true), json!(false), json!("True"), json!(null)])
    } else {
        select(vec![json!(false), json!(null)])
    };
    let kind = select(vec![json!("work"), json!("home"), json!(null)]);
    let value = select(vec![json!("a"), json!("b"), json!(""), json!(null)]);
    let display = select(vec![json!("A"), json!(null)]);
    (kind, value, display, primary).prop_map(|(kind, value, display, primary)| {
        json!({"type": kind, "value": value, "display": display, "primary": primary})
    })
}

/// Returns a user that a POST accepts.
pub fn user() -> impl Strategy<Value = Value> {
    let elements = || {
        (element(true), vec(element(false), 0..3))
            .prop_map(|(first, rest)| Value::Array([vec![first], rest].concat()))
    };
    let manager = select(vec![json!(null), json!("a"), json!({"value": "a", "$ref": "../Users/a"})]);
    let badge = select(vec![json!(null), json!("7"), json!(["a", "b"]), json!({"floor": 1, "room": "a"})]);
    (elements(), elements(), manager, badge).prop_map(|(emails, roles, manager, badge)| {
        json!({"userName": "ada", "title": "T", "name": {"givenName": "G"}, "emails": emails, "roles": roles,
            "addresses": [{"type": "work", "locality": "L"}], "manager": manager, "urn:x:2.0:User": {"badge": badge}})
    })
}

/// Returns an operation that a client might send, or one that is nearly valid.
pub fn operation() -> impl Strategy<Value = Value> {
    let op = select(vec!["add", "Add", "replace", "Replace", "remove", "Remove", "move"]);
    let path = || prop_oneof![12 => select(PATHS.to_vec()).prop_map(String::from), 1 => any::<String>()];
    let value = || prop_oneof![any_json(), element(true), vec(element(true), 0..3).prop_map(Value::Array)];
    let attributes = btree_map(path(), value(), 0..4)
        .prop_map(|attributes| Value::Object(attributes.into_iter().collect()));
    prop_oneof![
        6 => (op.clone(), path(), value()).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value})),
        2 => (op.clone(), attributes).prop_map(|(op, value)| json!({"op": op, "value": value})),
        1 => (op, path()).prop_map(|(op, path)| json!({"op": op, "path": path})),
    ]
}
