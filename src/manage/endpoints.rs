//! Endpoints of webhooks: creating, listing, pausing, resuming, replacing the secret, moving the cursor, testing, deleting.

use ::webhooks::{Caller, Outcome, Secret, check_address, host_of};
use database::Failure;
use directory::webhooks::{self, CursorTarget, Endpoint, NewEndpoint};
use directory::{Cursor, Wanted, check_event_types, events, latest};
use scim::{Instant, ScimError};
use serde_json::json;

use super::bounds::Bounds;
use super::by::{By, Deed, Recorded};
use super::transfer::check;
use crate::auth;
use crate::context::RequestContext;
use crate::deliver::{self, Attempt};
use crate::ids;
use crate::registry::registry;

/// Hours for which the old secret may sign beside the new one, and for how many it does by default.
pub const OVERLAP_HOURS: Bounds = Bounds { least: 0, most: 720 };
const USUAL_OVERLAP: i64 = 24;
/// Events that one delivery may have, and how many it has at most by default.
pub const BATCH: Bounds = Bounds { least: 1, most: 100 };
pub const USUAL_BATCH: i64 = 1;

/// An endpoint to create.
pub struct CreateEndpoint<'a> {
    /// Where events are sent.
    pub url: &'a str,
    /// The types that are wanted; empty: all.
    pub types: Vec<String>,
    /// How many events one delivery may have.
    pub batch: Option<i64>,
    /// Whether they hold ids, versions and paths alone.
    pub thin: bool,
}

/// Creates an endpoint. Returns it with its secret, which is not shown again. `origin` is by which scheme and host the service itself
/// is reached.
///
/// # Errors
/// 404 if the tenant does not exist, 400 if the address is one that webhooks may not have, 409 if the tenant has too many.
pub async fn create(
    context: &RequestContext,
    by: By<'_>,
    origin: &str,
    tenant: &str,
    create: CreateEndpoint<'_>,
) -> Result<(Endpoint, Secret), Failure> {
    check(context, tenant).await?;
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let caller = Caller { host, is_local: context.is_local() };
    check_event_types(registry()?, "types", &create.types)?;
    check_address(create.url, caller).map_err(|detail| ScimError::new(400, format!("`url`: {detail}")))?;
    let (id, salt) = (ids::new_id(), salt()?);
    let secret = auth::new_webhook_secret(context, &id, &salt)?;
    let CreateEndpoint { url, types, batch, thin } = create;
    let created = id.clone();
    let name = host_of(url);
    let database = by.recorded(context, Deed::of(tenant, "endpoint", "created", &created).named(&name));
    let batch = batch.unwrap_or(USUAL_BATCH);
    let new = NewEndpoint { id, url, types: &types, batch, thin, salt };
    let endpoint = webhooks::create_endpoint(&database, tenant, new, context.now).await?;
    deliver::forget(tenant);
    context.entry.note_credential(&endpoint.id);
    Ok((endpoint, secret))
}

/// Returns the endpoints of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list(context: &RequestContext, tenant: &str) -> Result<Vec<Endpoint>, Failure> {
    check(context, tenant).await?;
    webhooks::list_endpoints(context.directory(), tenant).await
}

/// Stops deliveries.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn pause(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<Endpoint, Failure> {
    let database = recorded(context, by, tenant, id, "paused").await?;
    let endpoint = webhooks::pause(&database, tenant, id).await?;
    deliver::forget(tenant);
    Ok(endpoint)
}

/// Delivers again, at once.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn resume(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<Endpoint, Failure> {
    let database = recorded(context, by, tenant, id, "resumed").await?;
    let endpoint = webhooks::resume(&database, tenant, id, context.now).await?;
    begin(context, tenant);
    Ok(endpoint)
}

/// Replaces the secret. The old one signs too for some hours.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn rotate(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
    overlap_hours: Option<i64>,
) -> Result<(Endpoint, Secret), Failure> {
    let salt = salt()?;
    let secret = auth::new_webhook_secret(context, id, &salt)?;
    let overlap = overlap_hours.unwrap_or(USUAL_OVERLAP);
    let until = Instant(context.now.0.saturating_add(overlap.saturating_mul(3_600_000)));
    let database = recorded(context, by, tenant, id, "secret replaced").await?;
    let endpoint = webhooks::rotate_secret(&database, tenant, id, &salt, until).await?;
    context.entry.note_credential(id);
    Ok((endpoint, secret))
}

/// Sets the cursor back, so that events are delivered again.
///
/// # Errors
/// 404 if the tenant does not have the endpoint, 400 if the place is later than what happens next, 410 if events from there on
/// were trimmed.
pub async fn replay(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
    from: CursorTarget,
) -> Result<Endpoint, Failure> {
    let database = &recorded(context, by, tenant, id, "replayed").await?;
    if let CursorTarget::Sequence(sequence) = from {
        let latest = latest(database, tenant).await?;
        if sequence > latest.saturating_add(1) {
            let detail = format!("`sequence` is later than what happens next: the latest one is {latest}");
            return Err(ScimError::new(400, detail).into());
        }
        let after = Cursor::after(sequence.saturating_sub(1).max(0));
        let one = Wanted { limit: 1, bytes: 1, thin: true, ..Wanted::default() };
        events(database, registry()?, tenant, Some(after), &one).await?;
    }
    let endpoint = webhooks::move_cursor(database, tenant, id, from, context.now).await?;
    begin(context, tenant);
    Ok(endpoint)
}

/// Skips the event that comes next, or all that were trimmed before they were delivered. Returns the endpoint, and the event's id or the
/// last sequence that was skipped; None if there is none.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn skip(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<(Endpoint, Option<String>), Failure> {
    let endpoint = webhooks::endpoint(context.directory(), tenant, id).await?;
    let name = host_of(&endpoint.url);
    let database = &by.recorded(context, Deed::of(tenant, "endpoint", "skipped", id).named(&name));
    let wanted =
        Wanted { types: endpoint.types.clone(), limit: 1, bytes: 1, thin: true, ..Wanted::default() };
    let mut cursor = endpoint.cursor;
    loop {
        let page = match events(database, registry()?, tenant, Some(cursor), &wanted).await {
            // What was trimmed cannot be delivered any more. All of it is skipped, and no event that is kept.
            Err(failure) if failure.status() == Some(410) => {
                let endpoint =
                    webhooks::move_cursor(database, tenant, id, CursorTarget::Time(Instant(0)), context.now)
                        .await?;
                begin(context, tenant);
                let skipped = endpoint.cursor.text(tenant);
                return Ok((endpoint, Some(skipped)));
            }
            page => page?,
        };
        if let Some(event) = page.events.first() {
            let to = CursorTarget::After(event.cursor);
            let endpoint = webhooks::move_cursor(database, tenant, id, to, context.now).await?;
            begin(context, tenant);
            return Ok((endpoint, Some(event.id.clone())));
        }
        if !page.more {
            return Ok((endpoint, None));
        }
        cursor = page.next;
    }
}

/// Sends a test event at once, whatever the state of the endpoint. Its cursor stays where it is.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
pub async fn test(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<(Attempt, bool), Failure> {
    let endpoint = webhooks::endpoint(context.directory(), tenant, id).await?;
    let message = format!("evt_{tenant}_test_{}", ids::new_id());
    let body = json!({
        "id": message, "type": "endpoint.test", "timestamp": context.now.to_rfc3339(), "tenant": tenant,
        "data": {"endpoint": {"id": id}}, "correlationId": context.correlation_id(),
    });
    let attempt = deliver::attempt(&context.env, &endpoint, &message, &body.to_string()).await?;
    let is_delivered = attempt.outcome == Outcome::Delivered;
    let name = host_of(&endpoint.url);
    let deed =
        Deed::of(tenant, "endpoint", "tested", id).named(&name).with(json!({"delivered": is_delivered}));
    by.record(context, deed).await?;
    Ok((attempt, is_delivered))
}

/// Deletes an endpoint.
///
/// # Errors
/// 404 if the tenant does not have it.
pub async fn delete(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<Endpoint, Failure> {
    let database = recorded(context, by, tenant, id, "deleted").await?;
    let endpoint = webhooks::delete_endpoint(&database, tenant, id).await?;
    deliver::forget(tenant);
    context.entry.note_credential(id);
    Ok(endpoint)
}

/// Returns the database that records what is done to an endpoint. The audit names it by its host: the rest of the address may be a secret.
///
/// # Errors
/// 404 if the tenant does not have the endpoint.
async fn recorded<'c>(
    context: &'c RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
    what: &'static str,
) -> Result<Recorded<'c>, Failure> {
    let name = host_of(&webhooks::endpoint(context.directory(), tenant, id).await?.url);
    Ok(by.recorded(context, Deed::of(tenant, "endpoint", what, id).named(&name)))
}

/// Delivers what an administrator's act has made due.
fn begin(context: &RequestContext, tenant: &str) {
    deliver::forget(tenant);
    deliver::nudge(context, tenant);
}

fn salt() -> Result<String, Failure> {
    Ok(ids::random()?.iter().map(|byte| format!("{byte:02x}")).collect())
}
