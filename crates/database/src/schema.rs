//! Whether the database has the schema of this build, which `/healthz` asks.
//!
//! What lives here: the question. What does not: the schema (`migrations/`), and applying it, which wrangler does.

use crate::{Batch, Database, DatabaseError, Failure, Statement};

/// The name of the last migration that this build knows.
pub const LAST_MIGRATION: &str = env!("LAST_MIGRATION");

/// What the database has after the last migration: by the names of tables, indexes and triggers, the columns of each.
const SCHEMA: &str = env!("SCHEMA");

/// All migrations, each with its name.
#[cfg(feature = "sqlite")]
pub(crate) const MIGRATIONS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// wrangler writes the names of the migrations that it has applied into `d1_migrations`. If there is a later one than
/// this build knows, the next release is being deployed: its migrations only add, so nothing is missing
/// (CONTRIBUTING.md).
const PROBE: &str = "SELECT EXISTS (SELECT 1 FROM d1_migrations WHERE name > ?1) AS is_later, \
    EXISTS (SELECT 1 FROM d1_migrations WHERE name = +?1) AS is_applied, \
    (SELECT group_concat(key, ', ') FROM json_each(?2) WHERE key NOT IN (SELECT name FROM sqlite_master)) AS missing, \
    (SELECT group_concat(m.name || '.' || wanted.value, ', ') FROM sqlite_master AS m \
    CROSS JOIN json_each(?2, '$.' || m.name) AS wanted \
    WHERE m.type = 'table' AND NOT instr(m.sql, wanted.value || ' ')) AS missing_columns";

/// Checks that the database answers and has the tables, columns, indexes and triggers of this build.
///
/// # Errors
/// [`Failure::misconfigured`] with what is missing.
pub async fn probe(database: &impl Database) -> Result<(), Failure> {
    let mut batch = Batch::new();
    let probe = batch.add(Statement::new(PROBE, vec![LAST_MIGRATION.into(), SCHEMA.into()]));
    let rows = batch.query(database).await?;
    let whole = || DatabaseError::Unavailable("the answer is not whole".into());
    let row = rows.first(probe).ok_or_else(whole)?;
    if row.integer("is_later")? == 1 {
        return Ok(());
    }
    if row.integer("is_applied")? == 0 {
        return Err(Failure::misconfigured(format!("the migration {LAST_MIGRATION} is not applied")));
    }
    let missing: Vec<&str> =
        ["missing", "missing_columns"].iter().filter_map(|column| row.optional_text(column)).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::misconfigured(format!("the database lacks {}", missing.join(", ")))),
    }
}

/// Returns the schema as JSON, so that a test can compare it with SQLite's own account.
#[cfg(feature = "sqlite")]
pub fn as_json() -> &'static str {
    SCHEMA
}
