//! The manager, in every form in which clients set and clear it.

use scim::ScimType;
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, becomes, leaves, refuses};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

fn managed(manager: Value) -> Value {
    json!({ENTERPRISE: {"department": "D", "manager": manager}})
}

fn unmanaged() -> Value {
    json!({ENTERPRISE: {"department": "D"}})
}

/// Returns the ways in which clients set the manager `2`.
fn settings() -> Vec<Value> {
    let mut operations = vec![
        json!({"op": "replace", "value": {MANAGER: "2"}}),
        json!({"op": "replace", "value": {ENTERPRISE: {"manager": "2"}}}),
        json!({"op": "replace", "value": {"manager": {"value": "2"}}}),
        json!({"op": "Add", "path": ENTERPRISE, "value": {"manager": {"value": "2"}}}),
    ];
    for op in ["Add", "Replace"] {
        for path in [MANAGER, "manager", "Manager"] {
            for value in [
                json!("2"),
                json!({"value": "2"}),
                json!([{"$ref": null, "value": "2"}]),
                json!(["2"]),
                json!({"value": "2", "$ref": "", "displayName": "Eve"}),
            ] {
                operations.push(json!({"op": op, "path": path, "value": value}));
            }
            operations.push(json!({"op": op, "path": format!("{path}.value"), "value": "2"}));
        }
    }
    operations
}

#[test]
fn every_form_sets_the_manager() {
    for operation in settings() {
        becomes(unmanaged(), json!([operation]), managed(json!({"value": "2"})));
        becomes(managed(json!({"value": "1"})), json!([operation]), managed(json!({"value": "2"})));
    }
}

#[test]
fn a_reference_at_its_own_path_names_the_manager() {
    let managed_by = |reference: &str| managed(json!({"value": "2", "$ref": reference}));
    for path in [format!("{MANAGER}.$ref"), "manager.$ref".to_string(), "Manager.$REF".to_string()] {
        for reference in ["../Users/2", "https://scim.example/scim/v2/Users/2"] {
            for op in ["Add", "replace"] {
                let operations = json!([{"op": op, "path": path, "value": reference}]);
                becomes(unmanaged(), operations.clone(), managed_by(reference));
                becomes(managed(json!({"value": "1"})), operations.clone(), managed_by(reference));
                becomes(
                    managed(json!({"value": "1", "$ref": "../Users/1"})),
                    operations,
                    managed_by(reference),
                );
            }
        }
        for cleared in [json!(null), json!("")] {
            becomes(
                managed_by("../Users/2"),
                json!([{"op": "replace", "path": path, "value": cleared}]),
                managed(json!({"value": "2"})),
            );
        }
    }
    let path = format!("{MANAGER}.$ref");
    refuses(
        unmanaged(),
        json!([{"op": "replace", "path": path, "value": 7}]),
        ScimType::InvalidValue,
        &format!("Operations[0]: `{path}` is not a string"),
    );
}

#[test]
fn the_reference_of_the_manager_before_does_not_survive() {
    for operation in settings() {
        becomes(
            managed(json!({"value": "1", "$ref": "../Users/1"})),
            json!([operation]),
            managed(json!({"value": "2"})),
        );
    }
}

#[test]
fn the_reference_of_the_same_manager_survives() {
    let says_nothing_of_it = |operation: &Value| !operation.to_string().contains("$ref");
    for operation in settings().into_iter().filter(says_nothing_of_it) {
        leaves(managed(json!({"value": "2", "$ref": "../Users/2"})), json!([operation]));
    }
}

#[test]
fn a_reference_that_comes_with_the_value_is_kept() {
    let reference = format!("{MANAGER}.$ref");
    let value = format!("{MANAGER}.value");
    for operations in [
        json!([{"op": "Add", "path": "manager", "value": [{"$ref": "../Users/2", "value": "2"}]}]),
        json!([{"op": "replace", "path": MANAGER, "value": {"$ref": "../Users/2", "VALUE": "2"}}]),
        json!([{"op": "replace", "value": {reference.as_str(): "../Users/2", value.as_str(): "2"}}]),
        json!([{"op": "replace", "path": value, "value": "2"}, {"op": "replace", "path": reference, "value": "../Users/2"}]),
        json!([{"op": "replace", "path": reference, "value": "../Users/2"}, {"op": "replace", "path": value, "value": "2"}]),
    ] {
        for before in [
            unmanaged(),
            managed(json!({"value": "1"})),
            managed(json!({"value": "1", "$ref": "../Users/1"})),
        ] {
            becomes(before, operations.clone(), managed(json!({"value": "2", "$ref": "../Users/2"})));
        }
    }
}

#[test]
fn every_form_clears_the_manager_and_clears_it_again() {
    let mut operations = vec![
        json!({"op": "replace", "value": {MANAGER: ""}}),
        json!({"op": "replace", "value": {ENTERPRISE: {"manager": null}}}),
        json!({"op": "remove", "path": format!("{MANAGER}[value eq \"1\"]")}),
        json!({"op": "remove", "path": "manager[value eq \"1\"].value"}),
    ];
    for path in [MANAGER, "manager"] {
        for value in [
            json!(""),
            json!(null),
            json!({"value": ""}),
            json!({"value": null}),
            json!([]),
            json!([{"value": ""}]),
            json!([""]),
        ] {
            operations.push(json!({"op": "replace", "path": path, "value": value}));
        }
        operations.push(json!({"op": "Remove", "path": path}));
        operations.push(json!({"op": "Remove", "path": path, "value": {"value": "1"}}));
        operations.push(json!({"op": "Remove", "path": format!("{path}.value")}));
        operations.push(json!({"op": "Replace", "path": format!("{path}.value"), "value": ""}));
    }
    for operation in operations {
        becomes(managed(json!({"value": "1", "$ref": "../Users/1"})), json!([operation]), unmanaged());
        leaves(unmanaged(), json!([operation]));
    }
}

#[test]
fn clearing_the_value_clears_what_the_same_object_says_beside_it() {
    becomes(
        managed(json!({"value": "1"})),
        json!([{"op": "replace", "path": "manager", "value": {"value": "", "$ref": "../Users/1"}}]),
        unmanaged(),
    );
}

#[test]
fn clearing_the_last_attribute_takes_the_extension_along() {
    becomes(json!({"manager": "1"}), json!([{"op": "remove", "path": "manager"}]), json!({}));
}

#[test]
fn a_filter_that_the_manager_does_not_meet_removes_nothing() {
    for path in ["manager[value eq \"2\"]", "manager[value eq \"2\"].value"] {
        leaves(managed(json!({"value": "1"})), json!([{"op": "remove", "path": path}]));
        leaves(managed(json!({"value": "1"})), json!([{"op": "replace", "path": path, "value": ""}]));
    }
}

#[test]
fn a_filter_that_the_manager_does_not_meet_sets_nothing() {
    refuses(
        managed(json!({"value": "1"})),
        json!([{"op": "replace", "path": "manager[value eq \"2\"].$ref", "value": "../Users/2"}]),
        ScimType::NoTarget,
        "Operations[0]: no value of `manager` meets the filter",
    );
}

#[test]
fn the_manager_s_name_is_the_server_s_to_write() {
    refuses(
        managed(json!({"value": "1"})),
        json!([{"op": "replace", "path": "manager.displayName", "value": "Eve"}]),
        ScimType::Mutability,
        "Operations[0]: `displayName` is readOnly",
    );
    becomes(
        managed(json!({"value": "1"})),
        json!([{"op": "replace", "value": {format!("{MANAGER}.displayName"): "Eve", "title": "T"}}]),
        json!({"title": "T", ENTERPRISE: {"department": "D", "manager": {"value": "1"}}}),
    );
}
