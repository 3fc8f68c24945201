//! One entry of the activity with everything that is known of it: a change by its place in the log, a refusal by its number. Each is found
//! by primary key, and what is read with it is bounded.

use database::{Batch, Database, Failure, Rows, Statement};
use serde_json::Value;

use super::entry;

/// Bytes of the largest change whose values are shown.
const LARGE: usize = 200_000;
/// Members of each kind that are named.
const MEMBERS: usize = 50;
/// Milliseconds of the time for which the same refusals are counted, and how many rows are looked at for it.
const DAY: i64 = 86_400_000;
const LOOKED_AT: usize = 1_000;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct One {
    /// The entry as it stands in a page; a change that created or deleted has the `document` too, unless it is too large.
    pub entry: Value,
    /// The first members that came with a change: `[{"type": .., "id": .., "name": ..}]`, without what is not known.
    pub came: Vec<Value>,
    /// The first members that went.
    pub went: Vec<Value>,
    /// How often a refusal came in the day that ends with it, itself included, about the same resource.
    pub times: i64,
}

/// Returns the change with that sequence; None if it is not one of the tenant, or was trimmed.
///
/// # Errors
/// If the database fails.
pub async fn change(database: &impl Database, tenant: &str, sequence: i64) -> Result<Option<One>, Failure> {
    let document = format!(
        ", 'document', CASE WHEN octet_length(c.change) <= {LARGE} THEN json(c.change->'$.document') END"
    );
    let row = "FROM changes AS c WHERE c.seq = +?2 AND c.tenant = +?1";
    let statement = |sql: String| Statement::new(sql, vec![tenant.into(), sequence.into()]);
    let mut batch = Batch::new();
    let found = batch.add(statement(format!("SELECT {} {row}", entry::change(LARGE, &document))));
    let members = ["came", "went"].map(|list| {
        let ids = format!(
            "SELECT m.key, m.value AS id, coalesce((SELECT 'User' FROM resources AS r WHERE r.tenant = +?1 AND r.type = 'User' \
             AND r.id = m.value), 'Group') AS type FROM changes AS c, json_each(c.change, '$.{list}') AS m \
             WHERE c.seq = +?2 AND c.tenant = +?1 ORDER BY m.key LIMIT {MEMBERS}"
        );
        batch.add(statement(format!(
            "SELECT json_patch('{{}}', json_object('id', m.id, 'type', r.type, 'name', \
             coalesce(r.document->>'$.displayName', r.document->>'$.userName'))) AS entry FROM ({ids}) AS m \
             LEFT JOIN resources AS r ON r.tenant = +?1 AND r.type = m.type AND r.id = m.id ORDER BY m.key"
        )))
    });
    let rows = batch.query(database).await?;
    let [came, went] = members.map(|key| parsed(&rows, key));
    let Some(entry) = parsed(&rows, found)?.pop() else { return Ok(None) };
    Ok(Some(One { entry, came: came?, went: went?, times: 1 }))
}

/// Returns the refusal with that number; None if it is not one of the tenant, or was trimmed.
///
/// # Errors
/// If the database fails.
pub async fn refusal(database: &impl Database, tenant: &str, number: i64) -> Result<Option<One>, Failure> {
    let row = "FROM refusals AS c WHERE c.id = +?2 AND c.tenant = +?1";
    let statement = |sql: String| Statement::new(sql, vec![tenant.into(), number.into()]);
    let mut batch = Batch::new();
    let found = batch.add(statement(format!("SELECT {} {row}", entry::refusal())));
    // Refusals without a resource cannot be counted by an index.
    let times = batch.add(statement(format!(
        "SELECT count(*) AS times FROM (SELECT o.status, o.scim_type, o.operation, o.detail, \
         c.status AS its_status, c.scim_type AS its_type, c.operation AS its_operation, c.detail AS its_detail \
         FROM refusals AS c CROSS JOIN refusals AS o ON o.tenant = +?1 AND o.resource_id = c.resource_id \
         AND o.at > c.at - {DAY} AND o.at <= c.at WHERE c.id = +?2 AND c.tenant = +?1 LIMIT {LOOKED_AT}) \
         WHERE status = its_status AND scim_type IS its_type AND operation = its_operation AND detail = its_detail"
    )));
    let rows = batch.query(database).await?;
    let Some(entry) = parsed(&rows, found)?.pop() else { return Ok(None) };
    let times = rows.first(times).map_or(Ok(1), |row| row.integer("times"))?;
    Ok(Some(One { entry, came: Vec::new(), went: Vec::new(), times: times.max(1) }))
}

fn parsed(rows: &Rows, key: database::Key) -> Result<Vec<Value>, Failure> {
    rows.of(key).iter().map(|row| entry::parsed(row, "entry")).collect()
}
