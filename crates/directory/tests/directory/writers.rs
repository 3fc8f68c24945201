//! Who writes which table: of resources, memberships, roles of groups, quotas and the log only `store`, and each reader its own. And
//! which triggers write.
//!
//! The sources are searched for SQL that writes, wherever it may stand: in each crate, in the Worker and in the scripts. That a write
//! sets its revision is tested in `writes`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use database::{Database, Row, Sqlite, Statement};
use directory::TABLES;

const STORE: &str = "crates/directory/src/store/";

/// The tables of this crate that others write than `store`.
const READERS: [(&str, &[&str]); 4] = [
    (
        "crates/directory/src/activity/",
        &["counters", "marks", "progress", "refusals", "retention", "trimmings"],
    ),
    ("crates/directory/src/edge/", &["edge"]),
    ("crates/directory/src/events/", &["security_event_readers"]),
    ("crates/directory/src/webhooks/", &["webhook_endpoints"]),
];

/// The writes that are allowed elsewhere: the file, the table as the statement names it, and the reason.
const ALLOWED: [(&str, &str, &str); 5] = [
    ("crates/database/src/contract.rs", "totals", "rows of a tenant of its own, in a build for tests"),
    ("crates/database/src/emptying.rs", "{table}", "the crates that write the tables say which ones"),
    ("crates/database/src/sqlite.rs", "d1_migrations", "the table of wrangler, in a native database"),
    ("scripts/bench/http/floor.mjs", "members", "a table of the benchmark in a database of its own"),
    ("scripts/bench/http/floor.mjs", "users", "a table of the benchmark in a database of its own"),
];

/// Returns who writes each table of the schema, as the beginning of the paths of its files.
fn owners() -> BTreeMap<String, &'static str> {
    let of_reader = |table: &str| READERS.iter().find(|(_, tables)| tables.contains(&table));
    let is_of_directory = |table: &str| TABLES.iter().any(|(name, _)| *name == table);
    let owner = |table: &str| match of_reader(table) {
        Some((folder, _)) => folder,
        None if is_of_directory(table) => STORE,
        None => "crates/tenants/src/",
    };
    let names = schema(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'd1_migrations'",
    );
    let name = |row: &Row| row.text("name").unwrap().to_string();
    names.iter().map(|row| (name(row), owner(&name(row)))).collect()
}

/// Asks a database that has every migration.
fn schema(sql: &'static str) -> Vec<Row> {
    let database = Sqlite::new().unwrap();
    pollster::block_on(database.run(vec![Statement::new(sql, Vec::new())])).unwrap().swap_remove(0)
}

/// Collects the files below the folder that have this extension, each by its path from the root, with their texts.
fn collect(folder: &Path, extension: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|of| of == extension) {
            let name = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns every source that may hold SQL.
fn sources() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        collect(&entry.unwrap().path().join("src"), "rs", &mut all);
    }
    collect(&root().join("src"), "rs", &mut all);
    collect(&root().join("scripts"), "mjs", &mut all);
    all
}

/// Returns the tables that statements in a text write, outside comments. A name that is only known when the program runs stands there as
/// the text has it: `{table}`.
fn written(text: &str) -> BTreeSet<String> {
    let is_comment =
        |line: &&str| ["//", "--", "/*", "* "].iter().any(|sign| line.trim_start().starts_with(sign));
    let text =
        text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n").to_ascii_lowercase();
    let is_between = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '{' | '}' | '$');
    // A name may have that of the database before it.
    let words: Vec<&str> =
        text.split(is_between).filter(|word| !matches!(*word, "" | "main" | "temp")).collect();
    (0..words.len()).filter_map(|at| table(&words[at..])).map(str::to_string).collect()
}

/// Returns the table that a statement writes which begins with these words; None if none does.
fn table<'w>(words: &[&'w str]) -> Option<&'w str> {
    match words {
        ["insert" | "replace", "into", table, ..]
        | ["insert", "or", _, "into", table, ..]
        | ["delete", "from", table, ..] => Some(table),
        // A statement may name the table otherwise before SET. Of a trigger these words are when it runs, and of an INSERT what it does
        // if the row is there.
        ["update", "of" | "set", ..] => None,
        ["update", "or", _, table, rest @ ..] | ["update", table, rest @ ..] => {
            rest.iter().take(3).any(|word| *word == "set").then_some(table)
        }
        _ => None,
    }
}

/// Returns the tables that a file writes although another is their writer.
fn strays(path: &str, text: &str, owners: &BTreeMap<String, &'static str>) -> Vec<String> {
    let is_own = |table: &String| owners.get(table).is_some_and(|owner| path.starts_with(owner));
    let is_allowed = |table: &String| ALLOWED.iter().any(|(file, name, _)| *file == path && name == table);
    written(text).into_iter().filter(|table| !is_own(table) && !is_allowed(table)).collect()
}

#[test]
fn each_table_has_one_writer() {
    let (owners, sources) = (owners(), sources());
    let found: Vec<(&String, Vec<String>)> = sources
        .iter()
        .map(|(path, text)| (path, strays(path, text, &owners)))
        .filter(|(_, strays)| !strays.is_empty())
        .collect();
    assert_eq!(found, [], "these files write tables that are not theirs");
    // Each table has a statement that the search finds, but for the one that triggers alone write and cleaning up empties.
    let all: BTreeSet<String> = sources.values().flat_map(|text| written(text)).collect();
    let missed: Vec<&String> = owners.keys().filter(|table| !all.contains(*table)).collect();
    assert_eq!(missed, ["emails"]);
    for (file, table, reason) in ALLOWED {
        let is_used = sources.get(file).is_some_and(|text| written(text).contains(table));
        assert!(is_used, "{file} does not write {table} any more: {reason}");
    }
}

#[test]
fn a_new_writer_is_found_wherever_and_however_it_is_written() {
    let owners = owners();
    for (path, text, table) in [
        ("src/scim.rs", "new(\"UPDATE totals SET total = 1\")", "totals"),
        ("src/scim.rs", "format!(\"INSERT OR REPLACE INTO resources VALUES (1)\")", "resources"),
        ("crates/webhooks/src/lib.rs", "\"INSERT INTO resources(tenant, id) VALUES (?1, ?2)\"", "resources"),
        ("crates/console/src/lib.rs", "\"insert into memberships (tenant) select ?1\"", "memberships"),
        ("crates/database/src/batch.rs", "\"DELETE FROM changes\"", "changes"),
        ("crates/database/src/emptying.rs", "\"DELETE FROM main.logs\"", "logs"),
        ("crates/tenants/src/removal.rs", "\"DELETE \\\n FROM \\\"group_roles\\\"\"", "group_roles"),
        ("crates/tenants/src/table.rs", "\"UPDATE OR IGNORE guards AS g SET tenant = ''\"", "guards"),
        ("crates/directory/src/activity/record.rs", "\"REPLACE INTO emails VALUES (1)\"", "emails"),
        ("crates/directory/src/operations/create.rs", "\"UPDATE marks SET first_user = 1\"", "marks"),
        ("crates/directory/src/store/create.rs", "\"UPDATE edge SET is_on = 1\"", "edge"),
        ("crates/directory/src/store/create.rs", "\"UPDATE tenants SET name = ''\"", "tenants"),
        ("crates/directory/src/roles/mod.rs", "format!(\"DELETE FROM {name} WHERE tenant = +?1\")", "{name}"),
        ("scripts/tenant/api.mjs", "await rows(`DELETE FROM ${table}`)", "${table}"),
        ("scripts/tenant/api.mjs", "wrangler('d1', 'execute', 'update quotas set max_users=1')", "quotas"),
    ] {
        assert_eq!(strays(path, text, &owners), [table], "{path}: {text}");
    }
    for (path, text) in [
        (
            "crates/directory/src/store/create.rs",
            "\"INSERT INTO resources (id) VALUES (?1) ON CONFLICT DO UPDATE SET id = 1\"",
        ),
        ("crates/directory/src/edge/state.rs", "\"UPDATE edge SET is_on = 0\""),
        ("src/scim.rs", "// DELETE FROM resources would be a statement."),
        ("src/scim.rs", "\"SELECT replace(id, 'a', 'b') FROM resources\""),
    ] {
        assert_eq!(strays(path, text, &owners), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn the_triggers_that_write_are_these() {
    let rows = schema("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name");
    let text = |row: &Row, column: &str| row.text(column).unwrap().to_string();
    let found: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "name"), text(row, "tbl_name"), written(&text(row, "sql"))))
        .collect();
    let expected: [(&str, &[&str]); 5] = [
        ("group_roles_end", &["group_roles"]),
        ("resources_deleted", &["emails", "memberships", "totals"]),
        ("resources_inserted", &["emails", "totals"]),
        ("resources_resized", &["totals"]),
        ("resources_updated", &["emails"]),
    ];
    let expected = expected.map(|(name, tables)| {
        (name.to_string(), "resources".to_string(), tables.iter().map(|table| (*table).to_string()).collect())
    });
    assert_eq!(found, expected);
}
