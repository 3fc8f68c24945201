//! Queries (RFC 7644 s3.4.2): one round trip. What does not match is never loaded, and a filter that no index helps is
//! evaluated once.
//!
//! `order` says how the matches are sorted and where a cursor's page begins, `statement` and `parts` are the SQL, `page`
//! says how much of what was found a page may hold.

mod order;
mod page;
mod parts;
mod statement;

use scim::{Kind, Outcome, Page, Paging, Position, ScimError, Search};
use serde_json::Value;

use crate::database;
use crate::{Context, Database, Failure, Row};
use page::Found;
use statement::Query;

pub(crate) async fn search(
    database: &impl Database,
    context: &Context<'_>,
    search: &Search<'_>,
) -> Result<Outcome, Failure> {
    let query = Query::new(context, search);
    let rows = database::read(database, query.statements()?).await?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    if parts::part(&rows, "refused").next().is_some() {
        return Err(too_dear().into());
    }
    let total = query.is_counted().then(|| total(&rows)).transpose()?;
    let found = Found::new(search, query.shown(), &rows)?;
    let next_cursor = next_cursor(search, &found)?;
    let resources = found.resources(database, context.tenant).await?;
    let start_index = match search.paging {
        Paging::Index(start_index) => Some(start_index),
        Paging::Cursor { .. } => None,
    };
    Ok(Outcome::Page(Page { total, start_index, next_cursor, resources }))
}

/// Why a query is refused for what it would cost all who share the database, and how it may be asked.
fn too_dear() -> ScimError {
    ScimError::too_many(
        "the query compares more than this directory is searched for at once; ask with fewer terms, or add an `eq` of \
         userName, externalId, id, displayName, emails.value or members.value",
    )
}

fn total(rows: &[Row]) -> Result<usize, Failure> {
    match parts::part(rows, "total").next() {
        Some(row) => Ok(usize::try_from(row.integer("size")?).unwrap_or_default()),
        None => Ok(0),
    }
}

/// The cursor that leads to what follows the page.
fn next_cursor(search: &Search<'_>, found: &Found<'_>) -> Result<Option<String>, Failure> {
    let Paging::Cursor { query, .. } = search.paging else { return Ok(None) };
    let Some(last) = found.last_of_several() else { return Ok(None) };
    let key = last.0.get("sort_key").cloned().unwrap_or(Value::Null);
    let kind = Kind::from_name(last.text("type")?).unwrap_or(Kind::User);
    Ok(Some(Position { key, kind, id: last.text("id")?.to_string() }.to_cursor(query)))
}
