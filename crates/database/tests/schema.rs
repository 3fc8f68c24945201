//! What `/healthz` asks: whether the database has the schema of this build.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use database::schema::{LAST_MIGRATION, as_json, probe};
use database::{Cause, Database, Sqlite, Statement};
use pollster::block_on;
use serde_json::{Map, Value, json};

fn run(database: &Sqlite, sql: &str) -> Vec<Value> {
    let rows = block_on(database.run(vec![Statement::new(sql.to_string(), Vec::new())])).unwrap();
    let value =
        |row: &database::Row| row.cells().map(|(name, value)| (name.to_string(), value.clone())).collect();
    rows.iter().flatten().map(value).collect()
}

#[track_caller]
fn lacks(database: &Sqlite, what: &str) {
    match block_on(probe(database)).unwrap_err().cause() {
        Cause::Misconfigured(reason) => assert_eq!(reason, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_build_knows_every_table_column_index_and_trigger() {
    let database = Sqlite::new().unwrap();
    let named = "SELECT m.name, json_group_array(c.name) FILTER (WHERE m.type = 'table' AND c.name IS NOT NULL) AS columns \
        FROM sqlite_master AS m LEFT JOIN pragma_table_info(m.name) AS c \
        WHERE m.name NOT LIKE 'sqlite_%' AND m.name <> 'd1_migrations' GROUP BY m.name";
    let there: Map<String, Value> = run(&database, named)
        .into_iter()
        .map(|row| {
            let columns = serde_json::from_str(row["columns"].as_str().unwrap()).unwrap();
            (row["name"].as_str().unwrap().to_string(), columns)
        })
        .collect();
    assert_eq!(serde_json::from_str::<Value>(as_json()).unwrap(), Value::Object(there));
}

#[test]
fn a_schema_is_complete_with_the_last_migration_or_a_later_one() {
    let database = Sqlite::new().unwrap();
    assert!(block_on(probe(&database)).is_ok());
    let forget = format!("DELETE FROM d1_migrations WHERE name = '{LAST_MIGRATION}'");
    run(&database, &forget);
    lacks(&database, &format!("the migration {LAST_MIGRATION} is not applied"));
    // The next release has already migrated the database, and dropped what this release no longer uses.
    run(&database, "INSERT INTO d1_migrations (name) VALUES ('9999_later.sql')");
    run(&database, "DROP INDEX resources_by_display_key");
    assert!(block_on(probe(&database)).is_ok());
    run(&database, "DROP TABLE d1_migrations");
    assert!(matches!(block_on(probe(&database)).unwrap_err().cause(), Cause::Database(_)));
}

#[test]
fn what_is_missing_is_named() {
    for (change, what) in [
        ("DROP TRIGGER resources_inserted", "resources_inserted"),
        ("DROP INDEX resources_by_unique_key", "resources_by_unique_key"),
        ("DROP TABLE emails", "emails"),
        ("DROP TABLE signing_keys", "signing_keys"),
        ("ALTER TABLE resources RENAME COLUMN display_key TO other", "resources.display_key"),
        ("ALTER TABLE totals DROP COLUMN bytes", "totals.bytes"),
    ] {
        let database = Sqlite::new().unwrap();
        let triggers = ["resources_inserted", "resources_resized", "resources_deleted"];
        // A column that a trigger names cannot be dropped before the trigger.
        let before = if change.contains("bytes") { &triggers[..] } else { &[] };
        for trigger in before {
            run(&database, &format!("DROP TRIGGER {trigger}"));
        }
        run(&database, change);
        let mut missing: Vec<&str> = before.to_vec();
        missing.sort_unstable();
        missing.push(what);
        lacks(&database, &format!("the database lacks {}", missing.join(", ")));
    }
}

#[test]
fn totals_are_counted_from_what_was_there_before_them() {
    let database = Sqlite::new().unwrap();
    let rows = ["User", "Group"].map(|kind| {
        format!("INSERT INTO resources VALUES ('acme', '{kind}', '{kind}', 1, 'r', 1, 1, 'a', NULL, NULL, '{{\"a\":\"ä\"}}', '{{}}')")
    });
    rows.iter().for_each(|row| drop(run(&database, row)));
    run(&database, "INSERT INTO memberships VALUES ('acme', 'Group', 'User', 'User')");
    for undo in [
        "DROP TRIGGER resources_resized",
        "DROP TRIGGER resources_inserted",
        "DROP TRIGGER resources_deleted",
        "ALTER TABLE totals DROP COLUMN bytes",
        "DROP TABLE quotas",
        "CREATE TRIGGER resources_inserted AFTER INSERT ON resources BEGIN SELECT 1; END",
        "CREATE TRIGGER resources_deleted AFTER DELETE ON resources BEGIN SELECT 1; END",
    ] {
        run(&database, undo);
    }
    let migration = include_str!("../../../migrations/0004_quotas.sql");
    database.execute_batch(migration).unwrap();
    let totals = run(&database, "SELECT type, total, bytes FROM totals ORDER BY type");
    let row = |kind: &str, total: i64, bytes: i64| json!({"type": kind, "total": total, "bytes": bytes});
    assert_eq!(totals, [row("Group", 1, 12), row("Membership", 1, 0), row("User", 1, 12)]);
    block_on(database.run(vec![Statement::new("DELETE FROM resources", Vec::new())])).unwrap();
    assert_eq!(run(&database, "SELECT sum(total) + sum(bytes) AS n FROM totals"), [json!({"n": 0})]);
}
