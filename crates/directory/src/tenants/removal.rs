//! Deleting a tenant with every row that it has, a bounded number of them a call.
//!
//! The first call ends its tokens and marks it as deleted, so that nobody is let in any more. Instances that
//! remember a token let it in a little longer ([`super::USABLE`]), and what they write then has to go as well: so
//! the row in `tenants` goes last, once that time is over and nothing is left. Until then the name stays taken, and
//! no new tenant of that name can meet a row of the old one.

use scim::Instant;

use super::customers::not_found;
use super::memory::USABLE;
use crate::{Database, Failure, Statement, relations};

/// Milliseconds after which no request of a tenant that was suspended or deleted is under way any more: an
/// instance's memory of a token, and the longest that a request may take on top.
pub const GRACE: i64 = USABLE + 30_000;

/// How many rows of one table one statement deletes.
const ROWS: i64 = 1_000;

/// The tables that hold rows of tenants, each with its key. Each is emptied once the one before it is empty:
/// memberships before resources, since a trigger looks for those of each resource.
pub const TABLES: [(&str, &str); 9] = [
    ("tokens", "id"),
    ("client_secrets", "id"),
    ("issuers", "id"),
    ("clients", "id"),
    ("memberships", "tenant, group_id, member_id"),
    ("emails", "tenant, value, resource_id"),
    ("resources", "tenant, type, id"),
    ("totals", "tenant, type"),
    ("quotas", "tenant"),
];

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

/// Removes a part of a tenant, and the tenant itself once nothing of it is left.
///
/// # Errors
/// 404 where there is no such tenant, which is so after it is done as well.
pub async fn remove(database: &impl Database, id: &str, now: Instant) -> Result<Removal, Failure> {
    let mark = "UPDATE tenants SET suspended = coalesce(suspended, ?2), deleted = coalesce(deleted, ?2) \
        WHERE id = ?1 RETURNING suspended";
    let mut statements = vec![Statement::new(mark, vec![id.into(), now.0.into()])];
    let mut before = String::new();
    for (table, key) in TABLES {
        // A row value, since a table without rowid has no other name for a row.
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE tenant = ?1 LIMIT ?2){before}"
        );
        statements.push(Statement::new(sql, vec![id.into(), ROWS.into()]));
        if table == "memberships" {
            statements.push(relations::count_deleted(id));
        }
        before = format!(" AND NOT EXISTS (SELECT 1 FROM {table} WHERE tenant = ?1)");
    }
    let any: Vec<String> =
        TABLES.iter().map(|(table, _)| format!("EXISTS (SELECT 1 FROM {table} WHERE tenant = ?1)")).collect();
    let any = any.join(" OR ");
    let left = format!(
        "SELECT ({any}) AS any_row, coalesce((SELECT sum(total) FROM totals WHERE tenant = ?1 \
         AND type IN ('User', 'Group')), 0) AS resources"
    );
    statements.push(Statement::new(left, vec![id.into()]));
    let end =
        format!("DELETE FROM tenants WHERE id = ?1 AND suspended <= ?2 - ?3 AND NOT ({any}) RETURNING id");
    statements.push(Statement::new(end, vec![id.into(), now.0.into(), GRACE.into()]));
    let answers = database.run(statements).await?;
    let first = |index: usize| answers.get(index).and_then(|rows| rows.first());
    let suspended = first(0).ok_or_else(|| not_found(id))?.integer("suspended")?;
    if answers.last().is_some_and(|rows| !rows.is_empty()) {
        return Ok(Removal::Done);
    }
    match first(answers.len().saturating_sub(2)) {
        Some(row) if row.integer("any_row")? == 1 => Ok(Removal::Left(row.integer("resources")?)),
        _ => Ok(Removal::Waiting(Instant(suspended + GRACE))),
    }
}
