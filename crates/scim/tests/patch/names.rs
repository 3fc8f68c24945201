//! Names under URNs: those of the specifications name only what a schema declares, and a custom extension means the
//! same in a POST and in a PATCH.

use scim::{Dialect, ScimType, urn};
use serde_json::{Value, json};

use crate::support::{
    ENTERPRISE, becomes, becomes_under, created, leaves, refuses, refuses_under, user_kind,
};

const CORE: &str = urn::USER;
/// The names of extensions in Okta's On-Premises Provisioning SDK and at Atlassian.
const CUSTOM: [&str; 4] = [
    "urn:okta:acme_app:1.0:user:custom",
    "urn:scim:schemas:extension:atlassian-external:1.0",
    "urn:example:hr:2.0:Employee",
    "urn:example:hr:2.0:User",
];

fn replace(path: impl Into<String>, value: Value) -> Value {
    json!({"op": "replace", "path": path.into(), "value": value})
}

/// Returns the same change by a path and by the key of a path-less value.
fn both_forms(path: &str, value: Value) -> [Value; 2] {
    [replace(path, value.clone()), json!({"op": "Replace", "value": {path: value}})]
}

#[test]
fn a_dot_after_a_schemas_urn_is_a_colon_and_a_colon_before_a_sub_attribute_a_dot() {
    for (path, value, after) in [
        (format!("{CORE}.active"), json!(false), json!({"active": false})),
        (format!("{}.Active", CORE.to_uppercase()), json!("False"), json!({"active": false})),
        (format!("{CORE}.name.givenName"), json!("G"), json!({"active": true, "name": {"givenName": "G"}})),
        (format!("{CORE}:name:givenName"), json!("G"), json!({"active": true, "name": {"givenName": "G"}})),
        (
            format!("{CORE}.emails[type eq \"work\"].value"),
            json!("w"),
            json!({"active": true, "emails": [{"type": "work", "value": "w"}]}),
        ),
        (
            format!("{ENTERPRISE}.department"),
            json!("D"),
            json!({"active": true, ENTERPRISE: {"department": "D"}}),
        ),
        (
            format!("{ENTERPRISE}.manager.value"),
            json!("m"),
            json!({"active": true, ENTERPRISE: {"manager": {"value": "m"}}}),
        ),
        (
            format!("{ENTERPRISE}:manager:value"),
            json!("m"),
            json!({"active": true, ENTERPRISE: {"manager": {"value": "m"}}}),
        ),
    ] {
        for operation in both_forms(&path, value.clone()) {
            becomes(json!({"active": true}), json!([operation]), after.clone());
        }
        refuses_under(
            Dialect::STRICT,
            json!({}),
            json!([replace(path.as_str(), value)]),
            ScimType::InvalidPath,
            &format!("Operations[0]: `{path}` is not an attribute of User"),
        );
    }
}

#[test]
fn what_stands_in_the_namespaces_of_the_specifications_and_no_schema_declares_is_refused_or_dropped() {
    for path in [
        "urn:ietf:params:scim:schemas:core:2.0:active",
        "urn:ietf:params:scim:schemas:core:2.0:User.nosuch",
        "urn:ietf:params:scim:schemas:core:2.0:User:name:nosuch",
        "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
        "urn:ietf:params:scim:schemas:core:2.0:Users:active",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.nosuch",
        "urn:ietf:params:scim:api:messages:2.0:active",
        "urn:scim:schemas:core:1.0:active",
        "urn:scim:schemas:core:2.0:User:active",
        "urn:scim:schemas:extension:enterprise:1.0:department",
        "URN:SCIM:SCHEMAS:CORE:1.0:ACTIVE",
    ] {
        for value in [json!(false), json!({"active": false})] {
            for operation in both_forms(path, value.clone()) {
                refuses(
                    json!({"active": true}),
                    json!([operation]),
                    ScimType::InvalidPath,
                    &format!("Operations[0]: `{path}` is not an attribute of User"),
                );
                becomes(json!({}), json!([operation, replace("title", json!("T"))]), json!({"title": "T"}));
            }
            assert_eq!(created(user_kind(), &json!({"userName": "ada", path: value})).0.len(), 1, "{path}");
        }
    }
}

#[test]
fn the_attributes_of_the_core_schema_are_not_removed_as_a_whole() {
    refuses(
        json!({"title": "T"}),
        json!([{"op": "remove", "path": CORE}]),
        ScimType::Mutability,
        &format!("Operations[0]: `{CORE}` has required attributes and cannot be removed as a whole"),
    );
}

#[test]
fn a_custom_extension_is_one_whatever_its_urn_ends_in() {
    for urn in CUSTOM {
        let before = json!({urn: {"a": "1", "b": "x"}});
        let after = json!({urn: {"a": "2", "b": "x"}});
        for value in [json!({"a": "2"}), json!([{"a": "2"}])] {
            for operation in both_forms(urn, value.clone()) {
                becomes(before.clone(), json!([operation]), after.clone());
                becomes(json!({}), json!([operation]), json!({urn: {"a": "2"}}));
            }
            becomes(
                before.clone(),
                json!([{"op": "add", "path": urn.to_uppercase(), "value": value}]),
                after.clone(),
            );
        }
        for operation in both_forms(&format!("{urn}:a"), json!("2")) {
            becomes(before.clone(), json!([operation]), after.clone());
            becomes(json!({}), json!([operation]), json!({urn: {"a": "2"}}));
        }
        becomes(
            before.clone(),
            json!([{"op": "remove", "path": format!("{urn}:a")}]),
            json!({urn: {"b": "x"}}),
        );
        becomes(before.clone(), json!([{"op": "remove", "path": urn}]), json!({}));
        becomes(before.clone(), json!([replace(urn, json!(null))]), json!({}));
        leaves(before.clone(), json!([{"op": "remove", "path": format!("{urn}:none")}]));
        leaves(json!({"title": "T"}), json!([{"op": "remove", "path": urn}]));
        becomes(
            before,
            json!([replace(format!("{urn}:c.d"), json!(1))]),
            json!({urn: {"a": "1", "b": "x", "c": {"d": 1}}}),
        );
    }
}

#[test]
fn of_two_extensions_the_one_with_the_longer_urn_is_meant() {
    let (short, long) = ("urn:example:1.0", "urn:example:1.0:more");
    let before = json!({short: {"more": 1, "less": 1}, long: {"a": 1}});
    becomes(before.clone(), json!([{"op": "remove", "path": long}]), json!({short: {"more": 1, "less": 1}}));
    becomes(
        before.clone(),
        json!([replace(format!("{short}:less"), json!(2)), replace(format!("{long}:a"), json!(2))]),
        json!({short: {"more": 1, "less": 2}, long: {"a": 2}}),
    );
    refuses(
        before,
        json!([replace(long, json!("x"))]),
        ScimType::InvalidValue,
        &format!("Operations[0]: the value of `{long}` is not an object"),
    );
}

#[test]
fn an_object_under_an_attribute_of_an_extension_that_is_there_is_the_attributes_value() {
    let urn = "urn:example:hr:1.0";
    becomes(
        json!({urn: {"a": 1}}),
        json!([
            replace(format!("{urn}:desk"), json!({"floor": 2})),
            replace(format!("{urn}:desks"), json!([{"floor": 3}]))
        ]),
        json!({urn: {"a": 1, "desk": {"floor": 2}, "desks": [{"floor": 3}]}}),
    );
}

#[test]
fn the_strict_dialect_takes_the_same_urns() {
    for urn in CUSTOM {
        becomes_under(
            Dialect::STRICT,
            json!({urn: {"a": "1"}}),
            json!([replace(format!("{urn}:a"), json!("2")), {"op": "add", "path": urn, "value": {"b": 1}}]),
            json!({urn: {"a": "2", "b": 1}}),
        );
    }
    refuses_under(
        Dialect::STRICT,
        json!({}),
        json!([replace("urn:scim:schemas:core:1.0:active", json!(false))]),
        ScimType::InvalidPath,
        "Operations[0]: `urn:scim:schemas:core:1.0:active` is not an attribute of User",
    );
}
