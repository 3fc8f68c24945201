//! Deleting a tenant with every row that it has, a bounded number of them a call.
//!
//! The first call ends its tokens and marks it as deleted, so that no request is let in any more. Instances that
//! remember a token let it in a little longer ([`crate::USABLE`]), and what they write then has to go as well: so
//! the row in `tenants` goes last, once that time is over and nothing is left. Until then the name stays taken, and
//! no new tenant of that name can meet a row of the old one.

use database::{Batch, Database, Emptying, Failure, Statement, any_row, empty};
use scim::Instant;

use crate::{DEFAULT, USABLE, not_found};

/// Milliseconds after which no request of a tenant that was suspended or deleted is under way any more: an
/// instance's memory of a token, and the longest that a request may take on top.
pub const GRACE: i64 = USABLE + 30_000;

/// The tables of this crate that hold rows of tenants, each with its key.
pub const TABLES: [(&str, &str); 4] =
    [("tokens", "id"), ("client_secrets", "id"), ("issuers", "id"), ("clients", "id")];

/// How far a removal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing is left.
    Done,
    /// Rows are left: so many users and groups, and rows besides.
    Left(i64),
    /// No row is left, but one may still come until then.
    Waiting(Instant),
}

/// Removes a part of a tenant, and the tenant itself once nothing of it is left. `directory` are the tables of its users and
/// groups: they are emptied in the same transaction, so that the tenant's row goes only if they have no row either.
///
/// # Errors
/// 404 if there is no such tenant, which is so after it is done as well, and for `default`, which has no row to be marked.
pub async fn remove(
    database: &impl Database,
    id: &str,
    directory: Emptying,
    now: Instant,
) -> Result<Removal, Failure> {
    // The rows of a tenant go in the batch that marks it: without a mark, nothing may go.
    if id == DEFAULT {
        return Err(not_found(id));
    }
    let Emptying { statements, any_row: any_of_directory, resources } = directory;
    let mark = "UPDATE tenants SET suspended = coalesce(suspended, ?2), deleted = coalesce(deleted, ?2) \
        WHERE id = ?1 RETURNING suspended";
    let any = format!("{} OR {any_of_directory}", any_row(&TABLES));
    let left = format!("SELECT ({any}) AS any_row, {resources} AS resources");
    let end =
        format!("DELETE FROM tenants WHERE id = ?1 AND suspended <= ?2 - ?3 AND NOT ({any}) RETURNING id");
    let mut batch = Batch::new();
    let marked = batch.add(Statement::new(mark, vec![id.into(), now.0.into()]));
    batch.extend(empty(id, &TABLES, |_| None));
    batch.extend(statements);
    let left = batch.add(Statement::new(left, vec![id.into()]));
    let ended = batch.add(Statement::new(end, vec![id.into(), now.0.into(), GRACE.into()]));
    let rows = batch.run(database).await?;
    let suspended = rows.first(marked).ok_or_else(|| not_found(id))?.integer("suspended")?;
    if rows.first(ended).is_some() {
        return Ok(Removal::Done);
    }
    match rows.first(left) {
        Some(row) if row.integer("any_row")? == 1 => Ok(Removal::Left(row.integer("resources")?)),
        _ => Ok(Removal::Waiting(Instant(suspended + GRACE))),
    }
}
