//! `primary` is true for one element at most (RFC 7643 s2.4, RFC 7644 s3.5.2).

use scim::ScimType;
use serde_json::{Value, json};

use crate::support::{becomes, leaves, refuses};

fn emails(work: bool, home: bool) -> Value {
    json!({"emails": [{"type": "work", "value": "w", "primary": work}, {"type": "home", "value": "h", "primary": home}]})
}

#[test]
fn an_element_that_becomes_primary_takes_that_from_the_others() {
    for operation in [
        json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}),
        json!({"op": "Add", "path": "emails[type eq \"home\"].primary", "value": "True"}),
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}),
        json!({"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "h", "primary": true}}),
        json!({"op": "add", "path": "emails", "value": [{"type": "home", "value": "h", "primary": true}]}),
    ] {
        becomes(emails(true, false), json!([operation]), emails(false, true));
    }
}

#[test]
fn a_new_primary_element_takes_that_from_the_others() {
    let after = json!({"emails": [{"type": "work", "value": "w", "primary": false}, {"type": "other", "value": "o", "primary": true}]});
    for operation in [
        json!({"op": "add", "path": "emails", "value": [{"type": "other", "value": "o", "primary": true}]}),
        json!({"op": "add", "value": {"emails": {"type": "other", "value": "o", "primary": "true"}}}),
        json!({"op": "add", "path": "emails[type eq \"other\"]", "value": {"value": "o", "primary": true}}),
        json!({"op": "replace", "path": "emails[type eq \"other\" and primary eq true].value", "value": "o"}),
    ] {
        becomes(
            json!({"emails": [{"type": "work", "value": "w", "primary": true}]}),
            json!([operation]),
            after.clone(),
        );
    }
}

#[test]
fn the_new_primary_wins_over_the_old_one_that_is_added_again_beside_it() {
    becomes(
        json!({"emails": [{"type": "work", "value": "w", "primary": true}]}),
        json!([{"op": "add", "path": "emails", "value": [{"type": "work", "value": "w", "display": "W"}, {"type": "home", "value": "h", "primary": true}]}]),
        json!({"emails": [{"type": "work", "value": "w", "display": "W", "primary": false}, {"type": "home", "value": "h", "primary": true}]}),
    );
}

#[test]
fn of_several_that_a_path_makes_primary_the_first_is() {
    becomes(
        json!({"emails": ["a", "b", {"value": "c", "primary": true}]}),
        json!([{"op": "replace", "path": "emails.primary", "value": true}]),
        json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": false}, {"value": "c", "primary": false}]}),
    );
}

#[test]
fn what_is_not_primary_leaves_the_primary_one_alone() {
    leaves(
        emails(true, false),
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": false}]),
    );
    becomes(
        emails(true, false),
        json!([{"op": "add", "path": "emails", "value": [{"value": "n", "primary": false}]}]),
        json!({"emails": [{"type": "work", "value": "w", "primary": true}, {"type": "home", "value": "h", "primary": false}, {"value": "n", "primary": false}]}),
    );
    becomes(
        emails(true, false),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": "False"}]),
        emails(false, false),
    );
}

#[test]
fn two_primaries_in_one_value_are_refused() {
    let value = json!([{"value": "a", "primary": true}, {"value": "b", "primary": "True"}]);
    for op in ["add", "replace"] {
        refuses(
            json!({}),
            json!([{"op": op, "path": "emails", "value": value}]),
            ScimType::InvalidValue,
            "Operations[0]: `emails` has more than one primary value",
        );
    }
}
