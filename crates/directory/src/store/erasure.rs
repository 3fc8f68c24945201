//! Erasing a person: an explicit act of an administrator, unlike DELETE, by which identity providers take somebody out of an
//! application. The user is deleted as by DELETE. In the change log, the rows about the user lose every name and value; that
//! something happened, ids, versions and `active` stay, so that the log can still be replayed.
//!
//! What is not reached here: what others wrote about the person into rows about themselves. Those hold the id alone, in
//! `manager` and in the lists of members that came and went; free text of a client is not searched.

use database::{Batch, Database, Failure, Statement};
use scim::{Precondition, ScimError};

use super::quota::USERS;
use super::{Delete, commit_one};
use crate::Context;

/// Rows of the log that one batch blanks: each may hold a document.
const ROWS: i64 = 200;
/// Batches that one call runs.
const BATCHES: usize = 10;

/// What one call has erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erasure {
    /// Whether the user was still in the directory.
    pub was_deleted: bool,
    /// Rows of the log that were blanked.
    pub blanked: i64,
    /// After which row of the log the caller goes on, if rows are left.
    pub next: Option<i64>,
}

/// SQL of the resource that a row says nothing of but whether it is active.
const NAMELESS: &str = "json_object('userName', NULL, 'displayName', NULL, 'externalId', NULL, \
    'active', json(change->'$.resource.active'))";

/// Rows about the user `?2` of the tenant `?1`.
const ABOUT: &str = "tenant = ?1 AND resource_id = ?2 AND resource_type = 'User'";

/// Erases a user: deletes it if it is still there, blanks rows of the log after that one, a bounded number of them, and at the end
/// says in the log that it was erased. Doing it again changes nothing.
///
/// # Errors
/// 404 if there is nothing about a user of that id; those of the database, after which it is to be called again.
pub async fn erase(
    database: &impl Database,
    context: &Context<'_>,
    id: &str,
    after: i64,
) -> Result<Erasure, Failure> {
    let mut erasure = Erasure { was_deleted: delete(database, context, id).await?, ..Erasure::default() };
    let mut after = after;
    for _ in 0..BATCHES {
        let mut batch = Batch::new();
        let page = batch.add(look(context.tenant, id, after));
        batch.add(blank(context.tenant, id, after));
        let rows = batch.run(database).await?;
        let page = rows.first(page).ok_or_else(|| Failure::Corrupt("an aggregate without a row".into()))?;
        let seen = page.integer("seen")?;
        if after == 0 && seen == 0 {
            return Err(ScimError::not_found(format!("nothing is known about a user `{id}`")).into());
        }
        erasure.blanked += page.integer("blanked")?;
        if seen < ROWS {
            database.run(vec![say(context, id)]).await?;
            return Ok(erasure);
        }
        after = page.integer("last")?;
    }
    Ok(Erasure { next: Some(after), ..erasure })
}

/// Deletes the user as DELETE does, so that readers of the log hear of it. Returns whether it was there.
async fn delete(database: &impl Database, context: &Context<'_>, id: &str) -> Result<bool, Failure> {
    let Some(kind) = context.registry.kinds().find(|kind| kind.name() == USERS) else { return Ok(false) };
    match commit_one(database, context, Delete::new(kind, id, &Precondition::default())).await {
        Ok(()) => Ok(true),
        Err(Failure::Refused(error)) if error.status == 404 => Ok(false),
        Err(failure) => Err(failure),
    }
}

fn page() -> String {
    format!("SELECT seq FROM changes WHERE {ABOUT} AND seq > ?3 ORDER BY seq LIMIT {ROWS}")
}

/// Counts the rows of a page, and those that are not blank yet.
fn look(tenant: &str, id: &str, after: i64) -> Statement {
    let sql = format!(
        "SELECT count(*) AS seen, max(seq) AS last, count(*) FILTER (WHERE {IS_NOT_BLANK}) AS blanked \
         FROM changes WHERE seq IN ({})",
        page()
    );
    Statement::new(sql, vec![tenant.into(), id.into(), after.into()])
}

const IS_NOT_BLANK: &str = "change->>'$.erased' IS NULL AND change->>'$.op' <> 'erased'";

/// Blanks the rows of a page.
fn blank(tenant: &str, id: &str, after: i64) -> Statement {
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
fn say(context: &Context<'_>, id: &str) -> Statement {
    let sql = format!(
        "INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         SELECT ?1, ?3, 'User', ?2, version + 1, json_object('op', 'erased', 'resource', \
         json_object('userName', NULL, 'displayName', NULL, 'externalId', NULL, 'active', NULL), 'lastModified', last), ?4, ?5 \
         FROM (SELECT version, change, CAST(?3 AS INTEGER) AS last FROM changes WHERE {ABOUT} ORDER BY seq DESC LIMIT 1) \
         WHERE change->>'$.op' <> 'erased'"
    );
    let params = vec![
        context.tenant.into(),
        id.into(),
        context.now.0.into(),
        context.actor.into(),
        context.correlation_id.into(),
    ];
    Statement::new(sql, params)
}
