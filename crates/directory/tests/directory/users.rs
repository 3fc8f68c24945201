//! Users: create, read, replace, change, delete.

use serde_json::{Value, json};

use crate::harness::{BASE, Directory, ENTERPRISE, Headers, USER, meta, refusal};

fn ada() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": "Ada@Contoso.example",
        "externalId": "Ada-1",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "active": true,
        "password": "t1meMa$heen",
        "emails": [{"value": "Ada@Work.example", "type": "work", "primary": true}],
        ENTERPRISE: {"department": "Engines", "manager": {"value": "charles"}},
    })
}

/// Returns what is shown of [`ada`].
fn shown(id: &str, meta: Value) -> Value {
    let mut body = ada();
    body.as_object_mut().unwrap().remove("password");
    body["id"] = id.into();
    body["meta"] = meta;
    body
}

#[test]
fn a_created_user_is_shown_as_sent_and_read_back_as_shown() {
    let directory = Directory::new();
    let response = directory.request("POST", "/Users", Some(ada()), Headers::default());
    let id = response.body["id"].as_str().unwrap().to_string();
    let body = shown(&id, meta("User", &id, 1, 0, 0));
    assert_eq!((response.status, &response.body), (201, &body));
    assert_eq!(response.header("Location"), Some(format!("{BASE}/Users/{id}").as_str()));
    assert_eq!(response.header("ETag"), Some("W/\"1\""));
    assert_eq!(directory.get(&format!("/Users/{id}")), (200, body));
}

#[test]
fn a_replaced_user_keeps_id_and_creation_and_loses_what_is_not_sent() {
    let directory = Directory::new();
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}");
    let new = json!({"schemas": [USER], "userName": "ada", "title": "Countess"});
    let body = json!({
        "schemas": [USER], "id": id, "userName": "ada", "title": "Countess", "active": true,
        "meta": meta("User", &id, 2, 0, 1),
    });
    assert_eq!(directory.put(&path, new), (200, body.clone()));
    assert_eq!(directory.get(&path), (200, body));
}

#[test]
fn the_answer_to_a_patch_is_the_whole_user() {
    let directory = Directory::new();
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}");
    let mut body = shown(&id, meta("User", &id, 2, 0, 1));
    body["active"] = false.into();
    body["emails"][0]["value"] = "ada@new.example".into();
    let operations = json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada@new.example"},
    ]);
    assert_eq!(directory.patch(&path, operations), (200, body.clone()));
    assert_eq!(directory.get(&path), (200, body));
}

#[test]
fn a_patch_that_names_attributes_is_answered_with_them() {
    let directory = Directory::new();
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}?attributes=title");
    let answer = directory.patch(&path, json!([{"op": "add", "path": "title", "value": "Countess"}]));
    assert_eq!(answer, (200, json!({"schemas": [USER, ENTERPRISE], "id": id, "title": "Countess"})));
}

#[test]
fn a_deleted_user_is_gone_and_its_name_is_free() {
    let directory = Directory::new();
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}");
    assert_eq!(directory.delete(&path), (204, Value::Null));
    let gone = refusal(404, "", &format!("there is no User `{id}`"));
    assert_eq!(directory.get(&path), gone);
    assert_eq!(directory.delete(&path), gone);
    assert_ne!(directory.created("/Users", ada()), id);
}

#[test]
fn what_is_not_there_is_a_404_to_every_verb() {
    let directory = Directory::new();
    let group = directory.group("Engines", &[]);
    let user = directory.user("ada");
    let operations = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    for (kind, id) in [("User", "nobody"), ("Group", "nothing"), ("User", &group), ("Group", &user)] {
        let path = format!("/{kind}s/{id}");
        let gone = refusal(404, "", &format!("there is no {kind} `{id}`"));
        assert_eq!(directory.get(&path), gone);
        assert_eq!(directory.put(&path, json!({"userName": "x", "displayName": "x"})), gone);
        assert_eq!(directory.patch(&path, operations.clone()), gone);
        assert_eq!(directory.delete(&path), gone);
    }
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": user}]}]);
    assert_eq!(
        directory.patch("/Groups/nothing", operations),
        refusal(404, "", "there is no Group `nothing`")
    );
}

#[test]
fn a_change_that_changes_nothing_leaves_version_and_last_modified_alone() {
    let directory = Directory::new();
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}");
    let body = shown(&id, meta("User", &id, 1, 0, 0));
    let operations = json!([
        {"op": "replace", "path": "active", "value": true},
        {"op": "add", "path": "emails", "value": [{"value": "Ada@Work.example", "type": "work", "primary": true}]},
        {"op": "remove", "path": "nickName"},
    ]);
    assert_eq!(directory.patch(&path, operations), (200, body.clone()));
    assert_eq!(directory.put(&path, ada()), (200, body.clone()));
    assert_eq!(directory.patch(&path, json!([])), (200, body.clone()));
    assert_eq!(directory.get(&path), (200, body));
}

#[test]
fn a_password_is_taken_and_kept_in_no_column() {
    let directory = Directory::new();
    let secret = "t1meMa$heen";
    let id = directory.created("/Users", ada());
    let path = format!("/Users/{id}");
    directory.put(&path, ada());
    let (status, _) = directory.patch(&path, json!([{"op": "replace", "path": "password", "value": secret}]));
    assert_eq!(status, 200);
    let (status, _) = directory.patch(
        &path,
        json!([{"op": "replace", "value": {"password": secret, "title": "x", format!("{USER}:password"): secret}}]),
    );
    assert_eq!(status, 200);
    let dump = format!("{:?}", directory.database.dump());
    assert!(dump.contains("Ada@Contoso.example") && !dump.to_lowercase().contains(&secret.to_lowercase()));
    assert!(!dump.contains("password"), "{dump}");
}

#[test]
fn a_user_is_active_from_its_creation_on_unless_the_client_says_otherwise() {
    let directory = Directory::new();
    for (at, said) in [json!({}), json!({"active": null}), json!({"active": ""}), json!({"active": true})]
        .iter()
        .enumerate()
    {
        let mut body = said.clone();
        body["userName"] = format!("u{at}").into();
        assert_eq!(directory.post("/Users", body).1["active"], true, "{said}");
    }
    let (_, body) = directory.post("/Users", json!({"userName": "not", "active": "False"}));
    assert_eq!(body["active"], false);
    let operations =
        json!([{"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "bulk"}}]);
    assert_eq!(directory.post("/Bulk", json!({"Operations": operations})).0, 200);
    assert_eq!(directory.names("/Users", "active eq true"), "u0 u1 u2 u3 bulk");
    assert_eq!(directory.names("/Users", "active eq false"), "not");
}

#[test]
fn a_replacement_that_says_nothing_of_active_leaves_it() {
    let directory = Directory::new();
    for stored in [json!(false), json!(true)] {
        let name = format!("u{stored}");
        let id = directory.created("/Users", json!({"userName": name, "active": stored}));
        for said in [json!({}), json!({"active": null}), json!({"active": ""})] {
            let mut body = said.clone();
            body["userName"] = name.as_str().into();
            let (status, body) = directory.put(&format!("/Users/{id}"), body);
            assert_eq!((status, &body["active"]), (200, &stored), "{said}");
        }
    }
    let id = directory.user("none");
    let path = format!("/Users/{id}");
    assert_eq!(directory.patch(&path, json!([{"op": "remove", "path": "active"}])).0, 200);
    assert_eq!(directory.put(&path, json!({"userName": "none"})).1["active"], Value::Null);
}
