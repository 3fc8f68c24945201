//! Every write sets its revision in the rows of resources that it wrote. Who writes which table: `writers`.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::{Directory, Headers};

/// Returns the revision of every resource, by its unique key.
fn revisions(directory: &Directory) -> BTreeMap<String, String> {
    let rows = directory.sql("SELECT unique_key, revision FROM resources");
    let text = |row: &database::Row, column: &str| row.text(column).unwrap().to_string();
    rows.iter().map(|row| (text(row, "unique_key"), text(row, "revision"))).collect()
}

/// Returns the names of the rows that a write wrote since `before`: all have one revision, which no row had.
#[track_caller]
fn written(directory: &Directory, before: &mut BTreeMap<String, String>) -> Vec<String> {
    let after = revisions(directory);
    let known: Vec<String> = before.values().cloned().collect();
    let changed: Vec<(String, String)> =
        after.clone().into_iter().filter(|(name, revision)| before.get(name) != Some(revision)).collect();
    for (name, revision) in &changed {
        assert!(!known.contains(revision) && *revision == changed[0].1, "{name}: {changed:?}");
    }
    *before = after;
    changed.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_write_sets_a_revision_of_its_own_in_each_row_that_it_writes_and_in_no_other() {
    let directory = Directory::new();
    let mut before = BTreeMap::new();
    let ada = directory.user("ada");
    assert_eq!(written(&directory, &mut before), ["ada"]);
    let group = directory.group("engines", &[&ada]);
    assert_eq!(written(&directory, &mut before), ["engines"]);
    let rename = |name: &str| json!([{"op": "replace", "path": "title", "value": name}]);
    assert_eq!(directory.patch(&format!("/Users/{ada}"), rename("Countess")).0, 200);
    assert_eq!(written(&directory, &mut before), ["ada"]);
    assert_eq!(directory.patch(&format!("/Users/{ada}"), rename("Countess")).0, 200);
    assert_eq!(written(&directory, &mut before), Vec::<String>::new());
    assert_eq!(directory.put(&format!("/Users/{ada}"), json!({"userName": "ada"})).0, 200);
    assert_eq!(written(&directory, &mut before), ["ada"]);

    let create =
        |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}});
    let cycle = |name: &str, other: &str| {
        json!({"method": "POST", "path": "/Groups", "bulkId": name,
        "data": {"displayName": name, "members": [{"value": format!("bulkId:{other}")}]}})
    };
    let bulk = |operations: serde_json::Value| {
        let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let body = json!({"schemas": [urn], "Operations": operations});
        let response = directory.request("POST", "/Bulk", Some(body), Headers::default());
        response.body["Operations"].as_array().unwrap().iter().all(|one| one["status"] == "201")
    };
    assert!(bulk(json!([create("bob"), create("eve")])));
    assert_eq!(written(&directory, &mut before), ["bob", "eve"]);
    assert!(bulk(json!([cycle("one", "two"), cycle("two", "one")])));
    assert_eq!(written(&directory, &mut before), ["one", "two"]);

    // A row that exists is not written, so an import can distinguish new and present rows within SQL.
    let line = |id: &str, kind: &str| json!({"id": id, "userName": id, "displayName": id, "meta": {"resourceType": kind}});
    let lines = format!("{}\n{}\n", line("new", "User"), line(&ada, "User"));
    directory.run(async |database, context| directory::import(database, context, &lines).await).unwrap();
    assert_eq!(written(&directory, &mut before), ["new"]);

    // A group that exists gets the members that it lacks, once.
    let wheels = directory.group("wheels", &[]);
    written(&directory, &mut before);
    let mut line = line(&wheels, "Group");
    line["members"] = json!([{"value": ada}, {"value": "new"}]);
    let lines = format!("{line}\n{line}\n");
    for groups in [vec!["wheels"], Vec::new()] {
        directory.run(async |database, context| directory::import(database, context, &lines).await).unwrap();
        assert_eq!(written(&directory, &mut before), groups);
    }

    // The groups that a deleted user was in are changed by the same write.
    directory.group("pumps", &[&ada]);
    written(&directory, &mut before);
    assert_eq!(directory.delete(&format!("/Users/{ada}")).0, 204);
    assert_eq!(written(&directory, &mut before), ["engines", "pumps", "wheels"]);
    let nobody = json!([{"op": "remove", "path": "members"}]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), nobody).0, 204);
    assert_eq!(written(&directory, &mut before), Vec::<String>::new());
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "new"}]}]);
    assert_eq!(directory.patch(&format!("/Groups/{group}"), add).0, 204);
    assert_eq!(written(&directory, &mut before), ["engines"]);
}
