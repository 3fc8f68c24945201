//! Each user has a userName and each group a displayName of its own, whatever the letter case (RFC 7643 s4.1.1, RFC
//! 7644 s3.3).

use serde_json::json;

use crate::harness::{Directory, refusal};

/// Names of one person, which are the same if letter case does not count.
const SAME: [(&str, &str); 6] = [
    ("ada@contoso.example", "ADA@Contoso.EXAMPLE"),
    ("müller", "MÜLLER"),
    ("straße", "STRASSE"),
    ("жук", "ЖУК"),
    ("Renée", "rene\u{301}e"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
];

fn user_taken(name: &str) -> (u16, serde_json::Value) {
    refusal(409, "uniqueness", &format!("another User has the userName `{name}`"))
}

fn group_taken(name: &str) -> (u16, serde_json::Value) {
    refusal(409, "uniqueness", &format!("another Group has the displayName `{name}`"))
}

#[test]
fn a_user_name_in_another_letter_case_is_taken() {
    let directory = Directory::new();
    let other = directory.user("other");
    let path = format!("/Users/{other}");
    for (name, again) in SAME {
        let id = directory.user(name);
        assert_eq!(directory.post("/Users", json!({"userName": again})), user_taken(again));
        assert_eq!(directory.put(&path, json!({"userName": again})), user_taken(again));
        let rename = json!([{"op": "replace", "path": "userName", "value": again}]);
        assert_eq!(directory.patch(&path, rename.clone()), user_taken(again));
        let (status, body) = directory.patch(&format!("/Users/{id}"), rename);
        assert_eq!((status, &body["userName"]), (200, &json!(again)), "a user may respell its own name");
    }
    assert_eq!(directory.version(&path).0, "W/\"1\"");
    assert_eq!(directory.get("/Users?count=0").1["totalResults"], 1 + SAME.len());
}

#[test]
fn a_group_name_in_another_letter_case_is_taken() {
    let directory = Directory::new();
    let other = directory.group("other", &[]);
    let path = format!("/Groups/{other}");
    for (name, again) in SAME {
        let id = directory.group(name, &[]);
        assert_eq!(directory.post("/Groups", json!({"displayName": again})), group_taken(again));
        assert_eq!(directory.put(&path, json!({"displayName": again})), group_taken(again));
        let rename = json!([{"op": "replace", "path": "displayName", "value": again}]);
        assert_eq!(directory.patch(&path, rename.clone()), group_taken(again));
        assert_eq!(directory.patch(&format!("/Groups/{id}"), rename).0, 204);
    }
}

#[test]
fn a_user_a_group_and_another_user_may_share_what_is_not_unique() {
    let directory = Directory::new();
    directory.created("/Users", json!({"userName": "a", "displayName": "Ada", "externalId": "1"}));
    directory.created("/Users", json!({"userName": "b", "displayName": "Ada", "externalId": "1"}));
    directory.created("/Groups", json!({"displayName": "a", "externalId": "1"}));
}

#[test]
fn names_that_only_look_alike_are_two_names() {
    let directory = Directory::new();
    for name in ["muller", "müller", "mu\u{308}ller2", "аda", "ada", "ada ", "ada\u{0}", "ada\u{0}x"] {
        directory.user(name);
    }
}

#[test]
fn a_name_taken_is_refused_before_the_members_change() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.group("taken", &[]);
    let group = directory.group("engines", &[]);
    let path = format!("/Groups/{group}");
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": ada}]},
        {"op": "replace", "path": "displayName", "value": "TAKEN"},
    ]);
    assert_eq!(directory.patch(&path, operations), group_taken("TAKEN"));
    let body = json!({"displayName": "TAKEN", "members": [{"value": ada}]});
    assert_eq!(directory.put(&path, body.clone()), group_taken("TAKEN"));
    assert_eq!(directory.post("/Groups", body), group_taken("TAKEN"));
    assert_eq!(directory.members_of(&group), Vec::<String>::new());
    assert_eq!(directory.version(&path).0, "W/\"1\"");
}
