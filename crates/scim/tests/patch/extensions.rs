//! Extensions that a schema declares: attributes under their URN, and the extension as a whole (RFC 7644
//! s3.10).

use scim::ScimType;
use serde_json::json;

use crate::support::{ENTERPRISE, becomes, leaves, refuses};

#[test]
fn an_attribute_under_its_urn_makes_the_extension_and_its_removal_ends_it() {
    let path = format!("{ENTERPRISE}:employeeNumber");
    for op in ["Add", "Replace"] {
        let operations = json!([{"op": op, "path": path, "value": "1815"}]);
        becomes(json!({}), operations, json!({ENTERPRISE: {"employeeNumber": "1815"}}));
    }
    becomes(json!({ENTERPRISE: {"employeeNumber": "1"}}), json!([{"op": "Remove", "path": path}]), json!({}));
}

#[test]
fn the_urn_of_the_core_schema_may_stand_before_its_attributes() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    becomes(
        json!({}),
        json!([
            {"op": "Add", "path": format!("{core}:title"), "value": "T"},
            {"op": "Add", "path": format!("{core}:name.givenName"), "value": "G"},
            {"op": "Add", "path": core, "value": {"nickName": "N", "id": "x"}},
        ]),
        json!({"title": "T", "name": {"givenName": "G"}, "nickName": "N"}),
    );
}

#[test]
fn a_whole_extension_is_set_attribute_by_attribute() {
    for op in ["add", "replace"] {
        for operation in [
            json!({"op": op, "path": ENTERPRISE, "value": {"costCenter": "C1", "Department": "D1", "manager": "m"}}),
            json!({"op": op, "path": ENTERPRISE.to_uppercase(), "value": {"costCenter": "C1", "department": "D1", "manager": {"value": "m"}}}),
            json!({"op": op, "value": {ENTERPRISE: {"costCenter": "C1", "department": "D1", "manager": "m"}}}),
        ] {
            becomes(
                json!({ENTERPRISE: {"costCenter": "C0", "division": "DV"}}),
                json!([operation]),
                json!({ENTERPRISE: {"costCenter": "C1", "division": "DV", "department": "D1", "manager": {"value": "m"}}}),
            );
        }
    }
}

#[test]
fn a_whole_extension_is_removed() {
    for operation in [
        json!({"op": "remove", "path": ENTERPRISE}),
        json!({"op": "Remove", "path": ENTERPRISE, "value": {"department": "D"}}),
        json!({"op": "replace", "path": ENTERPRISE, "value": null}),
        json!({"op": "replace", "path": ENTERPRISE, "value": ""}),
        json!({"op": "replace", "value": {ENTERPRISE: null}}),
        json!({"op": "replace", "path": ENTERPRISE, "value": {"department": "", "division": null}}),
    ] {
        becomes(
            json!({"title": "T", ENTERPRISE: {"department": "D", "division": "V"}}),
            json!([operation]),
            json!({"title": "T"}),
        );
        leaves(json!({"title": "T"}), json!([operation]));
    }
}

#[test]
fn an_extension_without_attributes_changes_nothing() {
    for operation in [
        json!({"op": "add", "path": ENTERPRISE, "value": {}}),
        json!({"op": "add", "path": ENTERPRISE, "value": null}),
        json!({"op": "replace", "value": {ENTERPRISE: {}}}),
    ] {
        leaves(json!({ENTERPRISE: {"department": "D"}}), json!([operation]));
        leaves(json!({}), json!([operation]));
    }
}

#[test]
fn an_extension_that_is_not_an_object_is_refused() {
    for value in [json!("D"), json!(5), json!([{"department": "D"}, {"department": "E"}])] {
        refuses(
            json!({}),
            json!([{"op": "replace", "path": ENTERPRISE, "value": value}]),
            ScimType::InvalidValue,
            &format!("Operations[0]: the value of `{ENTERPRISE}` is not an object"),
        );
    }
}
