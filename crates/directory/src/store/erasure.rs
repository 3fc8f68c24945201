//! Erasing what the change log says of a user: the statements that blank rows. `crate::erasure` says what else is erased, and in
//! which order.

use database::{Params, Statement};

use super::changes::{Entry, Log, Of};
use crate::Context;

/// Rows of the log that one batch blanks: each may hold a document.
pub(crate) const ROWS: i64 = 200;

/// SQL of the resource that a row says nothing of but whether it is active.
const NAMELESS: &str = "json_object('userName', NULL, 'displayName', NULL, 'externalId', NULL, \
    'active', json(change->'$.resource.active'))";

/// Rows about the user `?2` of the tenant `?1`.
const ABOUT: &str = "tenant = +?1 AND resource_id = +?2 AND resource_type = 'User'";

fn page() -> String {
    format!("SELECT seq FROM changes WHERE {ABOUT} AND seq > ?3 ORDER BY seq LIMIT {ROWS}")
}

/// Counts the rows of a page after that sequence, and those that are not blank yet.
pub(crate) fn count_rows(tenant: &str, id: &str, after: i64) -> Statement {
    let sql = format!(
        "SELECT count(*) AS seen, max(seq) AS last, count(*) FILTER (WHERE {IS_NOT_BLANK}) AS blanked \
         FROM changes WHERE seq IN ({})",
        page()
    );
    Statement::new(sql, vec![tenant.into(), id.into(), after.into()])
}

const IS_NOT_BLANK: &str = "change->>'$.erased' IS NULL AND change->>'$.op' <> 'erased'";

/// Blanks the rows of a page.
pub(crate) fn blank(tenant: &str, id: &str, after: i64) -> Statement {
    // A row has either a document or changes.
    let active = "change->'$.resource.active'";
    let document = format!(
        "CASE WHEN {active} IS NULL OR json_type({active}) = 'null' THEN json('{{}}') \
         ELSE json_object('active', json({active})) END"
    );
    let changes = "(SELECT json_group_array(CASE value->>'$.path' WHEN 'active' THEN json(value) \
        ELSE json_set(value, '$.old', NULL, '$.new', NULL) END) FROM json_each(change, '$.changes'))";
    let sql = format!(
        "UPDATE changes SET change = CASE \
         WHEN change->'$.document' IS NOT NULL THEN json_set(change, '$.resource', {NAMELESS}, '$.erased', json('true'), '$.document', json({document})) \
         WHEN change->'$.changes' IS NOT NULL THEN json_set(change, '$.resource', {NAMELESS}, '$.erased', json('true'), '$.changes', json({changes})) \
         ELSE json_set(change, '$.resource', {NAMELESS}, '$.erased', json('true')) END \
         WHERE seq IN ({}) AND {IS_NOT_BLANK}",
        page()
    );
    Statement::new(sql, vec![tenant.into(), id.into(), after.into()])
}

/// Logs that the user was erased, unless that is the last thing that the log says of the user.
pub(crate) fn log_erasure(context: &Context<'_>, id: &str) -> Statement {
    let mut params = Params::default();
    // The first two are those of `ABOUT`.
    params.add(context.tenant);
    let (id, now) = (params.add(id), params.add(context.now.0));
    let change = "json_object('op', 'erased', 'resource', \
        json_object('userName', NULL, 'displayName', NULL, 'externalId', NULL, 'active', NULL), 'lastModified', last)";
    let entry = Entry { resource_type: "'User'", resource_id: &id, version: "version + 1", change };
    let tables = format!(
        "(SELECT version, change, CAST({now} AS INTEGER) AS last FROM changes WHERE {ABOUT} ORDER BY seq DESC LIMIT 1)"
    );
    let of = Of { tables: &tables, conditions: "change->>'$.op' <> 'erased'" };
    Log::by(context, params).entries(&entry, &of).statement()
}
