//! How much of a relation is read: in parts that are bounded, in the order of ids, whatever the names are.

use serde_json::{Value, json};

use crate::harness::{Directory, members, patch};

#[test]
fn a_group_shows_its_members_in_the_order_of_their_ids() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..40)
        .map(|at| {
            // Some names are long, so that they stand in texts of their own.
            let name = format!("{at}{}", "\u{1}".repeat(if at % 3 == 0 { 900 } else { 3 }));
            directory.created("/Users", json!({"userName": format!("u{at}"), "displayName": name}))
        })
        .collect();
    let group = directory.group("Engines", &ids.iter().rev().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(directory.members_of(&group), ids);
    let (_, body) = directory.get(&format!("/Groups/{group}"));
    for (at, member) in body["members"].as_array().unwrap().iter().enumerate() {
        let name = format!("{at}{}", "\u{1}".repeat(if at % 3 == 0 { 900 } else { 3 }));
        assert_eq!(member["display"], name.as_str());
        assert_eq!(member["type"], "User");
    }
}

#[test]
fn a_name_longer_than_an_element_shows_is_left_out_there_alone() {
    let directory = Directory::new();
    let named =
        |name: &str| directory.created("/Users", json!({"userName": name.to_string(), "displayName": name}));
    let (shown, long) = ("é".repeat(500), format!("{}x", "é".repeat(500)));
    let (short, long) = (named(&shown), (named(&long), long));
    let group = directory.group("Engines", &[&short, &long.0]);
    let (_, body) = directory.get(&format!("/Groups/{group}"));
    assert_eq!(body["members"][0]["display"], shown.as_str());
    assert_eq!(body["members"][1].get("display"), None);
    assert_eq!(directory.get(&format!("/Users/{}", long.0)).1["displayName"], long.1.as_str());
}

#[test]
fn a_removal_by_type_looks_at_all_members_of_a_group_larger_than_a_page() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..10_100).map(|at| directory.user(&format!("u{at}"))).collect();
    let inner = directory.group("Inner", &[]);
    let mut all: Vec<&str> = ids.iter().map(String::as_str).collect();
    all.push(&inner);
    let group = directory.group("Engines", &all);
    let path = format!("/Groups/{group}");
    let removal = json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]);
    let answer = directory.request("PATCH", &path, Some(patch(removal)), Default::default());
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    let filter = format!("members.value eq \"{inner}\"");
    assert_eq!(directory.names("/Groups", &filter), "");
    let last = json!([{"op": "remove", "path": "members", "value": members(&[&ids[10_099]])}]);
    assert_eq!(directory.patch(&path, last).0, 204);
}
