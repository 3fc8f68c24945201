//! Members of groups: added, removed, replaced, cleared, refused.

use serde_json::{Value, json};

use crate::harness::{Directory, members, refusal, second};

struct Engines {
    directory: Directory,
    ids: [String; 4],
    group: String,
    path: String,
}

/// Returns the users 0 to 3; 0 and 1 are in the group.
fn engines() -> Engines {
    let directory = Directory::new();
    let ids = ["ada", "bob", "eve", "zoe"].map(|name| {
        directory.created("/Users", json!({"userName": name, "displayName": name.to_uppercase()}))
    });
    let group = directory.group("Engines", &[&ids[0], &ids[1]]);
    let path = format!("/Groups/{group}");
    Engines { directory, ids, group, path }
}

impl Engines {
    #[track_caller]
    fn patched(&self, operations: Value, members: &[usize], version: u32) {
        assert_eq!(self.directory.patch(&self.path, operations), (204, Value::Null));
        let expected: Vec<&str> = members.iter().map(|at| self.ids[*at].as_str()).collect();
        assert_eq!(self.directory.members_of(&self.group), expected);
        assert_eq!(self.directory.version(&self.path).0, format!("W/\"{version}\""));
    }

    fn listed(&self, at: &[usize]) -> Value {
        members(&at.iter().map(|at| self.ids[*at].as_str()).collect::<Vec<_>>())
    }
}

#[test]
fn members_are_added_once() {
    let engines = engines();
    engines.patched(
        json!([{"op": "Add", "path": "members", "value": engines.listed(&[1, 2, 2])}]),
        &[0, 1, 2],
        2,
    );
    engines.patched(json!([{"op": "add", "value": {"members": engines.listed(&[2])}}]), &[0, 1, 2], 2);
    engines.patched(
        json!([{"op": "add", "path": "members", "value": engines.listed(&[3])}]),
        &[0, 1, 2, 3],
        3,
    );
}

#[test]
fn members_are_removed_by_value_path_and_by_list() {
    let engines = engines();
    let by_path = format!("members[value eq \"{}\"]", engines.ids[0]);
    engines.patched(json!([{"op": "remove", "path": by_path}]), &[1], 2);
    engines.patched(json!([{"op": "remove", "path": by_path}]), &[1], 2);
    engines.patched(json!([{"op": "Remove", "path": "members", "value": engines.listed(&[1, 3])}]), &[], 3);
    engines.patched(json!([{"op": "Remove", "path": "members", "value": []}]), &[], 3);
}

#[test]
fn members_are_removed_by_what_else_is_known_of_them() {
    let engines = engines();
    let inner = engines.directory.group("Inner", &[]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": inner}]}]);
    engines.directory.patch(&engines.path, add);
    engines.patched(json!([{"op": "remove", "path": "members[type eq \"group\"]"}]), &[0, 1], 3);
    engines.patched(json!([{"op": "remove", "path": "members[display sw \"A\"]"}]), &[1], 4);
    engines.patched(json!([{"op": "remove", "path": "members[display sw \"A\"]"}]), &[1], 4);
}

#[test]
fn members_are_replaced() {
    let engines = engines();
    engines.patched(
        json!([{"op": "replace", "path": "members", "value": engines.listed(&[1, 2])}]),
        &[1, 2],
        2,
    );
    engines.patched(
        json!([{"op": "replace", "path": "members", "value": engines.listed(&[2, 1])}]),
        &[1, 2],
        2,
    );
    engines.patched(json!([{"op": "replace", "value": {"members": engines.listed(&[3])}}]), &[3], 3);
}

#[test]
fn members_are_cleared() {
    let engines = engines();
    engines.patched(json!([{"op": "remove", "path": "members"}]), &[], 2);
    engines.patched(json!([{"op": "remove", "path": "members"}]), &[], 2);
    engines.patched(
        json!([
            {"op": "add", "path": "members", "value": engines.listed(&[0, 1])},
            {"op": "remove", "path": "members"},
            {"op": "add", "path": "members", "value": engines.listed(&[3])},
        ]),
        &[3],
        3,
    );
    engines.patched(json!([{"op": "replace", "path": "members", "value": []}]), &[], 4);
}

#[test]
fn the_last_operation_on_a_member_counts() {
    let engines = engines();
    let add = |at: usize| json!({"op": "add", "path": "members", "value": engines.listed(&[at])});
    let remove = |at: usize| json!({"op": "remove", "path": "members", "value": engines.listed(&[at])});
    engines.patched(json!([add(2), remove(2), remove(0), add(0)]), &[0, 1], 1);
    engines.patched(json!([remove(2), add(2), add(0), remove(0)]), &[1, 2], 2);
}

#[test]
fn a_change_of_members_sets_the_time_and_one_without_effect_does_not() {
    let engines = engines();
    engines.directory.at_second(100);
    engines.patched(json!([{"op": "add", "path": "members", "value": engines.listed(&[0])}]), &[0, 1], 1);
    assert_eq!(engines.directory.version(&engines.path).1, second(4));
    engines.directory.at_second(200);
    engines.patched(json!([{"op": "add", "path": "members", "value": engines.listed(&[2])}]), &[0, 1, 2], 2);
    assert_eq!(engines.directory.version(&engines.path).1, second(200));
}

#[test]
fn unknown_members_are_named_and_nothing_is_done() {
    let engines = engines();
    let before = engines.directory.database.dump();
    let value = json!([{"value": "ghost"}, {"value": engines.ids[3]}, {"value": "Ångström"}]);
    let refused =
        refusal(400, "invalidValue", "no user or group has the id of these members: `ghost`, `Ångström`");
    let directory = &engines.directory;
    let post = json!({"displayName": "Other", "members": value});
    let put = json!({"displayName": "Engines", "members": value});
    let rename = json!({"op": "replace", "path": "displayName", "value": "Motors"});
    let add = json!({"op": "add", "path": "members", "value": value});
    let remove = json!({"op": "remove", "path": "members", "value": engines.listed(&[0])});
    assert_eq!(directory.post("/Groups", post).1["scimType"], "invalidValue");
    let sorted = |(status, body): (u16, Value)| (status, body);
    assert_eq!(sorted(directory.put(&engines.path, put)), refused);
    assert_eq!(directory.patch(&engines.path, json!([remove, add])), refused);
    assert_eq!(directory.patch(&engines.path, json!([rename, add, remove])), refused);
    let replace = json!({"op": "replace", "path": "members", "value": value});
    assert_eq!(directory.patch(&engines.path, json!([replace])), refused);
    assert_eq!(directory.database.dump(), before);
}

#[test]
fn ten_unknown_members_are_named() {
    let engines = engines();
    let ghosts: Vec<String> = (10..40).map(|at| format!("g{at}")).collect();
    let ghosts: Vec<&str> = ghosts.iter().map(String::as_str).collect();
    let add = json!([{"op": "add", "path": "members", "value": members(&ghosts)}]);
    let named = ghosts[..10].iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let detail = format!("no user or group has the id of these members: {named}");
    assert_eq!(engines.directory.patch(&engines.path, add), refusal(400, "invalidValue", &detail));
}

#[test]
fn a_removed_member_need_not_exist() {
    let engines = engines();
    engines.patched(json!([{"op": "remove", "path": "members", "value": [{"value": "ghost"}]}]), &[0, 1], 1);
}

#[test]
fn a_deleted_user_leaves_its_groups_and_they_show_it() {
    let engines = engines();
    let directory = &engines.directory;
    let other = directory.group("Other", &[&engines.ids[1]]);
    directory.at_second(50);
    assert_eq!(directory.delete(&format!("/Users/{}", engines.ids[0])), (204, Value::Null));
    assert_eq!(directory.members_of(&engines.group), [engines.ids[1].clone()]);
    assert_eq!(directory.version(&engines.path), ("W/\"2\"".into(), second(50)));
    assert_eq!(directory.version(&format!("/Groups/{other}")), ("W/\"1\"".into(), second(5)));
}

#[test]
fn a_member_that_renames_itself_is_shown_under_its_new_name() {
    let engines = engines();
    let path = format!("/Users/{}", engines.ids[0]);
    engines.directory.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "Countess"}]));
    let (_, group) = engines.directory.get(&engines.path);
    assert_eq!(group["members"][0]["display"], "Countess");
    assert_eq!(group["meta"]["version"], "W/\"1\"");
}
