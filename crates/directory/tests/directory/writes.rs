//! Only `store/` writes: no other file changes a table, and every write sets its revision in the rows that it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::harness::{Directory, Headers};

/// Collects the files below the folder, with their texts.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string().replace('\\', "/"), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Returns the statements in a text that write, outside comments.
fn writes(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = lines.join("\n");
    // A statement may begin with a quotation mark after a parenthesis.
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\\');
    let words: Vec<&str> = text.split(is_between).filter(|word| !word.is_empty()).collect();
    let is_set = |at: usize| words.iter().skip(at + 2).take(4).any(|word| *word == "SET");
    let is_write = |at: &usize| match words[*at..*at + 2] {
        ["INSERT" | "REPLACE", "INTO" | "OR"] | ["DELETE", "FROM"] => true,
        ["UPDATE", _] => is_set(*at),
        _ => false,
    };
    let found = (0..words.len().saturating_sub(1)).filter(is_write);
    found.map(|at| words[at..words.len().min(at + 5)].join(" ")).collect()
}

#[test]
fn only_the_store_writes_the_tables_of_the_directory() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Vec::new();
    for folder in ["src", "crates/scim/src", "crates/oauth/src", "crates/directory/src", "crates/tenants/src"]
    {
        texts(&root.join(folder), &mut all);
    }
    let is_of_store = |path: &str| path.contains("directory/src/store/");
    // These have tables of their own, and write no others.
    let is_of_reader = |path: &str| {
        ["activity/", "webhooks/", "edge", "events/readers"]
            .iter()
            .any(|name| path.contains(&format!("directory/src/{name}")))
    };
    let tables = ["resources", "memberships", "emails", "totals", "quotas", "changes", "logs", "{table}"];
    for (path, text) in all.iter().filter(|(path, _)| !is_of_store(path)) {
        let is_of_directory = path.contains("directory/src/") && !is_of_reader(path);
        let of_directory = |write: &&String| {
            is_of_directory || tables.iter().any(|table| write.split(' ').any(|word| word == *table))
        };
        let found: Vec<String> = writes(text).iter().filter(of_directory).cloned().collect();
        assert_eq!(found, Vec::<String>::new(), "{path}");
    }
    // The test can find such statements.
    let in_store: usize =
        all.iter().filter(|(path, _)| is_of_store(path)).map(|(_, text)| writes(text).len()).sum();
    assert!(in_store >= 16, "{in_store}");
    for text in ["new(\"UPDATE totals SET total = 1\")", "format!(\"INSERT OR REPLACE INTO resources\")"] {
        assert!(!writes(text).is_empty(), "{text}");
    }
}

/// Returns the revision of every resource, by its unique key.
fn revisions(directory: &Directory) -> BTreeMap<String, String> {
    let rows = directory.database.dump().swap_remove(0);
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
