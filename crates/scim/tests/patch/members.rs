//! Members of a group: which ids are added and removed (RFC 7643 s4.2).

use scim::{Dialect, Member, MemberChange, ScimType};
use serde_json::{Value, json};

use crate::support::{created, group_kind, member_change, message, patch, patched, refusal, user_kind};

fn change(only: bool, add: &str, remove: &str) -> MemberChange {
    let ids = |text: &str| text.split_whitespace().map(str::to_string).collect();
    MemberChange { only, add: ids(add), remove: ids(remove) }
}

#[track_caller]
fn settles(operations: Value, only: bool, add: &str, remove: &str) {
    let found = member_change(Dialect::TOLERANT, &operations);
    assert_eq!(found, Ok(change(only, add, remove)), "{operations}");
}

#[track_caller]
fn refuses(operations: Value, scim_type: ScimType, detail: &str) {
    let found = member_change(Dialect::TOLERANT, &operations);
    assert_eq!(found, Err(refusal(scim_type, detail)), "{operations}");
}

#[test]
fn members_are_added_in_every_form() {
    for value in [
        json!([{"$ref": null, "value": "a"}, {"value": "b", "display": "B", "type": "User"}]),
        json!(["a", "b"]),
        json!([{"VALUE": "a"}, "b", {"value": "a"}]),
    ] {
        settles(json!([{"op": "Add", "path": "members", "value": value}]), false, "a b", "");
        settles(json!([{"op": "add", "value": {"members": value}}]), false, "a b", "");
    }
    for value in [json!("a"), json!({"value": "a"}), json!(["a"])] {
        settles(json!([{"op": "Add", "path": "Members", "value": value}]), false, "a", "");
    }
}

#[test]
fn adding_no_members_changes_nothing() {
    for value in [json!([]), json!(null), json!("")] {
        settles(json!([{"op": "Add", "path": "members", "value": value}]), false, "", "");
    }
}

#[test]
fn a_value_array_removes_only_the_members_that_it_lists() {
    for value in [json!([{"$ref": null, "value": "a"}, {"value": "b"}]), json!(["a", "b"])] {
        settles(json!([{"op": "Remove", "path": "members", "value": value}]), false, "", "a b");
    }
    for value in [json!({"value": "a"}), json!("a")] {
        settles(json!([{"op": "remove", "path": "members", "value": value}]), false, "", "a");
    }
    settles(json!([{"op": "remove", "path": "members", "value": []}]), false, "", "");
}

#[test]
fn an_empty_text_in_place_of_a_list_neither_empties_the_group_nor_passes_for_a_removal() {
    refuses(
        json!([{"op": "remove", "path": "members", "value": ""}]),
        ScimType::InvalidValue,
        "Operations[0]: `value` lists no member; without a `value` a remove is of all members",
    );
}

#[test]
fn a_value_path_removes_the_members_that_it_names() {
    for path in [
        "members[value eq \"a\"]",
        "members[value eq\"a\"]",
        "Members[Value EQ \"a\"]",
        "members[ value eq \"a\" ]",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq \"a\"]",
    ] {
        settles(json!([{"op": "remove", "path": path}]), false, "", "a");
    }
    settles(json!([{"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}]), false, "", "a b");
}

#[test]
fn a_removal_without_a_value_empties_the_group() {
    settles(json!([{"op": "remove", "path": "members"}]), true, "", "");
    settles(json!([{"op": "remove", "path": "members", "value": null}]), true, "", "");
}

#[test]
fn a_replacement_leaves_the_members_that_it_lists() {
    settles(json!([{"op": "replace", "path": "members", "value": [{"value": "a"}, "b"]}]), true, "a b", "");
    settles(json!([{"op": "replace", "value": {"members": [{"value": "a"}]}}]), true, "a", "");
    for value in [json!([]), json!(null), json!("")] {
        settles(json!([{"op": "replace", "path": "members", "value": value}]), true, "", "");
    }
}

#[test]
fn the_last_operation_on_a_member_counts() {
    let add = |id: &str| json!({"op": "Add", "path": "members", "value": [{"value": id}]});
    let remove = |id: &str| json!({"op": "Remove", "path": "members", "value": [{"value": id}]});
    settles(json!([add("a"), remove("a")]), false, "", "a");
    settles(json!([remove("a"), add("a")]), false, "a", "");
    settles(json!([add("a"), add("a"), remove("b")]), false, "a", "b");
    settles(json!([add("a"), {"op": "remove", "path": "members"}, add("b")]), true, "b", "");
    settles(
        json!([{"op": "replace", "path": "members", "value": ["a", "b"]}, {"op": "remove", "path": "members[value eq \"a\"]"}]),
        true,
        "b",
        "",
    );
}

#[test]
fn okta_removes_and_adds_in_one_request() {
    settles(
        json!([
            {"op": "remove", "path": "members[value eq \"a\"]"},
            {"op": "add", "path": "members", "value": [{"value": "b", "display": "b@x"}]},
        ]),
        false,
        "b",
        "a",
    );
}

#[test]
fn members_and_attributes_change_in_one_request() {
    let operations = json!([{"op": "Replace", "path": "displayName", "value": "new"}, {"op": "Add", "path": "members", "value": ["a"]}]);
    settles(operations.clone(), false, "a", "");
    let before = created(group_kind(), &json!({"displayName": "old", "externalId": "e", "members": ["z"]}));
    let after = patched(Dialect::TOLERANT, group_kind(), &before, &message(&operations)).unwrap();
    assert_eq!(after, json!({"displayName": "new", "externalId": "e"}));
}

#[test]
fn other_filters_are_settled_with_the_members_at_hand() {
    let member = |id: &str, kind, display: Option<&str>| Member {
        id: id.into(),
        kind,
        display: display.map(str::to_string),
    };
    let current = [
        member("a", user_kind(), Some("Ada")),
        member("b", user_kind(), None),
        member("g", group_kind(), Some("Sales")),
    ];
    for (path, only, add, remove) in [
        ("members[type eq \"Group\"]", false, "", "g"),
        ("members[type eq \"user\"]", false, "", "a b"),
        ("members[display eq \"ada\"]", false, "", "a"),
        ("members[display sw \"s\" or value eq \"b\"]", false, "", "b g"),
        ("members[value eq \"a\" and type eq \"User\"]", false, "", "a"),
        ("members[value eq \"a\" and type eq \"Group\"]", false, "", ""),
        ("members[not (value eq \"a\")]", false, "", "b g"),
        ("members[value ne \"a\"]", false, "", "b g"),
        ("members[$ref ew \"/Groups/g\"]", false, "", "g"),
        ("members[value pr]", false, "", "a b g"),
    ] {
        let operations = json!([{"op": "Remove", "path": path}]);
        let patch = patch(Dialect::TOLERANT, group_kind(), &message(&operations)).unwrap();
        assert!(MemberChange::needs_members(&patch.members), "{path}");
        assert_eq!(MemberChange::reduce(&patch.members, &current), change(only, add, remove), "{path}");
    }
}

#[test]
fn other_filters_see_what_the_operations_before_them_did() {
    let member = |id: &str| Member { id: id.into(), kind: user_kind(), display: None };
    let by_type = json!({"op": "remove", "path": "members[type eq \"User\"]"});
    let reduce = |operations: Value| {
        let patch = patch(Dialect::TOLERANT, group_kind(), &message(&operations)).unwrap();
        MemberChange::reduce(&patch.members, &[member("a"), member("b")])
    };
    let remove_a = json!({"op": "remove", "path": "members[value eq \"a\"]"});
    let only_a = json!({"op": "replace", "path": "members", "value": ["a"]});
    let add_a = json!({"op": "add", "path": "members", "value": ["a"]});
    assert_eq!(reduce(json!([remove_a, by_type])), change(false, "", "a b"));
    assert_eq!(reduce(json!([only_a, by_type])), change(true, "", ""));
    assert_eq!(reduce(json!([by_type, add_a])), change(false, "a", "b"));
}

#[test]
fn what_a_member_is_cannot_be_changed() {
    for (path, sub) in [
        ("members[value eq \"a\"].value", "value"),
        ("members[value eq \"a\"].display", "display"),
        ("members.type", "type"),
        ("members[value eq \"a\"].$ref", "$ref"),
    ] {
        for op in ["add", "replace", "remove"] {
            refuses(
                json!([{"op": op, "path": path, "value": "b"}]),
                ScimType::Mutability,
                &format!("Operations[0]: `members.{sub}` is immutable: remove the member and add another"),
            );
        }
    }
}

#[test]
fn a_member_without_an_id_is_refused() {
    for (value, at) in [
        (json!([{"display": "Ada"}]), 0),
        (json!(["a", {"value": ""}]), 1),
        (json!([{"value": 5}]), 0),
        (json!([5]), 0),
        (json!([null]), 0),
        (json!(7), 0),
    ] {
        for op in ["Add", "Replace", "Remove"] {
            refuses(
                json!([{"op": op, "path": "members", "value": value}]),
                ScimType::InvalidValue,
                &format!("Operations[0]: `members[{at}]` has no `value` that is an id"),
            );
        }
    }
}

#[test]
fn members_are_not_added_through_a_filter() {
    for op in ["add", "replace"] {
        refuses(
            json!([{"op": op, "path": "members[value eq \"a\"]", "value": {"value": "a"}}]),
            ScimType::InvalidPath,
            "Operations[0]: members are added without a filter",
        );
    }
}

#[test]
fn under_the_strict_dialect_a_removal_takes_no_value() {
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": "a"}]}]);
    assert_eq!(member_change(Dialect::STRICT, &operations), Ok(change(true, "", "")));
    let operations = json!([{"op": "remove", "path": "members[value eq \"a\"]"}]);
    assert_eq!(member_change(Dialect::STRICT, &operations), Ok(change(false, "", "a")));
    let operations = json!([{"op": "add", "path": "members", "value": "a"}]);
    assert_eq!(
        member_change(Dialect::STRICT, &operations),
        Err(refusal(ScimType::InvalidValue, "Operations[0]: `members` is not an array"))
    );
}
