//! RFC 7644 s3.5.2 without any client's habit: add, replace, remove, their order, and what changes nothing.

use scim::ScimType;
use serde_json::json;

use crate::support::{becomes, created, leaves, message, patched, refuses, user_kind};

#[test]
fn an_addition_sets_merges_and_appends() {
    becomes(
        json!({"name": {"familyName": "F"}, "emails": [{"type": "work", "value": "w"}]}),
        json!([
            {"op": "add", "path": "displayName", "value": "D"},
            {"op": "add", "path": "name", "value": {"givenName": "G"}},
            {"op": "add", "path": "emails", "value": [{"type": "home", "value": "h"}]},
            {"op": "add", "value": {"nickName": "N", "emails": [{"type": "other", "value": "o"}]}},
        ]),
        json!({"displayName": "D", "nickName": "N", "name": {"familyName": "F", "givenName": "G"},
            "emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}, {"type": "other", "value": "o"}]}),
    );
}

#[test]
fn a_replacement_sets_what_is_missing_merges_and_replaces_all_elements() {
    becomes(
        json!({"name": {"familyName": "F", "givenName": "G"}, "emails": ["a", "b"]}),
        json!([
            {"op": "replace", "path": "title", "value": "New"},
            {"op": "replace", "path": "name", "value": {"familyName": "F2"}},
            {"op": "replace", "path": "emails", "value": [{"type": "other", "value": "o"}]},
        ]),
        json!({"title": "New", "name": {"familyName": "F2", "givenName": "G"}, "emails": [{"type": "other", "value": "o"}]}),
    );
}

#[test]
fn a_removal_takes_attributes_sub_attributes_elements_and_all_elements() {
    becomes(
        json!({"title": "T", "displayName": "D", "name": {"givenName": "G", "familyName": "F"}, "ims": ["i"],
            "emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h"}], "phoneNumbers": ["1", "2"]}),
        json!([
            {"op": "remove", "path": "title"},
            {"op": "remove", "path": "name.givenName"},
            {"op": "remove", "path": "emails[type eq \"work\"]"},
            {"op": "remove", "path": "phoneNumbers"},
            {"op": "remove", "path": "ims", "value": null},
            {"op": "remove", "path": "displayName", "value": {"of": "no", "meaning": 1}},
        ]),
        json!({"name": {"familyName": "F"}, "emails": [{"type": "home", "value": "h"}]}),
    );
}

#[test]
fn the_last_sub_attribute_takes_the_attribute_along() {
    becomes(
        json!({"name": {"givenName": "G"}}),
        json!([{"op": "remove", "path": "name.givenName"}]),
        json!({}),
    );
    becomes(json!({"name": {"givenName": "G"}}), json!([{"op": "remove", "path": "name"}]), json!({}));
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    for path in [
        "title",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails[type eq \"x\"]",
        "manager",
        "urn:x:2.0:User:a",
    ] {
        leaves(json!({"displayName": "D"}), json!([{"op": "remove", "path": path}]));
    }
}

#[test]
fn adding_what_is_there_changes_nothing() {
    let user = json!({"displayName": "D", "name": {"givenName": "G"}, "manager": "m",
        "emails": [{"type": "work", "value": "w", "primary": true}, {"type": "home", "value": "w", "primary": false}]});
    for operation in [
        json!({"op": "add", "path": "displayName", "value": "D"}),
        json!({"op": "add", "path": "name", "value": {"givenName": "G"}}),
        json!({"op": "add", "path": "emails", "value": [{"type": "work", "value": "w", "primary": true}]}),
        json!({"op": "add", "path": "emails", "value": [{"type": "work", "value": "w"}, {"type": "work", "value": "w"}]}),
        json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "w"}),
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"value": "w"}}),
        json!({"op": "add", "path": "manager", "value": "m"}),
        json!({"op": "add", "value": {"displayName": "D"}}),
        json!({"op": "add", "path": "title", "value": null}),
        json!({"op": "add", "path": "displayName", "value": null}),
        json!({"op": "add", "path": "displayName", "value": ""}),
        json!({"op": "add", "path": "emails", "value": []}),
    ] {
        leaves(user.clone(), json!([operation]));
    }
}

#[test]
fn a_value_that_is_added_twice_is_there_once() {
    becomes(
        json!({}),
        json!([
            {"op": "add", "path": "emails", "value": [{"type": "work", "value": "w"}, {"type": "work", "value": "w"}]},
            {"op": "add", "path": "emails", "value": [{"type": "work", "value": "w", "display": "W"}]},
        ]),
        json!({"emails": [{"type": "work", "value": "w", "display": "W"}]}),
    );
    becomes(
        json!({"addresses": [{"locality": "L"}]}),
        json!([{"op": "add", "path": "addresses", "value": [{"locality": "L"}, {"locality": "M"}]}]),
        json!({"addresses": [{"locality": "L"}, {"locality": "M"}]}),
    );
}

#[test]
fn the_same_value_of_another_type_is_another_value() {
    becomes(
        json!({"emails": [{"type": "work", "value": "x"}]}),
        json!([{"op": "add", "path": "emails", "value": [{"type": "home", "value": "x"}]}]),
        json!({"emails": [{"type": "work", "value": "x"}, {"type": "home", "value": "x"}]}),
    );
}

#[test]
fn values_that_a_removal_lists_are_all_that_goes() {
    let before = json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a"}, {"type": "work", "value": "b"}]});
    for (listed, after) in [
        (
            json!([{"value": "b"}]),
            json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a"}]}),
        ),
        (
            json!({"value": "B"}),
            json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a"}]}),
        ),
        (json!(["b"]), json!({"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "a"}]})),
        (
            json!([{"value": "a", "type": "home"}]),
            json!({"emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}]}),
        ),
        (json!([{"value": "a"}]), json!({"emails": [{"type": "work", "value": "b"}]})),
        (json!([{"value": "a"}, {"value": "b"}]), json!({})),
        (json!([{"value": "other"}]), before.clone()),
    ] {
        becomes(before.clone(), json!([{"op": "Remove", "path": "emails", "value": listed}]), after);
    }
}

#[test]
fn a_removal_that_lists_nothing_removes_nothing() {
    for listed in [json!([]), json!([""]), json!([{"value": ""}]), json!({})] {
        leaves(json!({"emails": ["a", "b"]}), json!([{"op": "Remove", "path": "emails", "value": listed}]));
    }
}

#[test]
fn an_operation_sees_what_earlier_operations_did() {
    becomes(
        json!({"preferredLanguage": "hi", "title": "T"}),
        json!([
            {"op": "add", "path": "emails", "value": [{"type": "work", "value": "w"}]},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "w2"},
            {"op": "add", "path": "emails[value eq \"w2\"].display", "value": "W"},
            {"op": "remove", "path": "preferredLanguage"},
            {"op": "add", "path": "preferredLanguage", "value": "cy"},
            {"op": "replace", "path": "preferredLanguage", "value": "en"},
            {"op": "replace", "path": "title", "value": "U"},
            {"op": "remove", "path": "title"},
        ]),
        json!({"emails": [{"type": "work", "value": "w2", "display": "W"}], "preferredLanguage": "en"}),
    );
}

#[test]
fn an_error_in_the_last_operation_undoes_the_first() {
    let before = created(user_kind(), &json!({"userName": "ada", "title": "T"}));
    let kept = before.clone();
    for last in [
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "replace", "path": "emails[not (type eq \"a\")].value", "value": "x"}),
    ] {
        let operations = json!([{"op": "replace", "path": "title", "value": "U"}, last]);
        assert!(
            patched(scim::Dialect::TOLERANT, user_kind(), &before, &message(&operations)).is_err(),
            "{operations}"
        );
        assert_eq!(before, kept);
    }
}

#[test]
fn what_is_required_can_be_taken_away_by_no_operation() {
    for (operation, scim_type, detail) in [
        (
            json!({"op": "remove", "path": "userName"}),
            ScimType::Mutability,
            "Operations[0]: `userName` is required and cannot be removed",
        ),
        (
            json!({"op": "replace", "path": "userName", "value": ""}),
            ScimType::InvalidValue,
            "a User needs a value for `userName`",
        ),
        (
            json!({"op": "replace", "value": {"userName": null}}),
            ScimType::InvalidValue,
            "a User needs a value for `userName`",
        ),
    ] {
        refuses(json!({}), json!([operation]), scim_type, detail);
    }
}

#[test]
fn what_is_required_may_be_gone_between_two_operations() {
    becomes(
        json!({}),
        json!([{"op": "replace", "path": "userName", "value": null}, {"op": "add", "path": "userName", "value": "eve"}]),
        json!({"userName": "eve"}),
    );
}
