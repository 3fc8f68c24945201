//! Refusals, with the whole of the error: the keyword, the operation, and what is wrong with it.

use scim::Dialect;
use scim::ScimType::{InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget, TooMany};
use serde_json::{Value, json};

use crate::support::{created, leaves, message, patched, refusal, refuses, user_kind};

#[test]
fn a_body_that_is_not_a_patch_is_refused() {
    let before = created(user_kind(), &json!({"userName": "ada"}));
    for (body, detail) in [
        (json!([]), "the body is not a JSON object"),
        (json!("x"), "the body is not a JSON object"),
        (json!({}), "the body has no `Operations`"),
        (json!({"Operations": {}}), "`Operations` is not an array"),
        (json!({"Operations": null}), "`Operations` is not an array"),
        (json!({"Operations": [5]}), "Operations[0]: the operation is not an object"),
        (json!({"Operations": [[]]}), "Operations[0]: the operation is not an object"),
    ] {
        let found = patched(Dialect::TOLERANT, user_kind(), &before, &body);
        assert_eq!(found, Err(refusal(InvalidSyntax, detail)), "{body}");
    }
}

#[test]
fn an_operation_that_is_incomplete_is_refused() {
    for (operation, scim_type, detail) in [
        (json!({"path": "title", "value": "T"}), InvalidSyntax, "the operation has no `op`"),
        (json!({"op": 5, "path": "title", "value": "T"}), InvalidSyntax, "`op` is not a string"),
        (json!({"op": null, "path": "title", "value": "T"}), InvalidSyntax, "`op` is not a string"),
        (
            json!({"op": "move", "path": "title", "value": "T"}),
            InvalidSyntax,
            "`move` is not add, remove or replace",
        ),
        (json!({"op": "add", "path": "title"}), InvalidValue, "the operation has no `value`"),
        (json!({"op": "replace", "path": "title"}), InvalidValue, "the operation has no `value`"),
        (json!({"op": "replace"}), InvalidValue, "the operation has no `value`"),
        (json!({"op": "remove"}), NoTarget, "a remove needs a `path`"),
        (json!({"op": "remove", "path": ""}), NoTarget, "a remove needs a `path`"),
        (json!({"op": "remove", "value": {"title": "T"}}), NoTarget, "a remove needs a `path`"),
        (json!({"op": "add", "path": 5, "value": "T"}), InvalidPath, "`path` is not a string"),
        (
            json!({"op": "add", "value": "T"}),
            InvalidValue,
            "without a `path`, `value` is an object of attributes",
        ),
        (
            json!({"op": "replace", "path": null, "value": [{"title": "T"}, {"nickName": "N"}]}),
            InvalidValue,
            "without a `path`, `value` is an object of attributes",
        ),
    ] {
        refuses(json!({}), json!([operation]), scim_type, &format!("Operations[0]: {detail}"));
    }
}

#[test]
fn the_operation_that_is_at_fault_is_named() {
    let good = json!({"op": "replace", "path": "title", "value": "T"});
    refuses(
        json!({}),
        json!([good, {"op": "replace", "path": "active", "value": "maybe"}]),
        InvalidValue,
        "Operations[1]: `active` is not a boolean",
    );
    refuses(
        json!({}),
        json!([good, good, {"op": "replace", "value": {"emails": [{"value": "e"}, {"value": {"a": 1}}]}}]),
        InvalidValue,
        "Operations[2]: `emails[1].value` is not a string",
    );
}

#[test]
fn a_path_that_is_none_is_refused() {
    for (path, detail) in [
        ("emails[type eq", "`emails[type eq`: expected a value after `type eq`, found the end"),
        ("emails[type eq \"work\"", "`emails[type eq \"work\"`: expected `]`, found the end"),
        ("emails[]", "`emails[]`: expected an attribute, `not` or `(` at byte 7, found `]`"),
        ("emails[type eq \"work\"]value", "`emails[type eq \"work\"]value`: no sub-attribute at byte 22"),
        ("emails[type eq \"work\"].a.b", "`emails[type eq \"work\"].a.b`: no sub-attribute at byte 22"),
        ("a b", "`a b` is not an attribute path"),
        ("name.given.name", "`name.given.name` is not an attribute path"),
        (
            "emails[colour eq \"red\"].value",
            "`emails[colour eq \"red\"].value`: `colour` is not a sub-attribute of `emails`",
        ),
        (
            "roles[primary eq \"maybe\"].value",
            "`roles[primary eq \"maybe\"].value`: `primary eq \"maybe\"`: `primary` is a boolean",
        ),
        (
            "emails[type regex \"w\"].value",
            "`emails[type regex \"w\"].value`: `regex` at byte 12 is not an operator",
        ),
    ] {
        let good = json!({"op": "replace", "path": "title", "value": "T"});
        refuses(
            json!({}),
            json!([good, {"op": "replace", "path": path, "value": "x"}]),
            InvalidPath,
            &format!("Operations[1]: {detail}"),
        );
    }
}

#[test]
fn an_unknown_attribute_is_refused_when_nothing_is_lost_by_it() {
    for (operation, path) in [
        (json!({"op": "replace", "path": "shoeSize", "value": 41}), "shoeSize"),
        (json!({"op": "replace", "value": {"shoeSize": 41}}), "shoeSize"),
        (json!({"op": "remove", "path": "members"}), "members"),
        (json!({"op": "replace", "path": "name.giveName", "value": "G"}), "name.giveName"),
        (json!({"op": "replace", "path": "emails.work", "value": "e"}), "emails.work"),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].vlaue", "value": "e"}),
            "emails[type eq \"work\"].vlaue",
        ),
        (json!({"op": "replace", "path": "name", "value": {"giveName": "G"}}), "name.giveName"),
        (json!({"op": "replace", "value": {"name.giveName": "G"}}), "name.giveName"),
        (json!({"op": "replace", "value": {"emails": [{"vlaue": "e"}]}}), "emails"),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": {"vlaue": "e"}}),
            "emails[type eq \"work\"]",
        ),
        (
            json!({"op": "add", "path": "shoes[type eq \"left\"].size", "value": 41}),
            "shoes[type eq \"left\"].size",
        ),
    ] {
        refuses(
            json!({}),
            json!([operation]),
            InvalidPath,
            &format!("Operations[0]: `{path}` is not an attribute of User"),
        );
    }
    refuses(
        json!({}),
        json!([{"op": "add", "path": "name.giveName", "value": "G"}, {"op": "add", "path": "hat", "value": 1}, {"op": "add", "path": "shoe", "value": 2}]),
        InvalidPath,
        "Operations[0]: `name.giveName` is not an attribute of User",
    );
}

#[test]
fn a_value_of_another_type_is_refused() {
    for (path, value, detail) in [
        ("displayName", json!(5), "`displayName` is not a string"),
        ("displayName", json!({"a": 1}), "`displayName` is not a string"),
        ("displayName", json!(["a", "b"]), "`displayName` is not a string"),
        ("active", json!("maybe"), "`active` is not a boolean"),
        ("active", json!(1), "`active` is not a boolean"),
        ("name", json!("text"), "`name` is not an object"),
        ("name", json!({"givenName": 5}), "`name.givenName` is not a string"),
        ("name.givenName", json!(true), "`name.givenName` is not a string"),
        ("emails", json!([5]), "`emails[0]` is not an object"),
        ("emails[type eq \"work\"]", json!(5), "`emails[type eq \"work\"]` is not an object"),
        (
            "emails[type eq \"work\"].primary",
            json!("maybe"),
            "`emails[type eq \"work\"].primary` is not a boolean",
        ),
        ("manager", json!(5), "`manager` is not an object"),
        ("manager", json!({"value": 5}), "`manager.value` is not a string"),
        ("password", json!(5), "`password` is not a string"),
    ] {
        for op in ["Add", "Replace"] {
            refuses(
                json!({}),
                json!([{"op": op, "path": path, "value": value}]),
                InvalidValue,
                &format!("Operations[0]: {detail}"),
            );
        }
    }
}

#[test]
fn what_only_the_server_writes_is_refused_as_a_path() {
    for (path, name) in [
        ("id", "id"),
        ("meta", "meta"),
        ("meta.created", "created"),
        ("groups", "groups"),
        ("groups[value eq \"g\"]", "groups"),
        ("groups.value", "value"),
    ] {
        for op in ["add", "replace", "remove"] {
            refuses(
                json!({}),
                json!([{"op": op, "path": path, "value": "x"}]),
                Mutability,
                &format!("Operations[0]: `{name}` is readOnly"),
            );
        }
    }
}

#[test]
fn schemas_follow_from_the_attributes_and_cannot_all_be_removed() {
    let path = "schemas";
    for operation in [
        json!({"op": "add", "path": path, "value": ["urn:example:2.0:User"]}),
        json!({"op": "replace", "path": path, "value": ["urn:example:2.0:User"]}),
        json!({"op": "remove", "path": path, "value": ["urn:example:2.0:User"]}),
    ] {
        leaves(json!({"title": "T"}), json!([operation]));
    }
    for operation in [json!({"op": "remove", "path": path}), json!({"op": "Remove", "path": "Schemas"})] {
        refuses(json!({}), json!([operation]), Mutability, "Operations[0]: `schemas` is readOnly");
    }
}

#[test]
fn a_value_path_that_matches_nothing_and_describes_nothing_is_refused() {
    for filter in [
        "not (type eq \"work\")",
        "type ne \"work\"",
        "type eq \"work\" or type eq \"home\"",
        "type sw \"w\"",
        "type pr and display pr",
        "type eq null",
        "type eq \"\"",
        "type eq \"work\" and type eq \"home\"",
    ] {
        for op in ["add", "replace"] {
            refuses(
                json!({}),
                json!([{"op": op, "path": format!("emails[{filter}].value"), "value": "x"}]),
                NoTarget,
                "Operations[0]: no value of `emails` meets the filter",
            );
        }
    }
}

#[test]
fn more_than_the_limit_is_refused() {
    let user = created(user_kind(), &json!({"userName": "ada"}));
    let title = json!({"op": "replace", "path": "title", "value": "T"});
    let keys = (0..1_001).map(|n| (format!("emails[type eq \"{n}\"].value"), json!("e")));
    let keys = Value::Object(keys.collect());
    let values: Vec<String> = (0..1_001).map(|n| format!("{n}@x")).collect();
    let badges = "urn:x:2.0:User:badges";
    for (operations, scim_type, detail) in [
        (
            Value::Array(vec![title.clone(); 5_001]),
            TooMany,
            "the request has 5001 operations; at most 5000 are taken",
        ),
        (
            json!([{"op": "replace", "value": keys}]),
            TooMany,
            "the request has 1001 changes; at most 1000 are taken",
        ),
        (
            json!([title, {"op": "add", "path": "emails", "value": values}]),
            InvalidValue,
            "Operations[1]: `emails` has 1001 values; at most 1000 are kept",
        ),
        (
            json!([{"op": "add", "path": badges, "value": values}]),
            InvalidValue,
            "Operations[0]: `badges` has 1001 values; at most 1000 are kept",
        ),
    ] {
        let found = patched(Dialect::TOLERANT, user_kind(), &user, &message(&operations));
        assert_eq!(found, Err(refusal(scim_type, detail)));
    }
}
