//! The edge copy of a tenant: switching it on and off, writing it anew, and removing it with its tenant.

use database::{Failure, Statement};
use directory::edge::{Status, restrict, status, turn_off, turn_on};
use scim::{Instant, ScimError};
use tenants::DEFAULT;

use super::by::{By, Deed};
use crate::context::RequestContext;
use crate::edge;

/// Refuses a copy for a tenant whose data must stay in a region: Workers KV keeps its data everywhere.
///
/// # Errors
/// 404 if the tenant does not exist. 409 if it would have both.
pub async fn check(
    context: &RequestContext,
    tenant: &str,
    has_edge: Option<bool>,
    residency: Option<&Option<String>>,
) -> Result<(), Failure> {
    let (wants_edge, wants_residency) = (has_edge == Some(true), matches!(residency, Some(Some(_))));
    // Nothing says of `default` where its data must stay.
    if tenant == DEFAULT || !wants_edge && !wants_residency {
        return Ok(());
    }
    let place = match residency {
        Some(place) => place.clone(),
        None => tenants::show(context.accounts(), tenant).await?.residency,
    };
    let is_on = match has_edge {
        Some(is_on) => is_on,
        None => status(context.directory(), tenant).await?.is_some_and(|status| status.progress.is_on),
    };
    match place {
        Some(place) if is_on => Err(ScimError::new(
            409,
            format!(
                "the data of the tenant must stay in `{place}`, and the edge copy is in Workers KV, which keeps data everywhere: a tenant has one or the other"
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

/// Returns the statements that switch the copy on or off.
pub fn statements(
    context: &RequestContext,
    tenant: &str,
    has_edge: Option<bool>,
) -> impl Iterator<Item = Statement> {
    let switch = has_edge.map(|is_on| if is_on { turn_on(tenant, context.now) } else { turn_off(tenant) });
    switch.into_iter().chain([restrict(tenant)])
}

/// Begins to fill or to remove the copy after a change of settings.
pub fn switched(context: &RequestContext, tenant: &str) {
    edge::forget(tenant);
    edge::nudge(context, tenant);
}

/// Returns how far the copy is; None if there is none.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn show(context: &RequestContext, tenant: &str) -> Result<Option<Status>, Failure> {
    if tenant != DEFAULT {
        tenants::show(context.accounts(), tenant).await?;
    }
    status(context.directory(), tenant).await
}

/// Works on the copy, as far as one request may, and returns how far it is.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn work(context: &RequestContext, tenant: &str) -> Result<Option<Status>, Failure> {
    if show(context, tenant).await?.is_none() {
        return Ok(None);
    }
    let copy = edge::open(&context.env)?;
    edge::work(context.directory(), &copy, tenant, context.now, edge::STEPS).await?;
    status(context.directory(), tenant).await
}

/// Begins to write the whole copy again, and does the first part.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it has no copy.
pub async fn rebuild(context: &RequestContext, by: By<'_>, tenant: &str) -> Result<Option<Status>, Failure> {
    show(context, tenant).await?;
    let database = by.recorded(context, Deed::of(tenant, "edge copy", "rebuilt", tenant));
    if !directory::edge::rebuild(&database, tenant).await? {
        return Err(ScimError::new(409, format!("the tenant `{tenant}` has no edge copy")).into());
    }
    work(context, tenant).await
}

/// Removes a part of the copy of a tenant that is being deleted. Returns until when to wait if all of it was removed and
/// Workers KV may not show that yet.
///
/// # Errors
/// If the database or Workers KV fails.
pub async fn remove(context: &RequestContext, tenant: &str) -> Result<Option<Instant>, Failure> {
    edge::forget(tenant);
    if status(context.directory(), tenant).await?.is_none() {
        return Ok(None);
    }
    let copy = edge::open(&context.env)?;
    edge::work(context.directory(), &copy, tenant, context.now, edge::STEPS).await?;
    let left = status(context.directory(), tenant).await?.filter(|_| copy.has_room());
    Ok(left.map(|left| Instant(left.progress.written.0.saturating_add(edge::SETTLED))))
}
