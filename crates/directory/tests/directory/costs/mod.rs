//! What operations cost: round trips here, the indexes that they use in `plans`, and in `scale` that the size of the
//! directory does not matter.

mod plans;
mod queries;
mod scale;

use serde_json::json;

use crate::harness::{Directory, members};

/// Returns the round trips of what `operation` does.
fn round_trips(directory: &Directory, operation: impl FnOnce(&Directory) -> u16) -> u32 {
    let before = directory.database.sqlite.round_trips();
    let status = operation(directory);
    assert!(status < 300, "{status}");
    directory.database.sqlite.round_trips() - before
}

#[test]
fn what_one_statement_list_can_say_is_one_round_trip() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let group = directory.group("Engines", &[&ada]);
    let user_path = format!("/Users/{ada}");
    let group_path = format!("/Groups/{group}");
    let one = |operation: &dyn Fn(&Directory) -> u16| assert_eq!(round_trips(&directory, operation), 1);
    for filter in [
        "userName eq \"x\"",
        "externalId eq \"x\"",
        "id eq \"x\"",
        "displayName eq \"x\"",
        "emails.value eq \"x\"",
    ] {
        one(&|directory| directory.query("/Users", filter).0);
    }
    one(&|directory| directory.get(&user_path).0);
    one(&|directory| directory.get(&group_path).0);
    one(&|directory| directory.get("/Users").0);
    one(&|directory| directory.get("/Groups?startIndex=2&count=5").0);
    one(&|directory| directory.post("/Users", json!({"userName": "x", "emails": [{"value": "a@b"}]})).0);
    one(&|directory| directory.post("/Groups", json!({"displayName": "x", "members": members(&[&ada])})).0);
    for op in ["remove", "add", "replace", "add"] {
        let operations = json!([{"op": op, "path": "members", "value": members(&[&ada])}]);
        one(&|directory| directory.patch(&group_path, operations.clone()).0);
    }
    one(&|directory| directory.patch(&group_path, json!([{"op": "remove", "path": "members"}])).0);
    let by_path = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]);
    one(&|directory| directory.patch(&group_path, by_path.clone()).0);
    one(&|directory| directory.delete(&user_path).0);
    one(&|directory| directory.delete(&group_path).0);
}

#[test]
fn what_has_to_read_first_is_two_round_trips() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let group = directory.group("Engines", &[&ada]);
    let (user_path, group_path) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    let two = |operation: &dyn Fn(&Directory) -> u16| assert_eq!(round_trips(&directory, operation), 2);
    two(&|directory| directory.put(&user_path, json!({"userName": "x"})).0);
    two(&|directory| directory.put(&group_path, json!({"displayName": "x", "members": members(&[&ada])})).0);
    two(&|directory| directory.patch(&user_path, json!([{"op": "add", "path": "title", "value": "x"}])).0);
    two(&|directory| {
        directory.patch(&group_path, json!([{"op": "add", "path": "displayName", "value": "y"}])).0
    });
    two(&|directory| {
        directory.patch(&group_path, json!([{"op": "remove", "path": "members[type eq \"User\"]"}])).0
    });
}

#[test]
fn what_changes_nothing_is_not_written() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    assert_eq!(round_trips(&directory, |directory| directory.put(&path, json!({"userName": "ada"})).0), 1);
    let operations = json!([{"op": "remove", "path": "title"}]);
    assert_eq!(round_trips(&directory, |directory| directory.patch(&path, operations).0), 1);
}

#[test]
fn what_is_not_understood_costs_nothing() {
    let directory = Directory::new();
    let before = directory.database.sqlite.round_trips();
    assert_eq!(directory.query("/Users", "userName eq").0, 400);
    assert_eq!(directory.post("/Users", json!({})).0, 400);
    assert_eq!(directory.patch("/Users/x", json!([{"op": "dance"}])).0, 400);
    assert_eq!(directory.database.sqlite.round_trips() - before, 0);
}
