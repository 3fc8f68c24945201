//! How the members of a membership are called: what their resources say now, or, of those that were deleted, what the log says
//! of them.

use std::collections::{BTreeMap, BTreeSet};

use database::{Database, Failure, Statement};
use serde_json::{Map, Value};

use super::row::summary;

/// The types of members, and what events say of them, by id.
pub(super) type Names = BTreeMap<String, (String, Map<String, Value>)>;

/// Returns what is known of the resources with these ids.
pub(super) async fn names(
    database: &impl Database,
    tenant: &str,
    types: &str,
    ids: &BTreeSet<String>,
) -> Result<Names, Failure> {
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let sql = format!(
        "SELECT wanted.value AS id, r.type, json_object('userName', r.document->'$.userName', \
         'displayName', r.document->'$.displayName', 'externalId', r.document->'$.externalId', \
         'active', r.document->'$.active') AS resource, \
         CASE WHEN r.id IS NULL THEN (SELECT json_array(c.resource_type, c.change->'$.resource') FROM changes AS c \
         WHERE c.tenant = ?1 AND c.resource_id = wanted.value ORDER BY c.seq DESC LIMIT 1) END AS last \
         FROM json_each(?2) AS wanted LEFT JOIN resources AS r \
         ON r.tenant = ?1 AND r.type IN ({types}) AND r.id = wanted.value"
    );
    let ids = Value::from_iter(ids.iter().map(String::as_str)).to_string();
    let rows = database.query(vec![Statement::new(sql, vec![tenant.into(), ids.into()])]).await?;
    let mut names = Names::new();
    for row in rows.iter().flatten() {
        let parsed = |column: &str| {
            row.optional_text(column).and_then(|text| serde_json::from_str::<Value>(text).ok())
        };
        let (kind, resource) = match (row.optional_text("type"), parsed("last")) {
            (Some(kind), _) => (kind.to_string(), parsed("resource")),
            (None, Some(last)) => {
                let kind = last.get(0).and_then(Value::as_str).unwrap_or_default().to_string();
                (kind, last.get(1).cloned())
            }
            (None, None) => continue,
        };
        names.insert(row.text("id")?.to_string(), (kind, summary(resource.as_ref())));
    }
    Ok(names)
}
