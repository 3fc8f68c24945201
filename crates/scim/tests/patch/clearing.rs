//! Values are cleared with `""` and with `null`, and may be cleared again.

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, becomes, leaves};

const PATHS: [&str; 9] = [
    "title",
    "name.givenName",
    "name.familyName",
    "emails[type eq \"work\"].value",
    "phoneNumbers[type eq \"mobile\"].value",
    "addresses[type eq \"work\"].locality",
    "roles[primary eq \"True\"].value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
];

fn full() -> Value {
    json!({"title": "t", "active": true, "name": {"givenName": "g", "familyName": "f"},
        "emails": [{"type": "work", "value": "e", "primary": true}], "phoneNumbers": [{"type": "mobile", "value": "1"}],
        "addresses": [{"type": "work", "locality": "L", "primary": true}],
        "roles": [{"primary": true, "value": "r", "display": "R", "type": "T"}],
        ENTERPRISE: {"department": "d", "employeeNumber": "77"}})
}

fn verbose(value: &Value) -> Value {
    PATHS.iter().map(|path| json!({"op": "replace", "path": path, "value": value})).collect()
}

#[test]
fn every_mapped_attribute_is_cleared_one_by_one_and_again() {
    for value in [json!(""), json!(null)] {
        let twice: Vec<Value> = [verbose(&value), verbose(&json!(""))]
            .iter()
            .flat_map(|list| list.as_array().unwrap().clone())
            .collect();
        becomes(full(), verbose(&value), json!({"active": true}));
        becomes(full(), Value::Array(twice), json!({"active": true}));
        leaves(json!({"active": true}), verbose(&value));
    }
}

#[test]
fn every_mapped_attribute_is_cleared_by_a_path_less_value_and_again() {
    for value in [json!(""), json!(null)] {
        let keys: serde_json::Map<String, Value> =
            PATHS.iter().map(|path| (path.to_string(), value.clone())).collect();
        let operations = json!([{"op": "replace", "value": keys}]);
        becomes(full(), operations.clone(), json!({"active": true}));
        leaves(json!({"active": true}), operations);
    }
}

#[test]
fn every_mapped_attribute_is_removed_and_again() {
    let operations: Value = PATHS.iter().map(|path| json!({"op": "Remove", "path": path})).collect();
    becomes(full(), operations.clone(), json!({"active": true}));
    leaves(json!({"active": true}), operations);
}

#[test]
fn whole_attributes_are_cleared() {
    for value in [json!(null), json!(""), json!([])] {
        let clear = |path: &str| json!({"op": "replace", "path": path, "value": value});
        becomes(
            full(),
            json!([
                clear("title"),
                clear("name"),
                clear("emails"),
                clear("phoneNumbers"),
                clear("addresses"),
                clear("active")
            ]),
            json!({"roles": [{"primary": true, "value": "r", "display": "R", "type": "T"}],
                ENTERPRISE: {"department": "d", "employeeNumber": "77"}}),
        );
    }
}

#[test]
fn a_removal_whose_value_is_none_removes_all_that_its_path_names() {
    let (roles, tags) = (json!([{"value": "r"}, {"value": "s"}]), json!(["a", "b"]));
    let before = json!({"roles": roles, "title": "T", "urn:example:1.0": {"tags": tags, "badge": "7"}});
    let removal = |path: &str, value: &Value| json!({"op": "remove", "path": path, "value": value});
    for value in [json!(null), json!("")] {
        let operations = ["roles", "title", "urn:example:1.0:tags", "urn:example:1.0:badge"]
            .map(|path| removal(path, &value));
        becomes(before.clone(), json!(operations), json!({}));
    }
    for value in [json!([]), json!([""]), json!({}), json!({"value": ""})] {
        let operations = ["roles", "urn:example:1.0:tags"].map(|path| removal(path, &value));
        leaves(before.clone(), json!(operations));
    }
}

#[test]
fn a_cleared_sub_attribute_within_an_object_leaves_the_others() {
    becomes(
        json!({"name": {"givenName": "g", "familyName": "f"}}),
        json!([{"op": "replace", "path": "name", "value": {"givenName": ""}}]),
        json!({"name": {"familyName": "f"}}),
    );
}

#[test]
fn elements_are_cleared_when_what_is_left_says_nothing() {
    becomes(
        json!({"addresses": [{"type": "work", "locality": "L", "region": "R", "primary": true}]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].locality", "value": ""}]),
        json!({"addresses": [{"type": "work", "region": "R", "primary": true}]}),
    );
    becomes(
        json!({"addresses": [{"type": "work", "region": "R", "primary": true}]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].region", "value": null}]),
        json!({}),
    );
}

#[test]
fn elements_without_values_are_not_stored() {
    becomes(
        json!({"emails": ["a"]}),
        json!([{"op": "replace", "path": "emails", "value": [{"value": ""}, {"value": null, "display": ""}, null, ""]}]),
        json!({}),
    );
    becomes(
        json!({"emails": [{"type": "work", "value": "w"}]}),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": ""}}]),
        json!({}),
    );
}

#[test]
fn an_element_that_is_cleared_and_filled_again_stays_the_primary_one() {
    let remove = json!({"op": "remove", "path": "emails[type eq \"work\"].value"});
    let clear = json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": ""});
    for cleared in [remove, clear] {
        let fill = json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "new"});
        becomes(
            json!({"emails": [{"type": "work", "value": "old", "display": "Old", "primary": true}, {"type": "home", "value": "h"}]}),
            json!([cleared, fill]),
            json!({"emails": [{"type": "work", "value": "new", "primary": true}, {"type": "home", "value": "h"}]}),
        );
    }
}
