//! Queries (RFC 7644 s3.4.2): one round trip. Only matches are loaded, and a filter that no index helps is evaluated
//! once.
//!
//! `order` says how the matches are sorted and where a cursor's page begins, `statement` and `parts` are the SQL,
//! `page` says how much of what was found a page may hold, and `places` remembers where pages by index have ended.

mod order;
mod page;
mod parts;
mod places;
mod statement;

use database::{Cause, Database, DatabaseError, Failure, Row};
use scim::{Outcome, Page, Paging, Position, ScimError, Search};
use serde_json::Value;

use crate::store::record;
use crate::{Context, whole};
use page::Found;
use statement::Query;

pub(crate) async fn search(
    database: &impl Database,
    context: &Context<'_>,
    search: &Search<'_>,
) -> Result<Outcome, Failure> {
    let query = Query::new(context, search, places::before(context, search));
    if let (Some(statement), [branch]) = (query.of_one(), search.branches.as_slice()) {
        let rows = database.query(vec![statement]).await.map_err(|error| too_much(search, error))?.concat();
        let resource = match query.shown().is_empty() {
            true => rows.first().map(|row| record::resource(row, branch.kind)).transpose()?,
            false => whole::read(database, context.tenant, branch.kind, &rows).await?,
        };
        let resources = Vec::from_iter(resource);
        let total = Some(resources.len());
        return Ok(Outcome::Page(Page { total, start_index: Some(1), next_cursor: None, resources }));
    }
    let rows = database.query(vec![query.statement()?]).await.map_err(|error| too_much(search, error))?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    if parts::part(&rows, "refused").next().is_some() {
        return Err(too_expensive().into());
    }
    let total = query.is_counted().then(|| total(&rows)).transpose()?;
    let found = Found::new(search, query.shown(), &rows)?;
    let next_cursor = next_cursor(search, &found)?;
    if let Some(last) = found.last() {
        places::remember(context, search, found.held(), last.text("id")?);
    }
    let resources = match search.branches.first() {
        Some(branch) => found.resources(database, context.tenant, branch.kind).await?,
        None => Vec::new(),
    };
    let start_index = match search.paging {
        Paging::Index(start_index) => Some(start_index),
        Paging::Cursor { .. } => None,
    };
    Ok(Outcome::Page(Page { total, start_index, next_cursor, resources }))
}

/// Returns the refusal of a filter or an order that was too much for the database: it would be again, so the client
/// must change it.
fn too_much(search: &Search<'_>, reason: DatabaseError) -> Failure {
    let is_plain = search.order.is_none() && !search.is_filtered();
    match reason {
        DatabaseError::Exhausted(_) if !is_plain => Cause::TooMuch { error: too_expensive(), reason }.into(),
        reason => reason.into(),
    }
}

/// Returns the refusal of a query that would cost too much of the database that all tenants share, and says how it
/// may be asked.
fn too_expensive() -> ScimError {
    ScimError::too_many(
        "the query makes too many comparisons for a directory of this size; ask with fewer terms, or add an `eq` of \
         userName, externalId, id, displayName, emails.value or members.value",
    )
}

fn total(rows: &[Row]) -> Result<usize, Failure> {
    match parts::part(rows, "total").next() {
        Some(row) => Ok(usize::try_from(row.integer("size")?).unwrap_or_default()),
        None => Ok(0),
    }
}

/// Returns the cursor that leads to what follows the page.
fn next_cursor(search: &Search<'_>, found: &Found<'_>) -> Result<Option<String>, Failure> {
    let Paging::Cursor { query, .. } = search.paging else { return Ok(None) };
    let Some(last) = found.last_of_several() else { return Ok(None) };
    let key = last.get("sort_key").cloned().unwrap_or(Value::Null);
    let of = last.text("type")?;
    let Some(kind) = search.branches.iter().map(|branch| branch.kind).find(|kind| kind.name() == of) else {
        return Ok(None);
    };
    Ok(Some(Position { key, kind, id: last.text("id")?.to_string() }.to_cursor(query)))
}
