//! Tenants do not see each other.

use serde_json::{Value, json};

use crate::harness::{Directory, members};

/// Returns the responses to every request about these ids.
fn view(directory: &Directory, user: &str, group: &str) -> Vec<(u16, Value)> {
    let filter = |endpoint: &str, filter: &str| directory.query(endpoint, filter);
    vec![
        directory.get(&format!("/Users/{user}")),
        directory.get(&format!("/Groups/{group}")),
        directory.get("/Users"),
        directory.get("/Groups"),
        filter("/Users", "userName pr"),
        filter("/Users", "emails.value eq \"ada@x.example\""),
        filter("/Users", &format!("groups.value eq \"{group}\"")),
        filter("/Users", "groups.display co \"e\""),
        filter("/Groups", &format!("members.value eq \"{user}\"")),
        filter("/Groups", "members[display sw \"A\"]"),
    ]
}

fn fill(directory: &Directory) -> (String, String) {
    let user = json!({"userName": "ada", "displayName": "Ada", "emails": [{"value": "ada@x.example"}]});
    let user = directory.created("/Users", user);
    let inner = directory.group("Engines", &[&user]);
    directory.group("Outer", &[&inner]);
    (user, inner)
}

#[test]
fn a_customer_sees_nothing_of_another() {
    let one = Directory::new();
    let other = one.of_tenant("other");
    let (user, group) = fill(&one);
    for (status, body) in view(&other, &user, &group) {
        assert!(status == 404 || body["totalResults"] == 0 && body["Resources"] == json!([]), "{body}");
    }
}

#[test]
fn a_customer_changes_nothing_of_another() {
    let one = Directory::new();
    let other = one.of_tenant("other");
    let (user, group) = fill(&one);
    let (own_user, own_group) = fill(&other);
    one.at_second(0);
    let before = view(&one, &user, &group);
    for path in [format!("/Users/{user}"), format!("/Groups/{group}")] {
        assert_eq!(other.put(&path, json!({"userName": "x", "displayName": "x"})).0, 404);
        assert_eq!(
            other.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "x"}])).0,
            404
        );
        assert_eq!(other.patch(&path, json!([{"op": "remove", "path": "externalId"}])).0, 404);
        assert_eq!(other.delete(&path).0, 404);
    }
    let clear = json!([{"op": "remove", "path": "members"}]);
    assert_eq!(other.patch(&format!("/Groups/{group}"), clear).0, 404);
    let add = json!([{"op": "add", "path": "members", "value": members(&[&user])}]);
    assert_eq!(other.patch(&format!("/Groups/{own_group}"), add).0, 400, "a stranger is not a member");
    assert_eq!(other.delete(&format!("/Users/{own_user}")).0, 204);
    assert_eq!(other.delete(&format!("/Groups/{own_group}")).0, 204);
    assert_eq!(view(&one, &user, &group), before);
}

#[test]
fn two_customers_with_the_same_ids_are_still_two() {
    let one = Directory::new();
    let ids = fill(&one);
    let other = one.of_tenant("other");
    one.restart_ids();
    assert_eq!(fill(&other), ids);
    let (user, group) = ids;
    let before = view(&other, &user, &group);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    assert_eq!(one.patch(&format!("/Users/{user}"), rename.clone()).0, 200);
    assert_eq!(one.patch(&format!("/Groups/{group}"), rename).0, 204);
    assert_eq!(one.patch(&format!("/Groups/{group}"), json!([{"op": "remove", "path": "members"}])).0, 204);
    assert_eq!(one.delete(&format!("/Users/{user}")).0, 204);
    assert_eq!(one.delete(&format!("/Groups/{group}")).0, 204);
    assert_eq!(view(&other, &user, &group), before);
}
