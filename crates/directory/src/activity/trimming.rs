//! Trimming: what is older than a tenant keeps goes, in bounded steps. A job calls it each minute; it goes from tenant to tenant,
//! and on where it stopped.
//!
//! What lives here: which tenants have something to trim, and trimming refusals and counters. What does not: deleting rows
//! of the change log (`store`).

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;
use serde_json::Value;

use super::entry::{date_time, parsed};
use super::{progress, retention};
use crate::store;

/// Tenants that one call looks at.
const TENANTS: i64 = 200;
/// Batches of deletes that one call runs, and how many of them for one tenant.
const BATCHES: usize = 20;
const BATCHES_OF_TENANT: usize = 5;
/// Rows of refusals, and of counters, that one batch deletes.
const ROWS: i64 = 1_000;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days for which it is known what was trimmed.
const EVIDENCE_DAYS: i64 = 3_650;
/// The name of the job in `progress`.
const JOB: &str = "trimming";

/// What one call has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Batches of deletes.
    pub batches: usize,
    /// Whether it has stopped before the last tenant that it looked at.
    pub is_cut_short: bool,
}

/// The times before which a tenant's rows go.
struct Due {
    tenant: String,
    log: Instant,
    activity: Instant,
}

/// Trims for a bounded time, from where the last call has stopped.
///
/// # Errors
/// If the database fails; what was trimmed before stays trimmed.
pub async fn trim(database: &impl Database, now: Instant) -> Result<Trimmed, Failure> {
    let (due, position, next) = look(database, now).await?;
    let (mut trimmed, mut next) = (Trimmed::default(), next);
    for due in due {
        if trimmed.batches >= BATCHES {
            (trimmed.is_cut_short, next) = (true, due.tenant);
            break;
        }
        for _ in 0..BATCHES_OF_TENANT.min(BATCHES - trimmed.batches) {
            trimmed.batches += 1;
            if !step(database, &due, now).await? {
                break;
            }
        }
    }
    if next != position {
        database.run(vec![progress::note(JOB, next)]).await?;
    }
    Ok(trimmed)
}

/// Returns the tenants of the next page that have something to trim, where the page begins, and where the next one does.
async fn look(database: &impl Database, now: Instant) -> Result<(Vec<Due>, String, String), Failure> {
    let position = "coalesce((SELECT position FROM progress WHERE job = +?1), '')";
    let sql = format!(
        "SELECT {position} AS position, page.id, {} FROM (\
         SELECT '' AS id WHERE '' >= {position} UNION ALL SELECT 'default' WHERE 'default' >= {position} UNION ALL \
         SELECT id FROM tenants WHERE id >= {position} AND deleted IS NULL ORDER BY id LIMIT +?2) AS page",
        columns("page.id", "+?3")
    );
    let params = vec![JOB.into(), (TENANTS + 1).into(), now.0.into()];
    let mut batch = Batch::new();
    let page = batch.add(Statement::new(sql, params));
    let rows = batch.query(database).await?;
    let rows = rows.of(page);
    let text = |row: Option<&Row>, column: &str| {
        row.map_or(Ok(String::new()), |row| row.text(column).map(str::to_string))
    };
    let shown = usize::try_from(TENANTS).unwrap_or_default();
    let (position, next) = (text(rows.first(), "position")?, text(rows.get(shown), "id")?);
    let mut due = Vec::new();
    for row in rows.iter().take(shown) {
        if row.integer("is_due")? == 1 {
            due.push(Due {
                tenant: row.text("id")?.to_string(),
                log: Instant(row.integer("log_before")?),
                activity: Instant(row.integer("activity_before")?),
            });
        }
    }
    Ok((due, position, next))
}

/// Returns SQL of the times before which rows of the tenant `id` (an expression) go, and of whether there are any. Of no tenant
/// are the rows that `store::empty` leaves of one that was removed, which nothing reads, and counts of requests to none.
fn columns(id: &str, now: &str) -> String {
    let kept = retention::select(id);
    let log =
        format!("CASE {id} WHEN '' THEN {now} ELSE {now} - (SELECT log_days FROM ({kept})) * {DAY} END");
    let activity = format!("{now} - (SELECT activity_days FROM ({kept})) * {DAY}");
    let oldest = |column: &str, table: &str, more: &str, order: &str| {
        format!("(SELECT {column} FROM {table} WHERE tenant = {id}{more} ORDER BY {order} LIMIT 1)")
    };
    let changes = oldest("at", "changes", &format!(" AND seq < {}", store::GREATEST), "seq");
    let (refusals, counters) =
        (oldest("at", "refusals", "", "at"), oldest("minute", "counters", "", "minute"));
    format!(
        "{log} AS log_before, {activity} AS activity_before, coalesce({changes} < {log}, 0) \
         OR coalesce({refusals} < {activity}, 0) OR coalesce({counters} < {activity}, 0) AS is_due"
    )
}

/// Deletes some rows of a tenant. Returns whether there are more.
async fn step(database: &impl Database, due: &Due, now: Instant) -> Result<bool, Failure> {
    let tenant = due.tenant.as_str();
    let mut batch = Batch::new();
    batch.extend(store::trim(tenant, due.log));
    batch.add(note(tenant, "log_rows", now));
    let activity =
        |sql: &'static str| Statement::new(sql, vec![tenant.into(), due.activity.0.into(), ROWS.into()]);
    batch.add(activity(
        "DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE tenant = +?1 AND at < ?2 ORDER BY at LIMIT +?3)",
    ));
    batch.add(note(tenant, "refusal_rows", now));
    batch.add(activity(
        "DELETE FROM counters WHERE tenant = +?1 AND (minute, operation, status) IN (\
         SELECT minute, operation, status FROM counters WHERE tenant = +?1 AND minute < ?2 ORDER BY minute LIMIT +?3)",
    ));
    batch.add(note(tenant, "counter_rows", now));
    let old = "DELETE FROM trimmings WHERE tenant = +?1 AND day < ?2";
    batch.add(Statement::new(old, vec![tenant.into(), (now.0 - EVIDENCE_DAYS * DAY).into()]));
    let left = format!("SELECT {}", columns("+?1", "+?2"));
    let left = batch.add(Statement::new(left, vec![tenant.into(), now.0.into()]));
    let rows = batch.run(database).await?;
    rows.first(left).map_or(Ok(false), |row| Ok(row.integer("is_due")? == 1))
}

/// Returns the statement that notes how many rows the one before it has deleted.
fn note(tenant: &str, column: &'static str, now: Instant) -> Statement {
    let counts = ["log_rows", "refusal_rows", "counter_rows"];
    let values = counts.map(|each| if each == column { "changes()" } else { "0" }).join(", ");
    let sql = format!(
        "INSERT INTO trimmings (tenant, day, {}) SELECT ?1, ?2, {values} WHERE changes() > 0 AND ?1 <> '' \
         ON CONFLICT (tenant, day) DO UPDATE SET {column} = {column} + excluded.{column}",
        counts.join(", ")
    );
    Statement::new(sql, vec![tenant.into(), (now.0 - now.0.rem_euclid(DAY)).into()])
}

/// Returns what was trimmed of a tenant in the days from `from` until `to`, as JSON.
///
/// # Errors
/// If the database fails.
pub async fn trimmings(
    database: &impl Database,
    tenant: &str,
    (from, to): (Instant, Instant),
) -> Result<Vec<Value>, Failure> {
    let sql = format!(
        "SELECT json_object('kind', 'trimming', 'at', {}, 'tenant', tenant, 'logRows', log_rows, 'refusals', refusal_rows, \
         'counters', counter_rows) AS entry FROM trimmings WHERE tenant = +?1 AND day >= ?2 AND day < ?3 ORDER BY day",
        date_time("day")
    );
    let from = from.0 - from.0.rem_euclid(DAY);
    let days =
        database.query(vec![Statement::new(sql, vec![tenant.into(), from.into(), to.0.into()])]).await?;
    days.iter().flatten().map(|row| parsed(row, "entry")).collect()
}
