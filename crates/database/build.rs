//! Lists the files of `migrations/`, so that a migration is added by adding a file: their SQL for the bundled SQLite, the
//! name of the last for `/healthz`, and what tables, columns, indexes and triggers there are after all of them.

use std::collections::BTreeMap;
use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let (mut list, mut last, mut schema) = (String::from("[\n"), String::new(), Schema::new());
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        last = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(list, "({last:?}, include_str!({:?})),", path.display().to_string())?;
        read(&fs::read_to_string(path)?, &mut schema);
    }
    list.push(']');
    let entries: Vec<String> = schema.iter().map(|(name, columns)| format!("{name:?}:{columns:?}")).collect();
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("migrations.rs"), list)?;
    println!("cargo::rustc-env=LAST_MIGRATION={last}");
    println!("cargo::rustc-env=SCHEMA={{{}}}", entries.join(","));
    Ok(())
}

/// The columns of each table; indexes and triggers have none.
type Schema = BTreeMap<String, Vec<String>>;

/// Reads statements as this project's migrations write them: what they create or drop stands at the beginning of a
/// line, and each column of a table on a line of its own. A native test compares the result with SQLite's own
/// account.
fn read(sql: &str, schema: &mut Schema) {
    let mut table: Option<String> = None;
    for line in sql.lines() {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_end_matches(';')).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => {
                schema.insert(name.to_string(), Vec::new());
                table = Some(name.to_string());
            }
            ["CREATE", "UNIQUE", "INDEX", name, ..] | ["CREATE", "INDEX" | "TRIGGER", name, ..] => {
                schema.insert(name.to_string(), Vec::new());
            }
            ["DROP", _, name] => {
                schema.remove(*name);
            }
            ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                schema.entry(name.to_string()).or_default().push(column.to_string());
            }
            [first, ..] if first.starts_with(')') => table = None,
            [first, ..] if !first.starts_with("--") && !["PRIMARY", "UNIQUE"].contains(first) => {
                let columns = table.as_ref().and_then(|table| schema.get_mut(table));
                columns.into_iter().for_each(|columns| columns.push(first.to_string()));
            }
            _ => {}
        }
    }
}
