//! The table `quotas`, and how much of its quotas a tenant uses. `default` has quotas too, although it has no row in
//! `tenants`.

use database::{Batch, Database, Failure, Row, Statement};
use serde_json::{Map, Value};

use super::quota::{Quota, used};
use crate::tenant::exists;

/// The quotas of a tenant to set: None for the default. Quotas that are not named stay as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuotaChanges(pub Vec<(Quota, Option<i64>)>);

/// What a tenant uses of a quota, and how much it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The quota.
    pub quota: Quota,
    /// How much it has.
    pub used: i64,
    /// How much it may have.
    pub most: i64,
    /// Whether that is the default, because nothing else is set.
    pub is_default: bool,
}

/// Reads what a tenant uses of each quota.
///
/// # Errors
/// If the database fails.
pub async fn usage(database: &impl Database, id: &str) -> Result<Vec<Usage>, Failure> {
    let sql =
        format!("SELECT * FROM ({}) AS used LEFT JOIN quotas ON quotas.tenant = +?1", used(&Quota::ALL));
    let mut batch = Batch::new();
    let used = batch.add(Statement::new(sql, vec![id.into()]));
    let rows = batch.query(database).await?;
    let row = rows.first(used).ok_or_else(|| Failure::corrupt("an aggregate without a row"))?;
    read_usage(row)
}

/// Reads what a tenant uses of each quota from a row that has a column for each, and beside it those of `quotas`.
pub(crate) fn read_usage(row: &Row) -> Result<Vec<Usage>, Failure> {
    let one = |quota: Quota| {
        let set = row.optional_integer(quota.column())?;
        let most = set.unwrap_or_else(|| quota.default_most());
        Ok(Usage { quota, used: row.integer(quota.name())?, most, is_default: set.is_none() })
    };
    Quota::ALL.into_iter().map(one).collect()
}

/// Counts again what a tenant has, in one transaction. Every write of this program keeps the totals; writes of others
/// do not: those of a program with its own binding, or of the previous release while the migration that added the
/// totals was applied.
///
/// # Errors
/// If the database fails.
pub async fn recount(database: &impl Database, id: &str) -> Result<(), Failure> {
    let statements = [
        "DELETE FROM totals WHERE tenant = +?1",
        "INSERT INTO totals (tenant, type, total, bytes) \
         SELECT ?1, type, count(*), sum(octet_length(document) + octet_length(search)) \
         FROM resources WHERE tenant = +?1 GROUP BY type",
        "INSERT INTO totals (tenant, type, total) SELECT ?1, 'Membership', count(*) FROM memberships WHERE tenant = +?1",
    ];
    database.run(statements.map(|sql| Statement::new(sql, vec![id.into()])).to_vec()).await?;
    Ok(())
}

/// Returns the statements that set quotas of a tenant, to run with those that change its row. They do nothing if the
/// tenant does not exist.
pub fn set_quotas_of_tenant(id: &str, changes: &QuotaChanges) -> Vec<Statement> {
    if changes.0.is_empty() {
        return Vec::new();
    }
    let named = changes.0.iter().map(|(quota, most)| (quota.column().to_string(), (*most).into()));
    let named = Value::Object(named.collect::<Map<String, Value>>()).to_string();
    let columns = Quota::ALL.map(Quota::column);
    let values = columns.map(|column| format!("json_extract(?2, '$.{column}')")).join(", ");
    // A quota that is set to null is a member of the object all the same.
    let kept = columns.map(|column| {
        format!("{column} = CASE WHEN json_type(?2, '$.{column}') IS NULL THEN {column} ELSE excluded.{column} END")
    });
    let upsert = format!(
        "INSERT INTO quotas (tenant, {}) SELECT ?1, {values} WHERE {} ON CONFLICT (tenant) DO UPDATE SET {}",
        columns.join(", "),
        exists("+?1"),
        kept.join(", ")
    );
    let drop_empty =
        format!("DELETE FROM quotas WHERE tenant = +?1 AND coalesce({}) IS NULL", columns.join(", "));
    vec![Statement::new(upsert, vec![id.into(), named.into()]), Statement::new(drop_empty, vec![id.into()])]
}
