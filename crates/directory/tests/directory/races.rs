//! Two writers at once: the one that loses starts again from what the other wrote.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::harness::{Directory, Headers, USER, members, meta, patch, refusal};

/// Runs `other` before the write of the next request.
fn between(directory: &Directory, other: impl Fn(&Directory) + 'static) {
    let writer = directory.clone();
    directory.database.before_calls(move |call, _| {
        if call == 1 {
            other(&writer);
        }
    });
}

#[test]
fn a_lost_race_keeps_what_both_wrote() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let other_path = path.clone();
    between(&directory, move |other| {
        other.at_second(10);
        let (status, _) =
            other.patch(&other_path, json!([{"op": "add", "path": "title", "value": "Countess"}]));
        assert_eq!(status, 200);
    });
    let body = json!({
        "schemas": [USER], "id": ada, "userName": "ada", "title": "Countess", "nickName": "A", "active": true,
        "meta": meta("User", &ada, 3, 0, 1),
    });
    let answer = directory.patch(&path, json!([{"op": "add", "path": "nickName", "value": "A"}]));
    assert_eq!(answer, (200, body.clone()));
    directory.database.leave_calls_alone();
    assert_eq!(directory.get(&path), (200, body));
}

#[test]
fn a_replacement_that_loses_the_race_replaces_what_the_winner_wrote() {
    let directory = Directory::new();
    let bob = directory.user("bob");
    let id = directory.group("Engines", &[]);
    let path = format!("/Groups/{id}");
    let (other_path, member) = (path.clone(), bob.clone());
    between(&directory, move |other| {
        let rename = json!([
            {"op": "replace", "path": "displayName", "value": "Other"},
            {"op": "add", "path": "members", "value": members(&[&member])},
        ]);
        assert_eq!(other.patch(&other_path, rename).0, 204);
    });
    let (status, body) = directory.put(&path, json!({"displayName": "Motors", "members": members(&[&bob])}));
    directory.database.leave_calls_alone();
    assert_eq!(
        (status, &body["displayName"], &body["meta"]["version"]),
        (200, &json!("Motors"), &json!("W/\"3\""))
    );
    assert_eq!(body["members"][0]["value"], json!(bob));
    assert_eq!(directory.get(&path).1, body);
}

#[test]
fn members_that_came_in_between_are_seen_by_a_removal_that_has_to_look() {
    let directory = Directory::new();
    let [ada, bob] = ["ada", "bob"].map(|name| directory.user(name));
    let id = directory.group("Engines", &[&ada]);
    let path = format!("/Groups/{id}");
    let other_path = path.clone();
    between(&directory, move |other| {
        let add = json!([{"op": "add", "path": "members", "value": members(&[&bob])}]);
        assert_eq!(other.patch(&other_path, add).0, 204);
    });
    let remove = json!([{"op": "remove", "path": "members[type eq \"User\"]"}]);
    assert_eq!(directory.patch(&path, remove), (204, Value::Null));
    directory.database.leave_calls_alone();
    assert_eq!(directory.members_of(&id), Vec::<String>::new());
    assert_eq!(directory.version(&path).0, "W/\"3\"");
}

#[test]
fn a_precondition_that_held_at_the_read_and_not_at_the_write_fails() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let other_path = path.clone();
    between(&directory, move |other| {
        assert_eq!(other.put(&other_path, json!({"userName": "ada", "title": "x"})).0, 200);
    });
    let headers = Headers { if_match: Some("W/\"1\""), ..Headers::default() };
    let body = patch(json!([{"op": "add", "path": "nickName", "value": "A"}]));
    let response = directory.request("PATCH", &path, Some(body), headers);
    let failed = refusal(412, "", "the resource is not at the version that the request names");
    assert_eq!((response.status, response.body), failed);
}

#[test]
fn a_resource_that_is_deleted_in_between_is_a_404() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let other_path = path.clone();
    between(&directory, move |other| assert_eq!(other.delete(&other_path).0, 204));
    let answer = directory.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}]));
    assert_eq!(answer, refusal(404, "", &format!("there is no User `{ada}`")));
}

#[test]
fn a_name_that_is_taken_in_between_is_a_409() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    between(&directory, |other| {
        other.user("Countess");
    });
    let rename = json!([{"op": "replace", "path": "userName", "value": "countess"}]);
    let answer = directory.patch(&format!("/Users/{ada}"), rename);
    assert_eq!(answer, refusal(409, "uniqueness", "another User has the userName `countess`"));
}

#[test]
fn a_request_that_loses_every_race_is_told_to_come_back() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let path = format!("/Users/{ada}");
    let (writer, other_path) = (directory.clone(), path.clone());
    let count = Rc::new(Cell::new(0));
    let calls = count.clone();
    directory.database.before_calls(move |call, _| {
        calls.set(call + 1);
        if call > 0 {
            let set = json!([{"op": "replace", "path": "title", "value": format!("{call}")}]);
            assert_eq!(writer.patch(&other_path, set).0, 200);
        }
    });
    let body = patch(json!([{"op": "add", "path": "nickName", "value": "A"}]));
    let response = directory.request("PATCH", &path, Some(body), Headers::default());
    directory.database.leave_calls_alone();
    assert_eq!(response.header("Retry-After"), Some("1"));
    assert_eq!(
        (response.status, response.body),
        refusal(503, "", "too many requests change this resource at once")
    );
    assert_eq!(
        count.get(),
        2 * 256,
        "each attempt reads again: a request that loses does not know what the other wrote"
    );
    assert_eq!(directory.get(&path).1.get("nickName"), None);
}

#[test]
fn two_changes_of_members_at_once_do_not_touch_each_other() {
    let directory = Directory::new();
    let [ada, bob] = ["ada", "bob"].map(|name| directory.user(name));
    let id = directory.group("Engines", &[]);
    let path = format!("/Groups/{id}");
    let add = |id: &str| json!([{"op": "add", "path": "members", "value": members(&[id])}]);
    let (writer, other_path, other_add) = (directory.clone(), path.clone(), add(&bob));
    directory.database.before_calls(move |_, _| {
        assert_eq!(writer.patch(&other_path, other_add.clone()).0, 204);
    });
    assert_eq!(directory.patch(&path, add(&ada)).0, 204);
    directory.database.leave_calls_alone();
    assert_eq!(directory.members_of(&id), [ada, bob]);
    assert_eq!(directory.version(&path).0, "W/\"3\"");
}
