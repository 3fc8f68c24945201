//! Erasing a person: nothing of the person is left in the database, and the log can still be replayed.

use directory::Erasure;
use scim::ScimError;
use serde_json::{Value, json};

use crate::harness::{Directory, ENTERPRISE};
use crate::log::replay::{assert_gives_the_directory, changes};

fn erase(directory: &Directory, id: &str) -> Result<Erasure, ScimError> {
    erase_after(directory, id, 0)
}

fn erase_after(directory: &Directory, id: &str, after: i64) -> Result<Erasure, ScimError> {
    let erased =
        directory.run(async |database, context| directory::erase(database, context, id, after).await);
    erased.map_err(|failure| failure.into_refusal().unwrap())
}

/// Returns a directory with a person who was created, renamed, disabled and enabled, in two groups, and the manager of another user.
fn with_ada() -> (Directory, String) {
    let directory = Directory::new();
    let ada = directory.created("/Users", json!({
        "userName": "ada@lovelace.example", "displayName": "Ada Lovelace", "externalId": "E-lovelace",
        "name": {"familyName": "Lovelace", "givenName": "Ada"}, "emails": [{"value": "a@lovelace.example"}],
        ENTERPRISE: {"department": "Lovelace's"},
    }));
    let path = format!("/Users/{ada}");
    let patch = |operations: Value| assert_eq!(directory.patch(&path, operations).0, 200);
    patch(
        json!([{"op": "replace", "path": "userName", "value": "countess@lovelace.example"}, {"op": "replace", "path": "name.familyName", "value": "King-Lovelace"}]),
    );
    patch(
        json!([{"op": "replace", "path": "active", "value": false}, {"op": "add", "path": "nickName", "value": "lovelace"}]),
    );
    patch(json!([{"op": "replace", "path": "active", "value": true}]));
    directory.group("Engines", &[&ada]);
    directory.created(
        "/Users",
        json!({"userName": "bob", ENTERPRISE: {"manager": {"value": ada, "displayName": "Ada Lovelace"}}}),
    );
    (directory, ada)
}

fn whole(directory: &Directory) -> String {
    let dump = directory.database.dump();
    dump.iter()
        .flat_map(|(_, rows)| rows)
        .map(|row| row.cells().map(|(name, value)| format!("{name}: {value} ")).collect::<String>())
        .collect::<String>()
        .to_lowercase()
}

#[test]
fn nothing_in_the_database_names_an_erased_person_and_the_log_says_that_it_happened() {
    let (directory, ada) = with_ada();
    assert!(whole(&directory).contains("lovelace"));
    assert_eq!(erase(&directory, &ada), Ok(Erasure { was_deleted: true, blanked: 5, next: None }));
    assert!(!whole(&directory).contains("lovelace"), "{}", whole(&directory));
    let about: Vec<Value> = changes(&directory)
        .iter()
        .filter(|row| row.optional_text("resource_id") == Some(ada.as_str()))
        .map(|row| {
            let mut change: Value = serde_json::from_str(row.text("change").unwrap()).unwrap();
            change["version"] = row.integer("version").unwrap().into();
            change
        })
        .collect();
    let ops: Vec<(&str, i64)> = about
        .iter()
        .map(|change| (change["op"].as_str().unwrap(), change["version"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        ops,
        [("created", 1), ("updated", 2), ("updated", 3), ("updated", 4), ("deleted", 5), ("erased", 6)]
    );
    let resource = |active: Option<bool>| json!({"userName": null, "displayName": null, "externalId": null, "active": active});
    assert_eq!(about[0]["resource"], resource(Some(true)));
    assert_eq!(about[0]["document"], json!({"active": true}));
    assert_eq!(
        about[1]["changes"],
        json!([{"path": "name.familyName", "old": null, "new": null}, {"path": "userName", "old": null, "new": null}])
    );
    assert_eq!(about[2]["changes"][0], json!({"path": "active", "old": true, "new": false}));
    assert_eq!((&about[5]["resource"], about[5].get("document")), (&resource(None), None));
    assert!(about[..5].iter().all(|change| change["erased"] == true));
    assert_gives_the_directory(&directory);
}

#[test]
fn erasing_again_changes_nothing_and_of_nobody_is_refused() {
    let (directory, ada) = with_ada();
    erase(&directory, &ada).unwrap();
    let before = directory.database.dump();
    assert_eq!(erase(&directory, &ada), Ok(Erasure::default()));
    assert_eq!(directory.database.dump(), before);
    let group = directory.group("g", &[]);
    for none in ["nobody", group.as_str()] {
        assert_eq!(
            erase(&directory, none).unwrap_err().detail,
            format!("nothing is known about a user `{none}`")
        );
    }
}

#[test]
fn one_who_was_deleted_before_is_erased_too_and_other_tenants_keep_theirs() {
    let (directory, ada) = with_ada();
    let other = directory.of_tenant("other");
    directory.restart_ids();
    assert_eq!(other.created("/Users", json!({"userName": "Lovelace of another"})), ada);
    directory.delete(&format!("/Users/{ada}"));
    assert_eq!(erase(&directory, &ada), Ok(Erasure { was_deleted: false, blanked: 5, next: None }));
    assert_eq!(other.get(&format!("/Users/{ada}")).1["userName"], "Lovelace of another");
    assert!(!whole(&directory).contains("countess"));
    assert!(whole(&directory).contains("lovelace of another"));
}

#[test]
fn a_long_history_is_erased_in_bounded_steps() {
    let (directory, ada) = with_ada();
    let sql = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 2499) \
         INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         SELECT 'default', 0, 'User', '{ada}', n + 5, '{{\"op\":\"updated\",\"resource\":{{\"userName\":\"lovelace\",\"active\":true}}}}', 't', 'r' FROM n"
    );
    directory.sql(sql);
    let first = erase(&directory, &ada).unwrap();
    let Erasure { was_deleted: true, blanked: 2_000, next: Some(next) } = first else { panic!("{first:?}") };
    assert!(whole(&directory).contains("lovelace"));
    let rest = Erasure { was_deleted: false, blanked: 505, next: None };
    assert_eq!(erase_after(&directory, &ada, next), Ok(rest));
    assert!(!whole(&directory).contains("lovelace"));
    assert_eq!(changes(&directory).last().unwrap().integer("version").unwrap(), 6);
}
