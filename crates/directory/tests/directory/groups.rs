//! Groups: create, read, replace, change, delete.

use serde_json::{Value, json};

use crate::harness::{BASE, Directory, GROUP, Headers, members, meta, refusal, second};

#[test]
fn a_created_group_shows_its_members_by_name_and_type() {
    let directory = Directory::new();
    let ada = directory.created("/Users", json!({"userName": "ada", "displayName": "Ada L."}));
    let plain = directory.user("plain");
    let inner = directory.group("Inner", &[]);
    let body = json!({"displayName": "Engines", "externalId": "E", "members": members(&[&inner, &plain, &ada, &ada])});
    let response = directory.request("POST", "/Groups", Some(body), Headers::default());
    let id = response.body["id"].as_str().unwrap().to_string();
    let shown = json!({
        "schemas": [GROUP], "id": id, "displayName": "Engines", "externalId": "E",
        "members": [
            {"value": ada, "$ref": format!("{BASE}/Users/{ada}"), "type": "User", "display": "Ada L."},
            {"value": plain, "$ref": format!("{BASE}/Users/{plain}"), "type": "User"},
            {"value": inner, "$ref": format!("{BASE}/Groups/{inner}"), "type": "Group", "display": "Inner"},
        ],
        "meta": meta("Group", &id, 1, 3, 3),
    });
    assert_eq!((response.status, &response.body), (201, &shown));
    assert_eq!(response.header("ETag"), Some("W/\"1\""));
    assert_eq!(directory.get(&format!("/Groups/{id}")), (200, shown));
}

#[test]
fn members_left_out_of_the_answer_are_left_out() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let id = directory.group("Engines", &[&ada]);
    let body = json!({
        "schemas": [GROUP], "id": id, "displayName": "Engines", "meta": meta("Group", &id, 1, 1, 1),
    });
    assert_eq!(directory.get(&format!("/Groups/{id}?excludedAttributes=members")), (200, body));
    let body = json!({"schemas": [GROUP], "id": id, "members": [{"value": ada}]});
    assert_eq!(directory.get(&format!("/Groups/{id}?attributes=members.value")), (200, body));
}

#[test]
fn a_replaced_group_has_the_members_that_are_sent_and_no_others() {
    let directory = Directory::new();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| directory.user(name));
    let id = directory.group("Engines", &[&ada, &bob]);
    let path = format!("/Groups/{id}");
    let body = json!({"displayName": "Engines", "members": members(&[&bob, &eve])});
    let shown = json!({
        "schemas": [GROUP], "id": id, "displayName": "Engines",
        "members": [
            {"value": bob, "$ref": format!("{BASE}/Users/{bob}"), "type": "User"},
            {"value": eve, "$ref": format!("{BASE}/Users/{eve}"), "type": "User"},
        ],
        "meta": meta("Group", &id, 2, 3, 4),
    });
    assert_eq!(directory.put(&path, body.clone()), (200, shown.clone()));
    assert_eq!(directory.put(&path, body), (200, shown.clone()), "the same again changes nothing");
    assert_eq!(directory.get(&path), (200, shown));
    let shown = json!({
        "schemas": [GROUP], "id": id, "displayName": "Motors", "members": [],
        "meta": meta("Group", &id, 3, 3, 7),
    });
    assert_eq!(directory.put(&path, json!({"displayName": "Motors"})), (200, shown.clone()));
    assert_eq!(directory.get(&path), (200, shown));
}

#[test]
fn a_group_without_members_says_so_wherever_they_would_be_shown_and_nowhere_else() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let groups = [directory.group("Empty", &[]), directory.group("Emptied", &[&ada])];
    let gone = json!([{"op": "remove", "path": "members"}]);
    assert_eq!(directory.patch(&format!("/Groups/{}", groups[1]), gone), (204, Value::Null));
    for id in groups {
        let members = |query: &str| directory.get(&format!("/Groups/{id}{query}")).1.get("members").cloned();
        for query in
            ["", "?attributes=members", "?attributes=members.value", "?excludedAttributes=displayName"]
        {
            assert_eq!(members(query), Some(json!([])), "{query}");
        }
        for query in ["?attributes=displayName", "?excludedAttributes=members"] {
            assert_eq!(members(query), None, "{query}");
        }
    }
}

#[test]
fn a_patched_group_is_answered_204_with_its_version() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let id = directory.group("Engines", &[]);
    let path = format!("/Groups/{id}");
    for (operation, etag) in [
        (json!({"op": "replace", "path": "displayName", "value": "Motors"}), "W/\"2\""),
        (json!({"op": "add", "path": "members", "value": [{"value": ada}]}), "W/\"3\""),
        (json!({"op": "add", "path": "members", "value": [{"value": ada}]}), "W/\"3\""),
    ] {
        let body = crate::harness::patch(json!([operation]));
        let response = directory.request("PATCH", &path, Some(body), Headers::default());
        assert_eq!(
            (response.status, &response.body, response.header("ETag")),
            (204, &Value::Null, Some(etag))
        );
    }
    assert_eq!(directory.version(&path), ("W/\"3\"".into(), second(3)));
}

#[test]
fn a_patch_that_names_attributes_is_answered_with_them() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let id = directory.group("Engines", &[]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada}]}]);
    let shown = json!({"schemas": [GROUP], "id": id, "members": [{"value": ada}]});
    let path = format!("/Groups/{id}?attributes=members.value");
    assert_eq!(directory.patch(&path, add.clone()), (200, shown.clone()));
    assert_eq!(directory.patch(&path, add), (200, shown), "where nothing changes too");
    let path = format!("/Groups/{id}?attributes=displayName");
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Motors"}]);
    assert_eq!(
        directory.patch(&path, rename),
        (200, json!({"schemas": [GROUP], "id": id, "displayName": "Motors"}))
    );
}

#[test]
fn a_deleted_group_is_gone_and_its_members_are_not() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    let inner = directory.group("Inner", &[&ada]);
    let outer = directory.group("Outer", &[&inner]);
    let path = format!("/Groups/{inner}");
    assert_eq!(directory.delete(&path), (204, Value::Null));
    assert_eq!(directory.get(&path), refusal(404, "", &format!("there is no Group `{inner}`")));
    assert_eq!(directory.get(&format!("/Users/{ada}")).1.get("groups"), None);
    assert_eq!(directory.members_of(&outer), Vec::<String>::new());
    assert_eq!(directory.version(&format!("/Groups/{outer}")), ("W/\"2\"".into(), second(3)));
    assert!(directory.sql("SELECT * FROM memberships").is_empty(), "no membership is left");
}

#[test]
fn a_group_is_renamed_and_changes_members_in_one_patch_and_one_version() {
    let directory = Directory::new();
    let [ada, bob] = ["ada", "bob"].map(|name| directory.user(name));
    let id = directory.group("Engines", &[&ada]);
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": bob}]},
        {"op": "replace", "path": "displayName", "value": "Motors"},
        {"op": "remove", "path": format!("members[value eq \"{ada}\"]")},
    ]);
    let path = format!("/Groups/{id}");
    assert_eq!(directory.patch(&path, operations), (204, Value::Null));
    assert_eq!(directory.members_of(&id), [bob]);
    assert_eq!(directory.names("/Groups", "displayName eq \"motors\""), "Motors");
    assert_eq!(directory.version(&path), ("W/\"2\"".into(), second(3)));
}
