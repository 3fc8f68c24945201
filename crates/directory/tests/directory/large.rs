//! The largest requests that are accepted, against the limits of D1.

use database::{Database, Statement};
use serde_json::{Value, json};

use crate::harness::{Directory, Headers, members, refusal};

/// Returns how many members the group has; a GET shows the first of them.
fn count_members(directory: &Directory, group: &str) -> usize {
    let sql = "SELECT count(*) AS members FROM memberships WHERE group_id = +?1";
    let count = Statement::new(sql, vec![group.into()]);
    let answers = pollster::block_on(directory.database.sqlite.run(vec![count])).unwrap();
    usize::try_from(answers[0][0].integer("members").unwrap()).unwrap()
}

#[test]
fn a_body_full_of_member_ids_is_one_round_trip() {
    let directory = Directory::new();
    // As many as fit into 1 MiB: 36 characters an id, and `{"value":""},` around it.
    let ids: Vec<String> = (0..21_000).map(|at| directory.user(&format!("u{at}"))).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let group = directory.group("Engines", &[]);
    let path = format!("/Groups/{group}");
    for (op, left) in [("add", ids.len()), ("add", ids.len()), ("remove", 0), ("replace", ids.len())] {
        let before = directory.database.sqlite.round_trips();
        let operations = json!([{"op": op, "path": "members", "value": members(&ids)}]);
        assert_eq!(directory.patch(&path, operations), (204, Value::Null), "{op}");
        assert_eq!(directory.database.sqlite.round_trips() - before, 1, "{op}");
        assert_eq!(count_members(&directory, &group), left, "{op}");
    }
    let mut with_ghost = ids.clone();
    with_ghost.push("ghost");
    let operations = json!([{"op": "replace", "path": "members", "value": members(&with_ghost[1..])}]);
    let detail = "no user or group has the id of these members: `ghost`";
    assert_eq!(directory.patch(&path, operations), refusal(400, "invalidValue", detail));
    assert_eq!(count_members(&directory, &group), ids.len());
}

#[test]
fn the_largest_body_of_plain_text_is_a_user() {
    let directory = Directory::new();
    let title = "x".repeat(900_000);
    let body = json!({"userName": "ada", "title": title});
    let id = directory.created("/Users", body.clone());
    assert!(directory.get(&format!("/Users/{id}")).1["title"] == title);
}

#[test]
fn a_user_that_no_row_can_hold_is_refused_completely() {
    let directory = Directory::new();
    let too_large = refusal(413, "", "the resource is larger than the directory can store");
    // Folding makes three bytes of two, so that the form for filters is larger than what was sent.
    for title in ["x".repeat(1_040_000), "ŉ".repeat(400_000)] {
        let body = json!({"userName": "ada", "title": title});
        assert!(directory.post("/Users", body) == too_large);
    }
    let id = directory.user("ada");
    let path = format!("/Users/{id}");
    let half = "x".repeat(600_000);
    assert_eq!(directory.put(&path, json!({"userName": "ada", "title": half})).0, 200);
    let grow = json!([{"op": "add", "path": "nickName", "value": half}]);
    assert!(directory.patch(&path, grow) == too_large);
    assert_eq!(directory.version(&path).0, "W/\"2\"");
}

#[test]
fn a_user_with_a_thousand_addresses_is_found_by_each() {
    let directory = Directory::new();
    let emails: Value = (0..1_000).map(|at| json!({"value": format!("a{at}@x.example")})).collect();
    let body = json!({"userName": "ada", "emails": emails});
    let response = directory.request("POST", "/Users", Some(body), Headers::default());
    assert_eq!(response.status, 201);
    assert_eq!(directory.names("/Users", "emails eq \"A999@x.example\""), "ada");
}
