//! Groups within groups, cycles of them, and how they appear in the `groups` of a user (RFC 7643 s4.1.2).

use serde_json::{Value, json};

use crate::harness::{BASE, Directory, USER, meta};

/// Returns the `groups` of a user as `name:type`.
fn groups(directory: &Directory, user: &str) -> Vec<String> {
    let (_, body) = directory.get(&format!("/Users/{user}"));
    let groups = body["groups"].as_array().cloned().unwrap_or_default();
    let shown =
        |group: &Value| format!("{}:{}", group["display"].as_str().unwrap(), group["type"].as_str().unwrap());
    groups.iter().map(shown).collect()
}

fn add(directory: &Directory, group: &str, member: &str) {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), operations).0, 204);
}

#[test]
fn a_user_shows_its_groups_and_the_groups_that_these_are_in() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let inner = directory.group("Inner", &[&ada]);
    let outer = directory.group("Outer", &[&inner]);
    directory.group("Elsewhere", &[]);
    let body = json!({
        "schemas": [USER], "id": ada, "userName": "ada", "active": true,
        "groups": [
            {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "direct", "display": "Inner"},
            {"value": outer, "$ref": format!("{BASE}/Groups/{outer}"), "type": "indirect", "display": "Outer"},
        ],
        "meta": meta("User", &ada, 1, 0, 0),
    });
    assert_eq!(directory.get(&format!("/Users/{ada}")), (200, body.clone()));
    assert_eq!(directory.get("/Users").1["Resources"], json!([body]));
    let patched =
        directory.patch(&format!("/Users/{ada}"), json!([{"op": "add", "path": "title", "value": "x"}]));
    assert_eq!(patched.1["groups"], body["groups"]);
    let replaced = directory.put(&format!("/Users/{ada}"), json!({"userName": "ada"}));
    assert_eq!(replaced.1["groups"], body["groups"]);
}

#[test]
fn a_group_that_is_reached_both_ways_is_direct() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let inner = directory.group("Inner", &[&ada]);
    directory.group("Outer", &[&inner, &ada]);
    assert_eq!(groups(&directory, &ada), ["Inner:direct", "Outer:direct"]);
}

#[test]
fn a_cycle_of_groups_ends() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let [a, b, c] = ["A", "B", "C"].map(|name| directory.group(name, &[]));
    add(&directory, &a, &b);
    add(&directory, &b, &c);
    add(&directory, &c, &a);
    add(&directory, &a, &ada);
    assert_eq!(groups(&directory, &ada), ["A:direct", "B:indirect", "C:indirect"]);
    for group in [&a, &b, &c] {
        assert_eq!(directory.names("/Users", &format!("groups.value eq \"{group}\"")), "ada");
    }
    assert_eq!(directory.members_of(&c), [a.as_str()]);
    assert_eq!(directory.delete(&format!("/Groups/{c}")).0, 204);
    assert_eq!(groups(&directory, &ada), ["A:direct"]);
}

#[test]
fn a_group_is_not_a_member_of_itself() {
    let directory = Directory::new();
    let group = directory.group("A", &[]);
    let itself = json!([{"op": "add", "path": "members", "value": [{"value": group}]}]);
    let (status, body) = directory.patch(&format!("/Groups/{group}"), itself);
    assert_eq!((status, &body["detail"]), (400, &json!("a group cannot be a member of itself")));
    let (status, _) =
        directory.put(&format!("/Groups/{group}"), json!({"displayName": "A", "members": [group]}));
    assert_eq!(status, 400);
    assert!(directory.members_of(&group).is_empty());
}

#[test]
fn a_chain_of_groups_is_climbed_to_its_end() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let mut member = ada.clone();
    for level in 0..60 {
        member = directory.group(&format!("L{level:02}"), &[&member]);
    }
    let groups = groups(&directory, &ada);
    assert_eq!((groups.len(), groups[0].as_str(), groups[59].as_str()), (60, "L00:direct", "L59:indirect"));
    assert_eq!(directory.names("/Users", &format!("groups.value eq \"{member}\"")), "ada");
}

#[test]
fn a_group_itself_shows_its_own_members_only() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let inner = directory.group("Inner", &[&ada]);
    let outer = directory.group("Outer", &[&inner]);
    assert_eq!(directory.members_of(&outer), [inner]);
}
