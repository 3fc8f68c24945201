//! A reader that knows nothing but the change log: it applies the rows in their order, and writes what comes out into an
//! empty database.

use std::collections::{BTreeMap, BTreeSet};

use database::Row;
use scim::{Instant, urn};
use serde_json::{Map, Value, json};

use crate::harness::Directory;

/// The columns that follow from the log: all but `revision`, which names the write.
const TABLES: [&str; 4] = [
    "SELECT tenant, type, id, version, created, last_modified, unique_key, display_key, external_id, document, search \
     FROM resources ORDER BY tenant, type, id",
    "SELECT * FROM memberships ORDER BY tenant, group_id, member_id",
    "SELECT * FROM emails ORDER BY tenant, value, resource_id",
    "SELECT * FROM totals WHERE total <> 0 ORDER BY tenant, type",
];

/// A resource as the log has it.
#[derive(Default)]
struct Resource {
    version: i64,
    created: i64,
    last_modified: i64,
    document: Map<String, Value>,
    members: BTreeSet<String>,
}

/// Checks that the log of the tenant `default`, read from its beginning, gives the rows of its directory.
#[track_caller]
pub fn assert_gives_the_directory(directory: &Directory) {
    let copy = Directory::new();
    let lines = replay(&changes(directory));
    for part in lines.chunks(1_000) {
        let imported =
            copy.run(async |database, context| directory::import(database, context, &part.join("\n")).await);
        let imported = imported.unwrap();
        assert_eq!((imported.created, imported.refused.as_slice()), (part.len(), &[][..]));
    }
    for sql in TABLES {
        assert_eq!(copy.sql(sql), directory.sql(sql));
    }
}

/// Returns the rows of the log, oldest first.
pub fn changes(directory: &Directory) -> Vec<Row> {
    directory.sql("SELECT * FROM changes WHERE tenant = 'default' ORDER BY seq")
}

/// Returns the resources as lines of an export, groups last.
fn replay(changes: &[Row]) -> Vec<String> {
    let mut resources = BTreeMap::<(String, String), Resource>::new();
    for row in changes {
        let change: Value = serde_json::from_str(row.text("change").unwrap()).unwrap();
        let key =
            (row.text("resource_type").unwrap().to_string(), row.text("resource_id").unwrap().to_string());
        let version = row.integer("version").unwrap();
        match change["op"].as_str().unwrap() {
            "deleted" => {
                let before = resources.remove(&key).expect("only what is there is deleted");
                assert_eq!(Value::Object(before.document), change["document"], "what was deleted");
                assert_eq!(before.members, BTreeSet::new(), "its members have left");
                continue;
            }
            "created" => {
                let created = Resource {
                    created: change["created"].as_i64().unwrap(),
                    document: change["document"].as_object().unwrap().clone(),
                    ..Resource::default()
                };
                assert!(
                    resources.insert(key.clone(), created).is_none(),
                    "only what is not there is created"
                );
            }
            // Says that what is known of a person was erased, which is not a change of a resource.
            "erased" => continue,
            op => assert_eq!(op, "updated"),
        }
        let resource = resources.get_mut(&key).expect("only what is there is updated");
        resource.version = version;
        resource.last_modified = change["lastModified"].as_i64().unwrap();
        for change in change["changes"].as_array().into_iter().flatten() {
            apply(&mut resource.document, change);
        }
        for id in ids(&change["went"]) {
            assert!(resource.members.remove(&id), "only a member goes");
        }
        for id in ids(&change["came"]) {
            assert!(resource.members.insert(id), "only who is not a member comes");
        }
        for name in ["userName", "displayName", "externalId", "active"] {
            assert_eq!(
                change["resource"][name],
                *resource.document.get(name).unwrap_or(&Value::Null),
                "{name}"
            );
        }
    }
    let mut resources: Vec<_> = resources.into_iter().collect();
    resources.sort_by_key(|((kind, _), _)| kind == "Group");
    resources.into_iter().map(|((kind, id), resource)| line(&kind, &id, resource)).collect()
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten();
    let ids: Vec<String> = ids.map(|id| id.as_str().unwrap().to_string()).collect();
    assert!(ids.len() <= 2_000);
    ids
}

/// Applies a change of an attribute.
fn apply(document: &mut Map<String, Value>, change: &Value) {
    let path = change["path"].as_str().unwrap();
    let names: Vec<String> = match change["at"].as_array() {
        Some(names) => names.iter().map(|name| name.as_str().unwrap().to_string()).collect(),
        None => {
            let (urn, name) = path.rsplit_once(':').map_or((None, path), |(urn, name)| (Some(urn), name));
            urn.into_iter().chain(name.splitn(2, '.')).map(str::to_string).collect()
        }
    };
    let old = set(document, &names, change["new"].clone());
    if let Some(expected) = change.get("old") {
        assert_eq!(old, *expected, "the old value of `{path}`");
    }
}

/// Sets the value and returns the one before. What holds nothing any more is removed.
fn set(within: &mut Map<String, Value>, names: &[String], value: Value) -> Value {
    let (name, rest) = names.split_first().unwrap();
    if rest.is_empty() {
        return match value {
            Value::Null => within.remove(name),
            value => within.insert(name.clone(), value),
        }
        .unwrap_or_default();
    }
    let inner = within.entry(name.clone()).or_insert_with(|| json!({}));
    let old = set(inner.as_object_mut().unwrap(), rest, value);
    if inner.as_object().unwrap().is_empty() {
        within.remove(name);
    }
    old
}

fn line(kind: &str, id: &str, resource: Resource) -> String {
    let time = |milliseconds| Instant(milliseconds).to_rfc3339();
    let core = if kind == "User" { urn::USER } else { urn::GROUP };
    let extensions = resource.document.keys().filter(|name| name.contains(':')).cloned();
    let schemas: Vec<String> = std::iter::once(core.to_string()).chain(extensions).collect();
    let mut line = resource.document;
    line.insert("schemas".into(), json!(schemas));
    line.insert("id".into(), id.into());
    line.insert(
        "meta".into(),
        json!({
            "resourceType": kind, "version": format!("W/\"{}\"", resource.version),
            "created": time(resource.created), "lastModified": time(resource.last_modified),
        }),
    );
    if !resource.members.is_empty() {
        let members = resource.members.iter().map(|id| json!({"value": id}));
        line.insert("members".into(), members.collect());
    }
    Value::Object(line).to_string()
}
