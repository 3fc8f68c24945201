//! Ids of members in another letter case than they are stored in.

use scim::ScimType;
use serde_json::{Value, json};

use crate::harness::{Directory, members};

/// Returns a directory whose ids have letters.
fn directory() -> (Directory, String, String) {
    let directory = Directory::new();
    let line = |id: &str, name: &str| {
        json!({"id": id, "userName": name, "meta": {"resourceType": "User"}}).to_string() + "\n"
    };
    let (ada, bob) = ("6ea7f2f1-3ec0-4f63-9d1e-2f8f6a7f0c11", "AD86FB07-C4ED-4F4E-9C8D-000000000BOB");
    let lines = line(ada, "ada") + &line(bob, "bob");
    let imported =
        directory.run(async |database, context| directory::import(database, context, &lines).await).unwrap();
    assert_eq!(imported.created, 2);
    (directory, ada.to_string(), bob.to_string())
}

fn operation(op: &str, path: &str, ids: &[&str]) -> Value {
    json!([{"op": op, "path": path, "value": members(ids)}])
}

#[test]
fn a_member_is_the_resource_of_that_id_in_whatever_letter_case_it_is_named() {
    let (directory, ada, bob) = directory();
    let created = directory.group("created", &[&ada.to_uppercase(), &ada, &bob]);
    assert_eq!(directory.members_of(&created), [ada.as_str(), &bob]);
    let group = directory.group("group", &[]);
    let path = format!("/Groups/{group}");
    for operations in [
        operation("add", "members", &[&ada.to_uppercase()]),
        operation("replace", "members", &[&ada.to_uppercase(), &ada]),
        json!([{"op": "add", "value": {"members": [{"value": ada.to_uppercase()}]}}]),
    ] {
        assert_eq!(directory.patch(&path, operations).0, 204);
        assert_eq!(directory.members_of(&group), [ada.as_str()]);
        let removal = operation("remove", "members", &[&ada.to_uppercase()]);
        assert_eq!(directory.patch(&path, removal).0, 204);
        assert!(directory.members_of(&group).is_empty());
    }
    let body = json!({"displayName": "group", "members": members(&[&ada.to_uppercase(), &bob])});
    assert_eq!(directory.put(&path, body).0, 200);
    assert_eq!(directory.members_of(&group), [ada.as_str(), &bob]);
    for member in [&ada, &bob] {
        let filter = format!("members[value eq \"{}\"]", member.to_uppercase());
        assert_eq!(directory.patch(&path, json!([{"op": "remove", "path": filter}])).0, 204);
        assert!(!directory.members_of(&group).contains(member));
    }
}

#[test]
fn a_bulk_creates_groups_of_members_in_another_letter_case() {
    let (directory, ada, bob) = directory();
    let group = |name: &str, id: &str, member: Value| {
        json!({"method": "POST", "path": "/Groups", "bulkId": id,
            "data": {"displayName": name, "members": [member, {"value": ada.to_uppercase()}, {"value": bob}]}})
    };
    let operations = [group("a", "a", json!("bulkId:b")), group("b", "b", json!("bulkId:a"))];
    let (status, body) = directory.post("/Bulk", json!({"Operations": operations}));
    assert_eq!(status, 200, "{body}");
    for (operation, name) in body["Operations"].as_array().unwrap().iter().zip(["a", "b"]) {
        assert_eq!(operation["status"], "201", "{name}: {body}");
    }
    let filter = format!("members eq \"{}\"", ada.to_uppercase());
    assert_eq!(directory.names("/Groups", &filter), "a b");
}

#[test]
fn a_filter_finds_members_and_groups_in_whatever_letter_case_they_are_named() {
    let (directory, ada, bob) = directory();
    let line = json!({"id": "c0ffee00-0000-7000-8000-000000000001", "displayName": "group",
        "members": [{"value": ada}, {"value": bob}], "meta": {"resourceType": "Group"}});
    let imported = directory
        .run(async |database, context| directory::import(database, context, &line.to_string()).await);
    assert_eq!(imported.unwrap().created, 1);
    for id in [ada.as_str(), &ada.to_uppercase(), &bob] {
        for filter in [
            format!("members eq \"{id}\""),
            format!("members.value eq \"{id}\""),
            format!("members[value eq \"{id}\"]"),
            format!("members[type eq \"User\" and value eq \"{id}\"]"),
            format!("members.value eq \"x\" or members.value eq \"{id}\""),
        ] {
            assert_eq!(directory.names("/Groups", &filter), "group", "{filter}");
        }
        assert_eq!(directory.names("/Groups", &format!("members ne \"{id}\"")), "");
    }
    assert_eq!(
        directory.names("/Users", "groups.value eq \"C0FFEE00-0000-7000-8000-000000000001\""),
        "ada bob"
    );
}

#[test]
fn a_member_that_matches_no_resource_in_any_letter_case_is_refused() {
    let (directory, ..) = directory();
    let group = directory.group("group", &[]);
    let answer = directory.patch(&format!("/Groups/{group}"), operation("add", "members", &["NOBODY"]));
    let detail = "no user or group has the id of these members: `nobody`";
    assert_eq!(answer, crate::harness::refusal(400, ScimType::InvalidValue.as_str(), detail));
}
