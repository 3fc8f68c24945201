//! Rows as earlier releases wrote them: elements without a value, and values under URNs of the specifications.

use database::{Database, Statement};
use serde_json::{Value, json};

use crate::harness::{Directory, USER, meta};

const JUNK: &str = "urn:ietf:params:scim:schemas:core:2.0";

/// Returns a user whose row has these attributes besides its name.
fn stored(document: Value) -> (Directory, String) {
    let directory = Directory::new();
    let id = directory.user("ada");
    let mut document = document;
    document["userName"] = "ada".into();
    directory
        .run(async |database, _| {
            let sql = "UPDATE resources SET document = +?1, search = +?1";
            Ok(database.run(vec![Statement::new(sql, vec![document.to_string().into()])]).await?)
        })
        .unwrap();
    (directory, format!("/Users/{id}"))
}

#[test]
fn what_stands_under_a_urn_of_the_specifications_is_not_shown_and_goes_with_the_next_change() {
    let (directory, path) = stored(json!({JUNK: {"User": {"active": false}}, "active": true}));
    let id = path.trim_start_matches("/Users/");
    let shown = |version, modified, title: Value| {
        let mut body = json!({"schemas": [USER], "id": id, "userName": "ada", "active": true,
            "meta": meta("User", id, version, 0, modified)});
        if !title.is_null() {
            body["title"] = title;
        }
        (200, body)
    };
    assert_eq!(directory.get(&path), shown(1, 0, Value::Null));
    let unchanged = json!([{"op": "replace", "path": "active", "value": true}]);
    assert_eq!(directory.patch(&path, unchanged), shown(1, 0, Value::Null));
    directory.at_second(5);
    assert_eq!(
        directory.patch(&path, json!([{"op": "replace", "path": "title", "value": "T"}])),
        shown(2, 5, json!("T"))
    );
    assert_eq!(directory.names("/Users", &format!("schemas eq \"{JUNK}\"")), "");
}

#[test]
fn an_element_without_a_value_is_not_present_and_is_dropped_by_the_next_change() {
    let (directory, path) =
        stored(json!({"emails": [{"type": "work"}], "roles": [{"type": "t"}, {"value": "r"}]}));
    for (filter, names) in [
        ("emails pr", ""),
        ("emails eq null", "ada"),
        ("emails ne null", ""),
        ("emails.type pr", "ada"),
        ("roles pr", "ada"),
    ] {
        assert_eq!(directory.names("/Users", filter), names, "{filter}");
    }
    let (_, body) = directory.patch(&path, json!([{"op": "replace", "path": "title", "value": "T"}]));
    assert_eq!((&body["emails"], &body["roles"]), (&Value::Null, &json!([{"value": "r"}])));
}
