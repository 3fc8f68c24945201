//! Which people and groups the change log names from a sequence on: those whose copy must be read again.

use std::collections::BTreeSet;

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Registry, fold};
use serde_json::Value;

use crate::change_log::LATEST;

/// Rows of the log that are read at once.
const ROWS: i64 = 50;
/// Members in these rows; a row is always read as a whole.
const MEMBERS: i64 = 2_000;

/// What rows of the log name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Users that were created, changed or deleted.
    pub users: BTreeSet<String>,
    /// The names that they had or have, as [`name_key`] writes them.
    pub names: BTreeSet<String>,
    /// The external ids that they had or have.
    pub externals: BTreeSet<String>,
    /// Groups that were created, changed or deleted.
    pub groups: BTreeSet<String>,
    /// Members that came to a group or went from one.
    pub members: BTreeSet<String>,
    /// The last of the rows; None if there are none.
    pub sequence: Option<i64>,
    /// The latest sequence, if rows after the given one were trimmed: then the log does not tell what to read again.
    pub lost: Option<i64>,
}

/// Returns a userName as the directory compares it.
pub fn name_key(registry: &Registry, name: &str) -> String {
    let user = registry.kind("User").and_then(|kind| registry.resource_type(kind).unique());
    if user.is_some_and(|attribute| attribute.case_exact) { name.to_string() } else { fold(name) }
}

/// Returns what rows of the log after the sequence name.
///
/// # Errors
/// If the database fails.
pub async fn touched(
    database: &impl Database,
    registry: &Registry,
    tenant: &str,
    after: i64,
) -> Result<Touched, Failure> {
    let lost = format!(
        "SELECT {LATEST} AS latest FROM logs WHERE tenant = +?1 AND trimmed > ?2 \
         UNION ALL SELECT {LATEST} WHERE {LATEST} < ?2 LIMIT 1"
    );
    let old = "(SELECT json_group_array(json_array(part.value->>'$.path', part.value->>'$.old')) \
        FROM json_each(c.change, '$.changes') AS part WHERE part.value->>'$.path' IN ('userName', 'externalId')) AS old";
    let rows = format!(
        "SELECT c.seq, c.resource_type AS type, c.resource_id AS id, c.change->'$.resource' AS resource, {old}, \
         json_array(c.change->'$.came', c.change->'$.went') AS members FROM (\
         SELECT seq, sum(size) OVER (ORDER BY seq) - size AS before FROM (\
         SELECT seq, coalesce(json_array_length(change, '$.came'), 0) + coalesce(json_array_length(change, '$.went'), 0) AS size \
         FROM changes WHERE tenant = +?1 AND seq > ?2 ORDER BY seq LIMIT {ROWS})) AS part \
         CROSS JOIN changes AS c ON c.seq = part.seq WHERE part.before < {MEMBERS} ORDER BY c.seq"
    );
    let params = || vec![tenant.into(), after.into()];
    let mut batch = Batch::new();
    let (lost, rows) = (batch.add(Statement::new(lost, params())), batch.add(Statement::new(rows, params())));
    let found = batch.query(database).await?;
    let lost = found.first(lost).map(|row| row.integer("latest")).transpose()?;
    let mut touched = Touched { lost, ..Touched::default() };
    for row in found.of(rows) {
        touched.add(registry, row)?;
    }
    Ok(touched)
}

impl Touched {
    fn add(&mut self, registry: &Registry, row: &Row) -> Result<(), Failure> {
        self.sequence = Some(row.integer("seq")?);
        let id = row.text("id")?.to_string();
        match row.text("type")? {
            "User" => {
                self.users.insert(id);
                let resource = parsed(row, "resource");
                for name in ["userName", "externalId"] {
                    self.add_name(registry, name, resource.get(name));
                }
                for change in parsed(row, "old").as_array().into_iter().flatten() {
                    let path = change.get(0).and_then(Value::as_str).unwrap_or_default();
                    self.add_name(registry, path, change.get(1));
                }
            }
            "Group" => {
                self.groups.insert(id);
                let members = parsed(row, "members");
                let ids = members.as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
                self.members.extend(ids.filter_map(Value::as_str).map(str::to_string));
            }
            _ => {}
        }
        Ok(())
    }

    fn add_name(&mut self, registry: &Registry, attribute: &str, value: Option<&Value>) {
        let Some(text) = value.and_then(Value::as_str) else { return };
        match attribute {
            "userName" => self.names.insert(name_key(registry, text)),
            _ => self.externals.insert(text.to_string()),
        };
    }
}

fn parsed(row: &Row, column: &str) -> Value {
    row.optional_text(column).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
