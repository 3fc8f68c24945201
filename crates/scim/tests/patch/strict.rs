//! The strict dialect: habits of clients are refused, or read as the RFC says.

use scim::ScimType::{InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget};
use scim::{Dialect, ScimType, urn};
use serde_json::{Value, json};

use crate::support::{
    ENTERPRISE, becomes_under, created, message, patched, refusal, refuses_under, user_kind,
};

const STRICT: Dialect = Dialect::STRICT;

#[test]
fn the_letter_case_of_the_urn_of_a_message_does_not_count_as_it_does_not_in_a_resource() {
    let ada = created(user_kind(), &json!({"userName": "ada"}));
    let body = |urn: &str| json!({"schemas": ["urn:x", urn], "Operations": [{"op": "add", "path": "title", "value": "T"}]});
    for urn in [urn::PATCH_OP.to_uppercase(), urn::PATCH_OP.to_lowercase()] {
        assert_eq!(
            patched(STRICT, user_kind(), &ada, &body(&urn)),
            Ok(json!({"userName": "ada", "title": "T"})),
            "{urn}"
        );
    }
    let detail = format!("`schemas` does not list `{}`", urn::PATCH_OP);
    for urn in [urn::SEARCH_REQUEST.to_string(), format!("{}s", urn::PATCH_OP)] {
        assert_eq!(
            patched(STRICT, user_kind(), &ada, &body(&urn)),
            Err(refusal(InvalidSyntax, &detail)),
            "{urn}"
        );
    }
}

/// Checks that each of the operations is refused by itself.
#[track_caller]
fn each_is_refused<const N: usize>(operations: [(Value, ScimType, &str); N]) {
    for (operation, scim_type, detail) in operations {
        refuses_under(STRICT, json!({}), json!([operation]), scim_type, &format!("Operations[0]: {detail}"));
    }
}

#[test]
fn an_operation_or_a_value_that_only_a_habit_would_read_is_refused() {
    each_is_refused([
        (
            json!({"op": "Replace", "path": "title", "value": "T"}),
            InvalidSyntax,
            "`Replace` is not add, remove or replace",
        ),
        (
            json!({"op": "replace", "path": "active", "value": "False"}),
            InvalidValue,
            "`active` is not a boolean",
        ),
        (
            json!({"op": "replace", "path": "displayName", "value": ["X"]}),
            InvalidValue,
            "`displayName` is not a string",
        ),
        (
            json!({"op": "replace", "path": "emails", "value": {"value": "e"}}),
            InvalidValue,
            "`emails` is not an array",
        ),
        (
            json!({"op": "replace", "path": "emails", "value": ["e"]}),
            InvalidValue,
            "`emails[0]` is not an object",
        ),
        (
            json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "m"}),
            InvalidValue,
            "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager` is not an object",
        ),
    ]);
}

#[test]
fn a_name_that_only_a_habit_would_know_or_ignore_is_refused() {
    each_is_refused([
        (
            json!({"op": "replace", "path": "manager", "value": {"value": "m"}}),
            InvalidPath,
            "`manager` is not an attribute of User",
        ),
        (
            json!({"op": "replace", "path": "name.giveName", "value": "G"}),
            InvalidPath,
            "`name.giveName` is not an attribute of User",
        ),
        (
            json!({"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "R"}),
            InvalidPath,
            "`roles[primary eq \"True\"].value`: `primary eq \"True\"`: `primary` is a boolean",
        ),
        (
            json!({"op": "replace", "path": "roles[primary eq true].displayName", "value": "R"}),
            InvalidPath,
            "`roles[primary eq true].displayName` is not an attribute of User",
        ),
        (
            json!({"op": "replace", "path": "roles", "value": [{"value": "R", "displayName": "D"}]}),
            InvalidSyntax,
            "`roles[0]` has no sub-attribute `displayName`",
        ),
        (json!({"op": "replace", "value": {"id": "x", "title": "T"}}), Mutability, "`id` is readOnly"),
        (
            json!({"op": "replace", "path": "schemas", "value": ["urn:x"]}),
            Mutability,
            "`schemas` is readOnly",
        ),
    ]);
}

#[test]
fn an_unknown_attribute_is_refused_beside_good_ones() {
    let good = json!({"op": "replace", "path": "title", "value": "T"});
    refuses_under(
        STRICT,
        json!({}),
        json!([good, {"op": "replace", "path": "shoeSize", "value": 41}]),
        InvalidPath,
        "Operations[1]: `shoeSize` is not an attribute of User",
    );
}

#[test]
fn a_value_path_that_matches_nothing_is_no_target() {
    for op in ["add", "replace"] {
        for (path, value) in [
            ("emails[type eq \"work\"].value", json!("w")),
            ("emails[type eq \"work\"]", json!({"value": "w"})),
            ("emails[type eq \"work\"].value", json!(null)),
        ] {
            refuses_under(
                STRICT,
                json!({}),
                json!([{"op": op, "path": path, "value": value}]),
                NoTarget,
                "Operations[0]: no value of `emails` meets the filter",
            );
        }
    }
    refuses_under(
        STRICT,
        json!({}),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
        NoTarget,
        "Operations[0]: no value of `emails` meets the filter",
    );
}

#[test]
fn a_message_names_its_schema_and_has_operations() {
    let before = created(user_kind(), &json!({"userName": "ada"}));
    let operation = json!({"op": "replace", "path": "title", "value": "T"});
    let no_schema = format!("`schemas` does not list `{}`", urn::PATCH_OP);
    for (body, detail) in [
        (json!({"Operations": [operation]}), no_schema.as_str()),
        (json!({"schemas": [urn::USER], "Operations": [operation]}), no_schema.as_str()),
        (message(&json!([])), "`Operations` is empty"),
    ] {
        assert_eq!(
            patched(STRICT, user_kind(), &before, &body),
            Err(refusal(InvalidSyntax, detail)),
            "{body}"
        );
    }
}

#[test]
fn an_empty_text_is_a_value() {
    becomes_under(
        STRICT,
        json!({"title": "T"}),
        json!([{"op": "replace", "path": "title", "value": ""}]),
        json!({"title": ""}),
    );
    becomes_under(
        STRICT,
        json!({"title": "T"}),
        json!([{"op": "replace", "path": "title", "value": null}]),
        json!({}),
    );
}

#[test]
fn the_value_of_a_removal_says_nothing() {
    becomes_under(
        STRICT,
        json!({"emails": ["a", "b"], "active": true}),
        json!([{"op": "remove", "path": "emails", "value": [{"value": "a"}]}, {"op": "remove", "path": "active", "value": "maybe"}]),
        json!({}),
    );
}

#[test]
fn a_replaced_element_keeps_nothing_and_one_without_a_value_is_not_kept() {
    let before = json!({"emails": [{"type": "work", "value": "w", "primary": true}]});
    becomes_under(
        STRICT,
        before.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "n"}}]),
        json!({"emails": [{"value": "n"}]}),
    );
    becomes_under(
        STRICT,
        before,
        json!([{"op": "remove", "path": "emails[type eq \"work\"].value"}]),
        json!({}),
    );
}

#[test]
fn what_the_rfc_says_is_taken() {
    becomes_under(
        STRICT,
        json!({"name": {"familyName": "F"}, "emails": [{"type": "work", "value": "w"}]}),
        json!([
            {"op": "add", "path": "NAME.givenName", "value": "G"},
            {"op": "add", "value": {"nickName": "N"}},
            {"op": "replace", "path": "emails[type eq \"WORK\" and value sw \"w\"].value", "value": "n"},
            {"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "m"}},
        ]),
        json!({"name": {"familyName": "F", "givenName": "G"}, "nickName": "N", "emails": [{"type": "work", "value": "n"}],
            ENTERPRISE: {"manager": {"value": "m"}}}),
    );
}
