//! The tables that are derived from `resources`: the totals, and the e-mail addresses.

use serde_json::{Value, json};

use crate::harness::Directory;

/// Checks how many users and groups a listing reports.
#[track_caller]
fn totals(directory: &Directory, users: usize, groups: usize) {
    assert_eq!(directory.get("/Users?count=0").1["totalResults"], users);
    assert_eq!(directory.get("/Groups?count=0").1["totalResults"], groups);
}

#[test]
fn the_totals_are_right_after_everything() {
    let directory = Directory::new();
    totals(&directory, 0, 0);
    let ada = directory.user("ada");
    let bob = directory.user("bob");
    let group = directory.group("Engines", &[&ada]);
    totals(&directory, 2, 1);
    assert_eq!(directory.post("/Users", json!({"userName": "ADA"})).0, 409);
    assert_eq!(directory.post("/Groups", json!({"displayName": "engines"})).0, 409);
    assert_eq!(directory.post("/Groups", json!({"displayName": "x", "members": [{"value": "y"}]})).0, 400);
    totals(&directory, 2, 1);
    directory.put(&format!("/Users/{ada}"), json!({"userName": "x"}));
    directory.patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "userName", "value": "y"}]));
    directory.patch(&format!("/Groups/{group}"), json!([{"op": "remove", "path": "members"}]));
    totals(&directory, 2, 1);
    directory.delete(&format!("/Users/{ada}"));
    directory.delete(&format!("/Users/{ada}"));
    totals(&directory, 1, 1);
    directory.delete(&format!("/Users/{bob}"));
    directory.delete(&format!("/Groups/{group}"));
    totals(&directory, 0, 0);
}

/// Returns the rows of the table of addresses.
fn emails(directory: &Directory) -> Vec<String> {
    let rows = directory.sql("SELECT value FROM emails");
    rows.iter().map(|row| row.text("value").unwrap().to_string()).collect()
}

#[test]
fn the_addresses_follow_the_users() {
    let directory = Directory::new();
    let user = json!({"userName": "ada", "emails": [
        {"value": "Ada@Work.example", "type": "work"}, {"value": "ADA@home.example"},
        {"value": "ada@HOME.example", "type": "other"}, {"type": "mobile"},
    ]});
    let id = directory.created("/Users", user);
    let path = format!("/Users/{id}");
    assert_eq!(emails(&directory), ["ada@home.example", "ada@work.example"]);
    let operations =
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "Ä@x.example"}]);
    directory.patch(&path, operations);
    assert_eq!(emails(&directory), ["ada@home.example", "ä@x.example"]);
    directory.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}]));
    assert_eq!(emails(&directory), ["ada@home.example", "ä@x.example"]);
    directory.put(&path, json!({"userName": "ada", "emails": [{"value": "ä@x.example"}]}));
    assert_eq!(emails(&directory), ["ä@x.example"]);
    directory.put(&path, json!({"userName": "ada"}));
    assert_eq!(emails(&directory), Vec::<String>::new());
    directory.patch(&path, json!([{"op": "add", "path": "emails", "value": [{"value": "a@b"}]}]));
    assert_eq!(emails(&directory), ["a@b"]);
    assert_eq!(directory.delete(&path), (204, Value::Null));
    assert_eq!(emails(&directory), Vec::<String>::new());
}

#[test]
fn two_users_may_have_one_address_and_lose_it_one_by_one() {
    let directory = Directory::new();
    let user = |name: &str| json!({"userName": name, "emails": [{"value": "office@x.example"}]});
    let ada = directory.created("/Users", user("ada"));
    directory.created("/Users", user("bob"));
    assert_eq!(directory.names("/Users", "emails.value eq \"Office@X.example\""), "ada bob");
    directory.delete(&format!("/Users/{ada}"));
    assert_eq!(directory.names("/Users", "emails.value eq \"Office@X.example\""), "bob");
}
