//! What a page for people shows of groups: how many members they have, and the first of them, without reading them all.

use database::{Batch, Database, Failure, Statement};
use scim::{Kind, Member};
use serde_json::Value;

use crate::memberships;

/// Members of a group that are counted; a group may have more.
pub const COUNTED: i64 = 1_000;

/// Returns how many members each of these groups has, in the order of the ids: at most one more than [`COUNTED`].
///
/// # Errors
/// If the database fails.
pub async fn member_counts(
    database: &impl Database,
    tenant: &str,
    groups: &[&str],
) -> Result<Vec<i64>, Failure> {
    let ids = Value::from(groups.to_vec()).to_string();
    let mut batch = Batch::new();
    let counts = batch.add(counts(tenant, ids));
    let rows = batch.query(database).await?;
    rows.of(counts).iter().map(|row| row.integer("members")).collect()
}

/// Returns the first groups of a tenant in the order of their ids, `most` of them, each with how many members it has: at most one more
/// than [`COUNTED`].
///
/// # Errors
/// If the database fails.
pub async fn first_groups(
    database: &impl Database,
    tenant: &str,
    most: usize,
) -> Result<Vec<(String, i64)>, Failure> {
    let sql = format!(
        "SELECT r.id, {} AS members FROM resources AS r WHERE r.tenant = +?1 AND r.type = 'Group' ORDER BY r.id LIMIT +?2",
        counted("r.id")
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut batch = Batch::new();
    let groups = batch.add(Statement::new(sql, vec![tenant.into(), most.into()]));
    let rows = batch.query(database).await?;
    rows.of(groups).iter().map(|row| Ok((row.text("id")?.to_string(), row.integer("members")?))).collect()
}

/// Returns the first members of a group in the order of their ids, and how many there are: at most one more than [`COUNTED`].
///
/// # Errors
/// If the database fails.
pub async fn first_members(
    database: &impl Database,
    tenant: &str,
    (kind, group): (Kind, &str),
    most: usize,
) -> Result<(Vec<Member>, i64), Failure> {
    let mut batch = Batch::new();
    let members = batch.add(memberships::read_part(kind, tenant, group, "", most));
    let counts = batch.add(counts(tenant, Value::from(vec![group]).to_string()));
    let rows = batch.query(database).await?;
    let (members, _) = memberships::members(kind, rows.of(members), most)?;
    let count = rows.first(counts).map_or(Ok(0), |row| row.integer("members"))?;
    Ok((members, count))
}

fn counts(tenant: &str, groups: String) -> Statement {
    let sql = format!(
        "SELECT {} AS members FROM json_each(?2) AS given ORDER BY given.key",
        counted("given.value")
    );
    Statement::new(sql, vec![tenant.into(), groups.into()])
}

/// Returns SQL of how many members the group with that id (an expression) has.
fn counted(group: &str) -> String {
    format!(
        "(SELECT count(*) FROM (SELECT 1 FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = {group} LIMIT {COUNTED} + 1))"
    )
}
