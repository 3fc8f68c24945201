//! What a delivery does with an endpoint: it finds those that are due, claims one, and records how far it came.

use database::{Batch, Database, Failure, Param, Statement};
use scim::Instant;

use super::State;
use super::row::{COLUMNS, Endpoint, index, read};
use crate::Cursor;

/// Milliseconds for which a claim holds, unless it is renewed. An attempt takes at most fifteen seconds.
const LEASE: i64 = 60_000;

/// SQL of whether the endpoint `e` has events to be delivered.
const IS_BEHIND: &str = "EXISTS (SELECT 1 FROM changes AS c WHERE c.tenant = e.tenant \
    AND c.seq >= e.sequence + (e.event_index IS NULL))";

/// How far a delivery has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The last event that was delivered, or that is not wanted.
    pub cursor: Cursor,
    /// The last event of the message that was not accepted, if there is one.
    pub tried: Option<Cursor>,
    /// How many deliveries have succeeded since the last record.
    pub deliveries: i64,
    /// When the last attempt was made, if one was since the last record.
    pub attempted: Option<Instant>,
    /// When the last one succeeded, if one has since the last record.
    pub delivered: Option<Instant>,
    /// The answer to it, if one came.
    pub status: Option<i64>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// How many have failed in a row.
    pub failures: i64,
    /// When the next may be made.
    pub due: Instant,
    /// Why the service stops delivering, if it does.
    pub disabled: Option<String>,
    /// Whether the claim ends.
    pub is_last: bool,
}

/// Returns the ids and tenants of endpoints that have events to be delivered and whose time has come, those that have
/// not failed first.
///
/// # Errors
/// If the database fails.
pub async fn due(database: &impl Database, at: Instant, most: i64) -> Result<Vec<(String, String)>, Failure> {
    let sql = format!(
        "SELECT e.id, e.tenant FROM webhook_endpoints AS e WHERE e.state = 'active' AND e.due <= ?1 AND {IS_BEHIND} \
         ORDER BY e.failures, e.due LIMIT +?2"
    );
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![at.0.into(), most.into()]));
    let rows = batch.query(database).await?;
    rows.of(found)
        .iter()
        .map(|row| Ok((row.text("id")?.to_string(), row.text("tenant")?.to_string())))
        .collect()
}

/// Returns the ids of the endpoints of a tenant that are active.
///
/// # Errors
/// If the database fails.
pub async fn active_endpoints(database: &impl Database, tenant: &str) -> Result<Vec<String>, Failure> {
    let sql = "SELECT id FROM webhook_endpoints WHERE tenant = +?1 AND state = 'active' ORDER BY id";
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![tenant.into()]));
    let rows = batch.query(database).await?;
    rows.of(found).iter().map(|row| row.text("id").map(str::to_string)).collect()
}

/// Claims an endpoint whose time has come. None if it has none to deliver, or another delivery holds it. `at` is the time by
/// which attempts are due, `now` that of the claim.
///
/// # Errors
/// If the database fails.
pub async fn claim(
    database: &impl Database,
    id: &str,
    holder: &str,
    at: Instant,
    now: Instant,
) -> Result<Option<Endpoint>, Failure> {
    let sql = format!(
        "UPDATE webhook_endpoints AS e SET lease = +?2, lease_until = +?4 + {LEASE} \
         WHERE e.id = +?1 AND e.state = 'active' AND e.due <= ?3 AND e.lease_until <= ?4 AND {IS_BEHIND} RETURNING {COLUMNS}"
    );
    let params = vec![id.into(), holder.into(), at.0.into(), now.0.into()];
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    row.as_ref().map(read).transpose()
}

/// Records how far a delivery has come, and renews or ends its claim. Returns whether it may go on: not if an administrator has
/// paused the endpoint, moved its cursor or deleted it, or the claim was lost.
///
/// # Errors
/// If the database fails.
pub async fn record(
    database: &impl Database,
    id: &str,
    holder: &str,
    progress: &Progress,
    now: Instant,
) -> Result<bool, Failure> {
    let sql = format!(
        "UPDATE webhook_endpoints SET sequence = +?3, event_index = +?4, deliveries = deliveries + ?5, \
         attempted = coalesce(?6, attempted), delivered = coalesce(?16, delivered), \
         status = CASE WHEN ?6 IS NULL THEN status ELSE ?7 END, error = CASE WHEN ?6 IS NULL THEN error ELSE ?8 END, \
         failures = +?9, due = +?10, state = CASE WHEN ?11 IS NOT NULL AND state = 'active' THEN '{}' ELSE state END, \
         reason = coalesce(?11, reason), lease = CASE ?12 WHEN 1 THEN NULL ELSE lease END, \
         lease_until = CASE ?12 WHEN 1 THEN 0 ELSE ?13 + {LEASE} END, tried_sequence = +?14, tried_index = +?15 \
         WHERE id = +?1 AND lease = +?2 RETURNING state",
        State::Disabled.name()
    );
    let Progress {
        cursor,
        tried,
        deliveries,
        attempted,
        delivered,
        status,
        error,
        failures,
        due,
        disabled,
        is_last,
    } = progress;
    let params: Vec<Param> = vec![
        id.into(),
        holder.into(),
        cursor.sequence.into(),
        index(*cursor).into(),
        (*deliveries).into(),
        attempted.map(|at| at.0).into(),
        (*status).into(),
        error.clone().into(),
        (*failures).into(),
        due.0.into(),
        disabled.clone().into(),
        i64::from(*is_last).into(),
        now.0.into(),
        tried.map(|tried| tried.sequence).into(),
        tried.map(|tried| tried.index).into(),
        delivered.map(|at| at.0).into(),
    ];
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    Ok(row.is_some_and(|row| row.optional_text("state") == Some(State::Active.name())))
}
