//! Deleting a tenant with all its rows, a bounded number of them in each call.
//!
//! The first call ends its tokens and marks it as deleted, so that new requests are refused. Instances that remember
//! a token accept it for a little longer ([`crate::USABLE`]), and what such requests write must be deleted as well.
//! So the row in `tenants` is deleted last, once that time is over and nothing is left. Until then the name stays
//! taken, so that a new tenant of that name cannot meet rows of the old one.

use database::{Batch, Database, Emptying, Failure, Statement, any_row, empty};
use scim::Instant;

use crate::{DEFAULT, USABLE, not_found};

/// Milliseconds after which all requests of a tenant that was suspended or deleted have ended: the time for which an
/// instance remembers a token, plus the longest duration of a request.
pub const GRACE: i64 = USABLE + 30_000;

/// The tables of this crate that hold rows of tenants, each with its key.
pub const TABLES: [(&str, &str); 7] = [
    ("tokens", "id"),
    ("client_secrets", "id"),
    ("issuers", "id"),
    ("clients", "id"),
    ("console_links", "id"),
    ("console_sessions", "hash"),
    ("audit_log", "id"),
];

/// The progress of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing is left.
    Done,
    /// Rows are left: that many users and groups, and other rows.
    Left(i64),
    /// No row is left, but requests may still write one until then.
    Waiting(Instant),
}

/// Removes a part of a tenant, and the tenant itself once nothing of it is left. `first` is a statement that runs
/// before the tenant is marked, in the same transaction. `directory` are the tables of its users and groups: they are
/// emptied in the same transaction, so that the tenant's row is deleted only if they have no rows either.
///
/// # Errors
/// 404 if the tenant does not exist, which is also the case after it is removed, and for `default`, which has no row
/// to be marked.
pub async fn remove(
    database: &impl Database,
    id: &str,
    first: Option<Statement>,
    directory: Emptying,
    now: Instant,
) -> Result<Removal, Failure> {
    // The rows of a tenant are deleted in the batch that marks it: without a mark, nothing may be deleted.
    if id == DEFAULT {
        return Err(not_found(id));
    }
    let Emptying { statements, any_row: any_of_directory, resources } = directory;
    let mark = "UPDATE tenants SET suspended = coalesce(suspended, ?2), deleted = coalesce(deleted, ?2) \
        WHERE id = +?1 RETURNING suspended";
    let any = format!("{} OR {any_of_directory}", any_row(&TABLES));
    let left = format!("SELECT ({any}) AS any_row, {resources} AS resources");
    let end =
        format!("DELETE FROM tenants WHERE id = +?1 AND suspended <= ?2 - ?3 AND NOT ({any}) RETURNING id");
    let mut batch = Batch::new();
    batch.extend(first);
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
