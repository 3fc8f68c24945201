//! For how long the log and the activity of a tenant are kept: the table `retention`, and what holds where nothing is set.

use database::{Database, Failure, Row, Statement};

use crate::tenant::exists;

/// Days for which the change log is kept, if nothing else is set.
pub(super) const LOG_DAYS: i64 = 90;
/// Days for which refusals and counters are kept, if nothing else is set.
pub(super) const ACTIVITY_DAYS: i64 = 30;

/// For how many days a tenant's rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The change log, and with it the events.
    pub log_days: i64,
    /// Refusals and counters.
    pub activity_days: i64,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { log_days: LOG_DAYS, activity_days: ACTIVITY_DAYS }
    }
}

/// What to set; None leaves it as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionChanges {
    /// See [`Retention`]. Only of the tenant `default`: of the others it stands in their row in `tenants`.
    pub log_days: Option<i64>,
    /// See [`Retention`].
    pub activity_days: Option<i64>,
}

/// Returns SQL of what holds for the tenant `id`, an expression, as the columns `log_days` and `activity_days` of one row.
pub(super) fn select(id: &str) -> String {
    format!(
        "SELECT coalesce((SELECT log_retention_days FROM tenants WHERE id = {id}), \
         (SELECT log_days FROM retention WHERE tenant = {id}), {LOG_DAYS}) AS log_days, \
         coalesce((SELECT activity_days FROM retention WHERE tenant = {id}), {ACTIVITY_DAYS}) AS activity_days"
    )
}

/// Returns for how long a tenant's rows are kept.
///
/// # Errors
/// If the database fails.
pub async fn retention(database: &impl Database, tenant: &str) -> Result<Retention, Failure> {
    let row = database.query_one(Statement::new(select("+?1"), vec![tenant.into()])).await?;
    row.as_ref().map_or_else(|| Ok(Retention::default()), of)
}

/// Parses a row of [`select`].
pub(super) fn of(row: &Row) -> Result<Retention, Failure> {
    Ok(Retention { log_days: row.integer("log_days")?, activity_days: row.integer("activity_days")? })
}

/// Sets for how long a tenant's rows are kept.
///
/// # Errors
/// If the database fails.
pub async fn set_retention(
    database: &impl Database,
    tenant: &str,
    changes: RetentionChanges,
) -> Result<(), Failure> {
    let statements = set_retention_of_tenant(tenant, changes);
    if !statements.is_empty() {
        database.run(statements).await?;
    }
    Ok(())
}

/// Returns the statements that set it, to run with those that change the tenant's row. They do nothing if the tenant does not
/// exist.
pub fn set_retention_of_tenant(tenant: &str, changes: RetentionChanges) -> Vec<Statement> {
    if changes == RetentionChanges::default() {
        return Vec::new();
    }
    let sql = format!(
        "INSERT INTO retention (tenant, log_days, activity_days) SELECT ?1, ?2, ?3 WHERE {} \
         ON CONFLICT (tenant) DO UPDATE SET log_days = coalesce(excluded.log_days, log_days), \
         activity_days = coalesce(excluded.activity_days, activity_days)",
        exists("+?1")
    );
    vec![Statement::new(sql, vec![tenant.into(), changes.log_days.into(), changes.activity_days.into()])]
}
