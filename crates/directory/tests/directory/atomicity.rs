//! An operation happens whole or not at all.

use std::cell::Cell;
use std::rc::Rc;

use directory::{Failure, Statement};
use serde_json::{Value, json};

use crate::harness::{Directory, Headers, members, patch};

/// Fails the `call`th call of the request at every place within its batch, and looks whether anything is left of
/// it. At last the request goes through.
#[track_caller]
fn leaves_nothing(directory: &Directory, call: usize, method: &str, path: &str, body: Option<Value>) {
    let before = directory.database.dump();
    for place in 0.. {
        let reached = Rc::new(Cell::new(false));
        let seen = reached.clone();
        directory.database.before_calls(move |at, statements| {
            if at == call && place <= statements.len() {
                seen.set(true);
                statements.insert(place, Statement::new("SELECT missing FROM nowhere", Vec::new()));
            }
        });
        let answer = directory.try_request(method, path, body.clone(), Headers::default());
        directory.database.leave_calls_alone();
        if !reached.get() {
            assert!(place > 1, "the request makes no call {call}");
            assert!(answer.unwrap().status < 300);
            assert_ne!(directory.database.dump(), before);
            return;
        }
        assert!(matches!(answer, Err(Failure::Database(_))), "{answer:?}");
        assert_eq!(directory.database.dump(), before, "{method} {path} failed before statement {place}");
    }
}

fn filled() -> (Directory, [String; 3], String) {
    let directory = Directory::new();
    let users = ["ada", "bob", "eve"].map(|name| {
        directory
            .created("/Users", json!({"userName": name, "emails": [{"value": format!("{name}@x.example")}]}))
    });
    let group = directory.group("Engines", &[&users[0], &users[1]]);
    (directory, users, group)
}

#[test]
fn a_creation_that_fails_half_way_leaves_nothing() {
    let (directory, users, _) = filled();
    let body = json!({"displayName": "New", "members": members(&[&users[0]])});
    leaves_nothing(&directory, 0, "POST", "/Groups", Some(body));
    let body = json!({"userName": "new", "emails": [{"value": "new@x.example"}]});
    leaves_nothing(&directory, 0, "POST", "/Users", Some(body));
}

#[test]
fn a_replacement_that_fails_half_way_leaves_nothing() {
    let (directory, users, group) = filled();
    let body = json!({"displayName": "New", "members": members(&[&users[2]])});
    leaves_nothing(&directory, 1, "PUT", &format!("/Groups/{group}"), Some(body));
}

#[test]
fn a_patch_that_fails_half_way_leaves_nothing() {
    let (directory, users, group) = filled();
    let operations = json!([
        {"op": "add", "path": "members", "value": members(&[&users[2]])},
        {"op": "remove", "path": "members", "value": members(&[&users[0]])},
    ]);
    leaves_nothing(&directory, 0, "PATCH", &format!("/Groups/{group}"), Some(patch(operations)));
    let operations = json!([{"op": "replace", "path": "emails", "value": [{"value": "other@x.example"}]}]);
    leaves_nothing(&directory, 1, "PATCH", &format!("/Users/{}", users[0]), Some(patch(operations)));
}

#[test]
fn a_deletion_that_fails_half_way_leaves_nothing() {
    let (directory, users, group) = filled();
    leaves_nothing(&directory, 0, "DELETE", &format!("/Users/{}", users[0]), None);
    leaves_nothing(&directory, 0, "DELETE", &format!("/Groups/{group}"), None);
}
