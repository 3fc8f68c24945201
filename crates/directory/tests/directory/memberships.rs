//! How many memberships are read: in bounded parts, in the order of ids, however long the names are.

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
fn a_user_shows_each_of_its_groups_once_however_many_there_are() {
    let name = "\u{1}".repeat(900);
    for count in [1, 97, 98, 99, 130] {
        let directory = Directory::new();
        let user = directory.user("ada");
        let direct: Vec<String> =
            (0..count).map(|at| directory.group(&format!("{name}{at}"), &[&user])).collect();
        // One group is around two others, and the user is in it directly too.
        let outer = directory.group("Outer", &[&user, &direct[0], &direct[count - 1]]);
        let outermost = directory.group("Outermost", &[&outer]);
        let expected: Vec<(String, &str)> = direct
            .into_iter()
            .chain([outer])
            .map(|id| (id, "direct"))
            .chain([(outermost, "indirect")])
            .collect();
        for path in
            [format!("/Users/{user}"), "/Users?filter=userName%20eq%20%22ada%22".into(), "/Users".into()]
        {
            let (_, body) = directory.get(&path);
            let user = body.pointer("/Resources/0").unwrap_or(&body);
            let groups = user["groups"].as_array().unwrap();
            let shown: Vec<(String, &str)> = groups
                .iter()
                .map(|group| (group["value"].as_str().unwrap().into(), group["type"].as_str().unwrap()))
                .collect();
            assert_eq!(shown, expected, "{path}, {count} groups");
            assert_eq!(groups[count]["display"], "Outer");
        }
    }
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

/// Returns a group of that many users, and their ids.
fn large_group(directory: &Directory, count: usize) -> (String, Vec<String>) {
    let operation = |at: usize| json!({"method": "POST", "path": "/Users", "bulkId": format!("{at}"), "data": {"userName": format!("u{at}")}});
    let mut ids = Vec::new();
    for from in (0..count).step_by(1_000) {
        let operations: Vec<Value> = (from..count.min(from + 1_000)).map(operation).collect();
        let (_, body) = directory.post("/Bulk", json!({"Operations": operations}));
        let location = |operation: &Value| {
            operation["location"].as_str().unwrap().rsplit('/').next().unwrap().to_string()
        };
        ids.extend(body["Operations"].as_array().unwrap().iter().map(location));
    }
    let group = directory.group("Engines", &ids.iter().map(String::as_str).collect::<Vec<_>>());
    (group, ids)
}

#[test]
fn a_group_larger_than_what_is_read_at_once_is_read_in_parts_and_shows_each_member_once() {
    let directory = Directory::new();
    let (group, ids) = large_group(&directory, 14_001);
    assert_eq!(directory.members_of(&group), ids);
    // 10,000 with the group, then 2,000 each: the last part has one.
    let calls = directory.database.sqlite.round_trips();
    let (_, body) = directory.get(&format!("/Groups/{group}?attributes=members.value"));
    assert_eq!(directory.database.sqlite.round_trips() - calls, 1 + 3);
    let values: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    assert_eq!(body["members"], json!(values));
    // These members have no displayName, so nothing of them is shown.
    let (_, body) = directory.get(&format!("/Groups/{group}?attributes=members.display"));
    assert_eq!(body["members"], json!([]));
    // What is not shown is not read.
    let calls = directory.database.sqlite.round_trips();
    let (status, body) = directory.get(&format!("/Groups/{group}?excludedAttributes=members"));
    assert_eq!(
        (status, body.get("members"), directory.database.sqlite.round_trips() - calls),
        (200, None, 1)
    );
}

#[test]
fn a_filter_that_selects_more_members_than_one_request_may_name_is_refused() {
    let directory = Directory::new();
    let (group, ids) = large_group(&directory, 12_600);
    let by = |filter: &str| json!({"op": "remove", "path": format!("members[{filter}]")});
    let path = format!("/Groups/{group}");
    // Two removals that select all: 25,200.
    let (status, body) =
        directory.patch(&path, json!([by("type eq \"User\""), by("not (type eq \"Group\")")]));
    let detail = "the filters select more than 25000 members; select fewer at once";
    assert_eq!((status, &body["scimType"], &body["detail"]), (400, &json!("tooMany"), &json!(detail)));
    assert_eq!(directory.members_of(&group), ids);
    assert_eq!(directory.patch(&path, json!([by("type eq \"User\"")])).0, 204);
    assert_eq!(directory.members_of(&group), Vec::<String>::new());
}
