//! What an administrator does with endpoints.

use database::{Batch, Database, Failure, Param, Statement};
use scim::{Instant, ScimError};
use serde_json::Value;

use super::row::{COLUMNS, Endpoint, index, read};
use crate::Cursor;
use crate::activity::sequence_before;
use crate::change_log::LATEST;

/// Endpoints that a tenant may have.
const MOST: i64 = 20;
/// Rows up to which it is counted how far an endpoint is behind.
const COUNTED: i64 = 10_000;

/// An endpoint to create. It gets the events that happen from now on.
pub struct NewEndpoint<'n> {
    /// See [`Endpoint`].
    pub id: String,
    /// See [`Endpoint`].
    pub url: &'n str,
    /// See [`Endpoint`].
    pub types: &'n [String],
    /// See [`Endpoint`].
    pub batch: i64,
    /// See [`Endpoint`].
    pub thin: bool,
    /// See [`Endpoint`].
    pub salt: String,
}

/// Where an administrator sets a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorTarget {
    /// Before the change with this sequence: it is delivered again.
    Sequence(i64),
    /// Before the first change at this time or later.
    Time(Instant),
    /// After this event, which is not delivered.
    After(Cursor),
}

/// Creates an endpoint.
///
/// # Errors
/// 409 if the tenant has as many as it may have.
pub async fn create_endpoint(
    database: &impl Database,
    tenant: &str,
    new: NewEndpoint<'_>,
    now: Instant,
) -> Result<Endpoint, Failure> {
    let sql = format!(
        "INSERT INTO webhook_endpoints (id, tenant, url, types, batch, thin, salt, sequence, state, due, created) \
         SELECT ?2, ?1, ?3, ?4, ?5, ?6, ?7, {LATEST}, 'active', ?8, ?8 \
         WHERE (SELECT count(*) FROM webhook_endpoints WHERE tenant = +?1) < ?9 RETURNING {COLUMNS}"
    );
    let params: Vec<Param> = vec![
        tenant.into(),
        new.id.into(),
        new.url.into(),
        Value::from(new.types.to_vec()).to_string().into(),
        new.batch.into(),
        i64::from(new.thin).into(),
        new.salt.into(),
        now.0.into(),
        MOST.into(),
    ];
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    let full = || {
        ScimError::new(409, format!("the tenant has {MOST} endpoints, which is as many as it may have"))
            .into()
    };
    row.as_ref().map_or_else(|| Err(full()), read)
}

/// Returns the endpoints of a tenant, the oldest first, with how far each is behind.
///
/// # Errors
/// If the database fails.
pub async fn list_endpoints(database: &impl Database, tenant: &str) -> Result<Vec<Endpoint>, Failure> {
    let mut batch = Batch::new();
    let found = batch.add(select_endpoints(tenant));
    batch.query(database).await?.of(found).iter().map(read).collect()
}

/// Returns the statement that selects them.
pub(crate) fn select_endpoints(tenant: &str) -> Statement {
    Statement::new(select("e.tenant = +?1 ORDER BY e.id"), vec![tenant.into()])
}

/// Returns one endpoint.
///
/// # Errors
/// 404 if the tenant does not have it.
pub async fn endpoint(database: &impl Database, tenant: &str, id: &str) -> Result<Endpoint, Failure> {
    let one = Statement::new(select("e.tenant = +?1 AND e.id = +?2"), vec![tenant.into(), id.into()]);
    let row = database.query_one(one).await?;
    row.as_ref().map_or_else(|| Err(no_endpoint(tenant, id)), read)
}

fn select(condition: &str) -> String {
    let behind = format!(
        "(SELECT count(*) FROM (SELECT 1 FROM changes AS c WHERE c.tenant = e.tenant \
         AND c.seq >= e.sequence + (e.event_index IS NULL) LIMIT {COUNTED})) AS behind"
    );
    format!("SELECT {COLUMNS}, {behind} FROM webhook_endpoints AS e WHERE {condition}")
}

/// Stops deliveries. The cursor stays where it is.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn pause(database: &impl Database, tenant: &str, id: &str) -> Result<Endpoint, Failure> {
    let set = "state = CASE state WHEN 'active' THEN 'paused' ELSE state END";
    change(database, tenant, id, set, Vec::new()).await
}

/// Delivers again, from the cursor on and at once; also to an endpoint that the service has stopped.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn resume(
    database: &impl Database,
    tenant: &str,
    id: &str,
    now: Instant,
) -> Result<Endpoint, Failure> {
    let set = "state = 'active', reason = NULL, failures = 0, due = +?3";
    change(database, tenant, id, set, vec![now.0.into()]).await
}

/// Replaces the secret. The one before signs too until that time.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn rotate_secret(
    database: &impl Database,
    tenant: &str,
    id: &str,
    salt: &str,
    until: Instant,
) -> Result<Endpoint, Failure> {
    let set = "old_salt = salt, old_until = +?4, salt = +?3";
    change(database, tenant, id, set, vec![salt.into(), until.0.into()]).await
}

/// Sets the cursor. A delivery under way does not move it after that.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn move_cursor(
    database: &impl Database,
    tenant: &str,
    id: &str,
    to: CursorTarget,
    now: Instant,
) -> Result<Endpoint, Failure> {
    let (sequence, params): (String, Vec<Param>) = match to {
        CursorTarget::Sequence(sequence) => {
            ("max(?4 - 1, 0)".to_string(), vec![sequence.into(), None::<i64>.into()])
        }
        // Found by halving: the index is by sequence. What was trimmed cannot be delivered again.
        CursorTarget::Time(time) => (
            format!(
                "max({}, coalesce((SELECT trimmed FROM logs WHERE tenant = +?1), 0))",
                sequence_before("+?4")
            ),
            vec![time.0.into(), None::<i64>.into()],
        ),
        CursorTarget::After(cursor) => {
            ("+?4".to_string(), vec![cursor.sequence.into(), index(cursor).into()])
        }
    };
    let set = format!(
        "sequence = {sequence}, event_index = +?5, failures = 0, due = +?3, lease = NULL, lease_until = 0"
    );
    let mut all = vec![now.0.into()];
    all.extend(params);
    change(database, tenant, id, &set, all).await
}

/// Deletes an endpoint.
///
/// # Errors
/// 404 if the tenant does not have it.
pub async fn delete_endpoint(database: &impl Database, tenant: &str, id: &str) -> Result<Endpoint, Failure> {
    let sql = format!("DELETE FROM webhook_endpoints WHERE tenant = +?1 AND id = +?2 RETURNING {COLUMNS}");
    let row = database.run_for_one(vec![Statement::new(sql, vec![tenant.into(), id.into()])]).await?;
    row.as_ref().map_or_else(|| Err(no_endpoint(tenant, id)), read)
}

async fn change(
    database: &impl Database,
    tenant: &str,
    id: &str,
    set: &str,
    more: Vec<Param>,
) -> Result<Endpoint, Failure> {
    let sql =
        format!("UPDATE webhook_endpoints SET {set} WHERE tenant = +?1 AND id = +?2 RETURNING {COLUMNS}");
    let mut params = vec![tenant.into(), id.into()];
    params.extend(more);
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    row.as_ref().map_or_else(|| Err(no_endpoint(tenant, id)), read)
}

fn no_endpoint(tenant: &str, id: &str) -> Failure {
    ScimError::not_found(format!("the tenant `{tenant}` has no endpoint `{id}`")).into()
}
