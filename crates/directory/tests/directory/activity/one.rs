//! One change and one refusal: found by its own number, within its own tenant.

use directory::activity::{self, One};
use serde_json::{Value, json};

use super::{START, refusal, write};
use crate::harness::{Directory, members};

fn change(directory: &Directory, tenant: &str, sequence: i64) -> Option<One> {
    pollster::block_on(activity::change(&*directory.database, tenant, sequence)).unwrap()
}

fn refused(directory: &Directory, tenant: &str, number: i64) -> Option<One> {
    pollster::block_on(activity::refusal(&*directory.database, tenant, number)).unwrap()
}

#[test]
fn a_change_has_its_values_whatever_their_length_and_the_names_of_members() {
    let directory = Directory::new();
    let (ada, bob) = (directory.user("ada"), directory.user("bob"));
    let inner = directory.group("Inner", &[]);
    let group = directory.group("Engines", &[&ada]);
    let long = "W".repeat(10_000);
    directory.patch(&format!("/Users/{ada}"), json!([{"op": "add", "path": "title", "value": long}]));
    let path = format!("/Groups/{group}");
    directory.patch(&path, json!([{"op": "replace", "path": "members", "value": members(&[&bob, &inner])}]));
    directory.delete(&format!("/Users/{bob}"));
    let titled = change(&directory, "default", 5).unwrap();
    assert_eq!(titled.entry["changes"], json!([{"path": "title", "old": null, "new": long}]));
    let moved = change(&directory, "default", 6).unwrap();
    assert_eq!(moved.went, [json!({"id": ada, "type": "User", "name": "ada"})]);
    let came = [json!({"id": bob}), json!({"id": inner, "type": "Group", "name": "Inner"})];
    assert_eq!((moved.came.as_slice(), &moved.entry["came"]), (came.as_slice(), &json!(2)));
    let created = change(&directory, "default", 1).unwrap();
    assert_eq!(
        (&created.entry["operation"], &created.entry["document"]["userName"]),
        (&json!("created"), &json!("ada"))
    );
    assert_eq!((change(&directory, "other", 1), change(&directory, "default", 99)), (None, None));
}

#[test]
fn a_refusal_says_how_often_it_came_within_a_day() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let of = |at: i64, detail: &str| directory::activity::Refusal {
        resource: Some(("User".into(), ada.clone())),
        ..refusal(START + at, detail)
    };
    let hour = 3_600_000;
    write(
        &directory,
        &[of(0, "a"), of(10 * hour, "a"), of(20 * hour, "b"), of(30 * hour, "a"), refusal(START, "c")],
    );
    let times = |number: i64| {
        refused(&directory, "default", number).map(|one| (one.entry["detail"].clone(), one.times))
    };
    let detail = |text: &str, times: i64| Some((Value::from(text), times));
    assert_eq!(
        [1, 2, 3, 4, 5].map(times),
        [detail("a", 1), detail("a", 2), detail("b", 1), detail("a", 2), detail("c", 1)]
    );
    assert_eq!(refused(&directory, "default", 4).unwrap().entry["resource"]["name"], "ada");
    assert_eq!((refused(&directory, "other", 1), refused(&directory, "default", 6)), (None, None));
}

#[test]
fn both_are_found_by_index() {
    let directory = Directory::new();
    directory.database.take_recorded();
    change(&directory, "default", 1);
    refused(&directory, "default", 1);
    for statement in directory.database.take_recorded() {
        for step in directory.database.sqlite.plan(&statement).unwrap() {
            let is_table = ["c", "o", "r"]
                .iter()
                .any(|name| step.starts_with(&format!("SCAN {name} ")) || step == format!("SCAN {name}"));
            assert!(!is_table && !step.ends_with("(tenant=?)"), "{step} in {}", statement.sql);
        }
    }
}
