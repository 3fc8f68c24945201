//! The change log: what it says of each operation, and that the directory follows from it.

mod random;
pub mod replay;

use serde_json::{Value, json};

use crate::harness::{Directory, ENTERPRISE, Headers, members, patch};
use replay::{assert_gives_the_directory, changes};

/// Returns the log after that many rows: operation, resource, version, and the rest of each change.
fn log_after(directory: &Directory, rows: usize) -> Vec<Value> {
    let mut log = Vec::new();
    for row in changes(directory).into_iter().skip(rows) {
        assert_eq!((row.text("actor").unwrap(), row.text("correlation_id").unwrap()), ("token1", "request1"));
        let mut change: Value = serde_json::from_str(row.text("change").unwrap()).unwrap();
        change["id"] = row.text("resource_id").unwrap().into();
        change["version"] = row.integer("version").unwrap().into();
        log.push(change);
    }
    log
}

const START: i64 = 1_767_225_600_000;

fn resource(user_name: Option<&str>, display_name: Option<&str>, active: Option<bool>) -> Value {
    json!({"userName": user_name, "displayName": display_name, "externalId": null, "active": active})
}

#[test]
fn a_new_user_is_logged_whole_and_without_the_password() {
    let directory = Directory::new();
    let id =
        directory.created("/Users", json!({"userName": "ada", "password": "secret", "title": "Countess"}));
    let created = json!({
        "op": "created", "id": id, "version": 1, "created": START, "lastModified": START,
        "resource": resource(Some("ada"), None, Some(true)),
        "document": {"active": true, "title": "Countess", "userName": "ada"},
    });
    assert_eq!(log_after(&directory, 0), [created]);
    assert_eq!(changes(&directory)[0].integer("at").unwrap(), START);
}

#[test]
fn a_changed_user_is_logged_by_path_with_old_and_new_values() {
    let directory = Directory::new();
    let body =
        json!({"userName": "ada", "name": {"givenName": "Ada", "familyName": "Byron"}, "title": "Miss"});
    let id = directory.created("/Users", body);
    let path = format!("/Users/{id}");
    let operations = json!([
        {"op": "replace", "path": "name.familyName", "value": "Lovelace"},
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "emails", "value": [{"type": "work", "value": "ada@x.example"}]},
        {"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "boss"}},
        {"op": "add", "path": "password", "value": "secret"},
    ]);
    assert_eq!(directory.patch(&path, operations).0, 200);
    let emails = json!([{"type": "work", "value": "ada@x.example"}]);
    let updated = json!({
        "op": "updated", "id": id, "version": 2, "lastModified": START + 1_000,
        "resource": resource(Some("ada"), None, Some(true)),
        "changes": [
            {"path": "title", "old": "Miss", "new": null},
            {"path": "emails", "old": null, "new": emails},
            {"path": "name.familyName", "old": "Byron", "new": "Lovelace"},
            {"path": format!("{ENTERPRISE}:manager.value"), "old": null, "new": "boss"},
        ],
    });
    assert_eq!(log_after(&directory, 1), [updated]);
    assert_gives_the_directory(&directory);
}

#[test]
fn a_group_is_logged_with_the_members_that_really_came_and_went() {
    let directory = Directory::new();
    let (ada, bob, cy) = (directory.user("ada"), directory.user("bob"), directory.user("cy"));
    let group = directory.group("Sales", &[&ada, &ada]);
    let path = format!("/Groups/{group}");
    let add = json!([{"op": "add", "path": "members", "value": members(&[&ada, &bob])}]);
    assert_eq!(directory.patch(&path, add).0, 204);
    let replace = json!({"displayName": "Sales 2", "members": members(&[&bob, &cy])});
    assert_eq!(directory.put(&path, replace).0, 200);
    let log = log_after(&directory, 3);
    let of = |change: &Value| {
        (change["op"].clone(), change["version"].clone(), change["came"].clone(), change["went"].clone())
    };
    assert_eq!(
        log.iter().map(of).collect::<Vec<_>>(),
        [
            (json!("created"), json!(1), json!([ada]), Value::Null),
            (json!("updated"), json!(2), json!([bob]), Value::Null),
            (json!("updated"), json!(3), json!([cy]), json!([ada])),
        ]
    );
    assert_eq!(log[2]["changes"], json!([{"path": "displayName", "old": "Sales", "new": "Sales 2"}]));
    assert_gives_the_directory(&directory);
}

#[test]
fn a_deleted_member_is_logged_for_each_group_that_it_leaves_and_a_deleted_group_with_its_members() {
    let directory = Directory::new();
    let (ada, bob) = (directory.user("ada"), directory.user("bob"));
    let (one, two) = (directory.group("One", &[&ada, &bob]), directory.group("Two", &[&ada]));
    let (status, _) = directory.delete(&format!("/Users/{ada}"));
    assert_eq!(status, 204);
    assert_eq!(directory.delete(&format!("/Groups/{one}")).0, 204);
    let log = log_after(&directory, 4);
    let of = |change: &Value| {
        (change["op"].clone(), change["id"].clone(), change["version"].clone(), change["went"].clone())
    };
    assert_eq!(
        log.iter().map(of).collect::<Vec<_>>(),
        [
            (json!("updated"), json!(one), json!(2), json!([ada])),
            (json!("updated"), json!(two), json!(2), json!([ada])),
            (json!("deleted"), json!(ada), json!(2), Value::Null),
            (json!("updated"), json!(one), json!(3), json!([bob])),
            (json!("deleted"), json!(one), json!(3), Value::Null),
        ]
    );
    assert_eq!(log[2]["document"], json!({"active": true, "userName": "ada"}));
    assert_gives_the_directory(&directory);
}

#[test]
fn what_changes_nothing_or_is_refused_is_not_logged() {
    let directory = Directory::new();
    let (ada, bob) = (directory.user("ada"), directory.user("bob"));
    let group = directory.group("Sales", &[&ada]);
    let (user, group) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    let stale = Headers { if_match: Some("W/\"7\""), ..Headers::default() };
    let add = |id: &str| json!([{"op": "add", "path": "members", "value": members(&[id])}]);
    let same = [
        directory.patch(&user, json!([{"op": "replace", "path": "userName", "value": "ada"}])).0,
        directory.put(&user, json!({"userName": "ada"})).0,
        directory.put(&group, json!({"displayName": "Sales", "members": members(&[&ada])})).0,
        directory.patch(&group, add(&ada)).0,
        directory.patch(&group, json!([{"op": "remove", "path": format!("members[value eq \"{bob}\"]")}])).0,
    ];
    assert_eq!(same, [200, 200, 200, 204, 204]);
    let refused = [
        directory.post("/Users", json!({"userName": "ADA"})).0,
        directory.patch(&user, json!([{"op": "replace", "path": "userName", "value": "bob"}])).0,
        directory.patch(&group, add("nobody")).0,
        directory.post("/Groups", json!({"displayName": "Other", "members": members(&["nobody"])})).0,
        directory.delete("/Users/nobody").0,
        directory.request("DELETE", &user, None, stale).status,
        directory.request("PATCH", &group, Some(patch(add(&bob))), stale).status,
    ];
    assert_eq!(refused, [409, 409, 400, 400, 404, 412, 412]);
    assert_eq!(changes(&directory).len(), 3);
    assert_gives_the_directory(&directory);
}

#[test]
fn many_members_are_logged_in_rows_of_at_most_two_thousand() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..4_100).map(|number| format!("u{number:04}")).collect();
    for part in ids.chunks(1_000) {
        let line =
            |id: &String| json!({"id": id, "userName": id, "meta": {"resourceType": "User"}}).to_string();
        let lines = part.iter().map(line).collect::<Vec<_>>().join("\n");
        let imported =
            directory.run(async |database, context| directory::import(database, context, &lines).await);
        assert_eq!(imported.unwrap().created, part.len());
    }
    let group = directory.group("All", &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let path = format!("/Groups/{group}");
    assert_eq!(directory.put(&path, json!({"displayName": "None"})).0, 200);
    let add = json!([{"op": "add", "path": "members", "value": members(&ids.iter().map(String::as_str).collect::<Vec<_>>())}]);
    assert_eq!(directory.patch(&path, add).0, 204);
    assert_eq!(directory.delete(&path).0, 204);
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    let rows = log_after(&directory, ids.len());
    let rows = rows
        .iter()
        .map(|change| (change["op"].as_str().unwrap(), count(&change["came"]), count(&change["went"])));
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            ("created", 2_000, 0),
            ("updated", 2_000, 0),
            ("updated", 100, 0),
            ("updated", 0, 2_000),
            ("updated", 0, 2_000),
            ("updated", 0, 100),
            ("updated", 2_000, 0),
            ("updated", 2_000, 0),
            ("updated", 100, 0),
            ("updated", 0, 2_000),
            ("updated", 0, 2_000),
            ("updated", 0, 100),
            ("deleted", 0, 0),
        ]
    );
    assert_eq!(log_after(&directory, ids.len() + 3)[0]["changes"][0]["new"], "None");
    assert_eq!(log_after(&directory, ids.len() + 4)[0]["changes"], Value::Null, "once is enough");
    assert_gives_the_directory(&directory);
}

#[test]
fn a_change_that_is_too_large_for_a_row_is_logged_without_old_values() {
    let directory = Directory::new();
    let large =
        |letter: &str| json!({"userName": "ada", "title": letter.repeat(900_000), "nickName": letter});
    let id = directory.created("/Users", large("a"));
    let path = format!("/Users/{id}");
    assert_eq!(directory.put(&path, large("b")).0, 200);
    assert_eq!(directory.put(&path, json!({"userName": "ada"})).0, 200);
    assert_eq!(directory.delete(&path).0, 204);
    let log = log_after(&directory, 1);
    assert_eq!(
        log[0]["changes"],
        json!([
            {"at": ["nickName"], "path": "nickName", "new": "b"},
            {"at": ["title"], "path": "title", "new": "b".repeat(900_000)},
        ])
    );
    assert_eq!(log[1]["changes"][1]["old"], json!("b".repeat(900_000)));
    assert_gives_the_directory(&directory);
}

#[test]
fn the_number_of_the_last_change_is_not_used_again_when_its_tenant_is_removed() {
    let directory = Directory::new();
    directory.user("ada");
    let other = directory.of_tenant("acme");
    other.user("bob");
    other.user("cy");
    let empty = directory::empty("acme");
    directory
        .run(async |database, _| Ok(database::Database::run(database, empty.statements).await?))
        .unwrap();
    directory.user("dee");
    let rows = directory.sql("SELECT seq, tenant, resource_id, change FROM changes ORDER BY seq");
    let of = |row: &database::Row| (row.integer("seq").unwrap(), row.text("tenant").unwrap().to_string());
    assert_eq!(
        rows.iter().map(of).collect::<Vec<_>>(),
        [(1, "default".to_string()), (3, String::new()), (4, "default".to_string())]
    );
    assert_eq!((rows[1].text("resource_id").unwrap(), rows[1].text("change").unwrap()), ("", "{}"));
}
