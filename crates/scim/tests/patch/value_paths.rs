//! `attribute[filter]` and `attribute[filter].sub`: what they select, and what is created if they select nothing.

use serde_json::json;

use crate::support::{becomes, leaves};

#[test]
fn a_work_email_is_created_if_there_is_none() {
    for op in ["Add", "add", "Replace", "replace"] {
        let operations = json!([{"op": op, "path": "emails[type eq \"work\"].value", "value": "w"}]);
        becomes(json!({}), operations.clone(), json!({"emails": [{"type": "work", "value": "w"}]}));
        becomes(
            json!({"emails": [{"type": "home", "value": "h"}]}),
            operations,
            json!({"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}]}),
        );
    }
}

#[test]
fn every_attribute_that_entra_maps_by_type_is_created() {
    for (path, after) in [
        (
            "phoneNumbers[type eq \"mobile\"].value",
            json!({"phoneNumbers": [{"type": "mobile", "value": "X"}]}),
        ),
        ("phoneNumbers[type eq \"fax\"].value", json!({"phoneNumbers": [{"type": "fax", "value": "X"}]})),
        ("addresses[type eq \"work\"].country", json!({"addresses": [{"type": "work", "country": "X"}]})),
        ("emails[type eq \"untyped\"].value", json!({"emails": [{"type": "untyped", "value": "X"}]})),
        ("emails[primary eq true].value", json!({"emails": [{"primary": true, "value": "X"}]})),
        ("roles[primary eq \"True\"].value", json!({"roles": [{"primary": true, "value": "X"}]})),
        ("roles[primary EQ \"true\"].value", json!({"roles": [{"primary": true, "value": "X"}]})),
        (
            "ims[type eq \"work\" and primary eq \"False\"].value",
            json!({"ims": [{"type": "work", "primary": false, "value": "X"}]}),
        ),
        (" emails[ type eq \"work\" ].value ", json!({"emails": [{"type": "work", "value": "X"}]})),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
            json!({"emails": [{"type": "work", "value": "X"}]}),
        ),
    ] {
        for op in ["Add", "Replace"] {
            becomes(json!({}), json!([{"op": op, "path": path, "value": "X"}]), after.clone());
        }
    }
}

#[test]
fn an_element_without_a_sub_attribute_is_created() {
    for value in [
        json!({"value": "w", "display": "W"}),
        json!([{"value": "w", "display": "W"}]),
        json!({"type": "work", "value": "w", "display": "W"}),
    ] {
        for op in ["Add", "Replace"] {
            becomes(
                json!({}),
                json!([{"op": op, "path": "emails[type eq \"work\"]", "value": value}]),
                json!({"emails": [{"type": "work", "value": "w", "display": "W"}]}),
            );
        }
    }
    let bare = json!([{"op": "Add", "path": "emails[type eq \"work\"]", "value": "w"}]);
    becomes(json!({}), bare, json!({"emails": [{"type": "work", "value": "w"}]}));
}

#[test]
fn clearing_what_matches_nothing_is_done_already() {
    let elsewhere =
        json!({"phoneNumbers": [{"type": "mobile", "display": "m"}, {"type": "work", "value": "1"}]});
    for path in [
        "phoneNumbers[type eq \"fax\"].value",
        "phoneNumbers[type eq \"fax\"]",
        "phoneNumbers[not (type pr)].display",
        "addresses[type eq \"work\"].locality",
    ] {
        for user in [json!({}), elsewhere.clone()] {
            for value in [json!(""), json!(null)] {
                leaves(user.clone(), json!([{"op": "Replace", "path": path, "value": value}]));
                leaves(user.clone(), json!([{"op": "Add", "path": path, "value": value}]));
            }
            leaves(user, json!([{"op": "Remove", "path": path}]));
        }
    }
}

#[test]
fn several_operations_fill_one_address() {
    let path = |sub: &str| format!("addresses[type eq \"work\"].{sub}");
    becomes(
        json!({"addresses": [{"type": "home", "locality": "H"}]}),
        json!([
            {"op": "Add", "path": path("streetAddress"), "value": "1 Way"},
            {"op": "Add", "path": path("locality"), "value": "L"},
            {"op": "Replace", "path": path("region"), "value": "R"},
            {"op": "Add", "path": path("postalCode"), "value": "P"},
            {"op": "Add", "path": path("country"), "value": "Belize"},
            {"op": "Add", "path": path("formatted"), "value": "1 Way\nL"},
        ]),
        json!({"addresses": [{"type": "home", "locality": "H"},
            {"type": "work", "streetAddress": "1 Way", "locality": "L", "region": "R", "postalCode": "P", "country": "Belize", "formatted": "1 Way\nL"}]}),
    );
}

#[test]
fn primary_and_type_may_come_before_the_value() {
    for primary in [json!(true), json!("true"), json!("True")] {
        becomes(
            json!({}),
            json!([
                {"op": "Add", "path": "emails[type eq \"work\"].primary", "value": primary},
                {"op": "Add", "path": "emails[type eq \"work\"].type", "value": "work"},
                {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "w"},
            ]),
            json!({"emails": [{"type": "work", "primary": true, "value": "w"}]}),
        );
    }
}

#[test]
fn clearing_a_sub_attribute_that_is_not_there_leaves_the_element() {
    becomes(
        json!({}),
        json!([
            {"op": "Add", "path": "emails[type eq \"work\"].primary", "value": true},
            {"op": "Replace", "path": "emails[type eq \"work\"].display", "value": ""},
            {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "w"},
        ]),
        json!({"emails": [{"type": "work", "primary": true, "value": "w"}]}),
    );
}

#[test]
fn all_that_the_filter_selects_is_changed() {
    becomes(
        json!({"emails": [{"type": "work", "value": "1"}, {"type": "home", "value": "2"}, {"type": "WORK", "value": "3"}]}),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].display", "value": "D"}]),
        json!({"emails": [{"type": "work", "value": "1", "display": "D"}, {"type": "home", "value": "2"}, {"type": "WORK", "value": "3", "display": "D"}]}),
    );
}

#[test]
fn a_path_through_a_multi_valued_attribute_without_a_filter_means_all_its_elements() {
    let before = json!({"emails": [{"type": "work", "value": "1"}, {"type": "home", "value": "2"}]});
    becomes(
        before.clone(),
        json!([{"op": "replace", "path": "emails.display", "value": "D"}]),
        json!({"emails": [{"type": "work", "value": "1", "display": "D"}, {"type": "home", "value": "2", "display": "D"}]}),
    );
    becomes(
        before.clone(),
        json!([{"op": "remove", "path": "emails.type"}]),
        json!({"emails": [{"value": "1"}, {"value": "2"}]}),
    );
    becomes(before, json!([{"op": "remove", "path": "emails.value"}]), json!({}));
    becomes(
        json!({}),
        json!([{"op": "add", "path": "emails.value", "value": "e"}]),
        json!({"emails": [{"value": "e"}]}),
    );
}

#[test]
fn a_whole_element_is_replaced_and_keeps_what_selected_it() {
    becomes(
        json!({"addresses": [{"type": "Work", "locality": "A", "country": "B", "primary": false}, {"type": "home", "locality": "C", "primary": true}]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": {"streetAddress": "911 Way", "locality": "Hollywood", "primary": "True"}}]),
        json!({"addresses": [{"type": "Work", "streetAddress": "911 Way", "locality": "Hollywood", "primary": true}, {"type": "home", "locality": "C", "primary": false}]}),
    );
}

#[test]
fn an_addition_to_a_whole_element_leaves_the_rest_of_it() {
    becomes(
        json!({"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}]}),
        json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "D"}}]),
        json!({"emails": [{"type": "work", "value": "w", "display": "D"}, {"type": "home", "value": "h"}]}),
    );
}

#[test]
fn what_the_filter_selects_is_removed_and_the_last_one_takes_the_attribute_along() {
    let before = json!({"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}]});
    becomes(
        before.clone(),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
        json!({"emails": [{"type": "home", "value": "h"}]}),
    );
    becomes(before.clone(), json!([{"op": "remove", "path": "emails[value pr]"}]), json!({}));
    becomes(
        before,
        json!([{"op": "remove", "path": "emails[type eq \"home\" or type eq \"work\"]"}]),
        json!({}),
    );
}

#[test]
fn a_removed_sub_attribute_leaves_its_element() {
    becomes(
        json!({"phoneNumbers": [{"type": "work", "value": "1", "display": "one"}]}),
        json!([{"op": "Remove", "path": "phoneNumbers[type eq \"work\"].display"}]),
        json!({"phoneNumbers": [{"type": "work", "value": "1"}]}),
    );
}

#[test]
fn an_element_that_would_be_there_already_is_not_made_a_second_time() {
    let before = json!({"emails": [{"type": "home", "value": "x"}]});
    leaves(
        before.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"type": "home", "value": "x"}}]),
    );
    becomes(
        json!({"roles": ["A", "B"]}),
        json!([{"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "B"}]),
        json!({"roles": [{"value": "A"}, {"value": "B", "primary": true}]}),
    );
}
