//! The copy in Workers KV: switching it on and off, having it built anew, and where a tenant's data must stay.

use database::Failure;
use directory::edge::{self as table, EdgeCopy};

use super::transfer::check;
use crate::context::RequestContext;
use crate::edge::{self, Part};

/// What of it changes; None leaves it as it is.
pub struct Changes {
    /// Whether the tenant has a copy.
    pub on: Option<bool>,
    /// Where its data must stay; `Some(None)`: anywhere.
    pub residency: Option<Option<String>>,
}

/// Returns the state of a tenant's copy.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn show(context: &RequestContext, tenant: &str) -> Result<EdgeCopy, Failure> {
    check(context, tenant).await?;
    table::edge_copy(context.directory(), tenant).await
}

/// Changes it. Copying, or the deletion of the copy, begins at once.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it would have a copy and a residency.
pub async fn update(context: &RequestContext, tenant: &str, changes: Changes) -> Result<EdgeCopy, Failure> {
    check(context, tenant).await?;
    let database = context.directory();
    if let Some(residency) = &changes.residency {
        table::set_residency(database, tenant, residency.as_deref()).await?;
    }
    if let Some(on) = changes.on {
        table::set_edge(database, tenant, on).await?;
        edge::forget(tenant);
        edge::copy_part(database, &context.env, tenant).await?;
    }
    table::edge_copy(database, tenant).await
}

/// Has everything copied again if `anew`, and copies the next part. The caller repeats it until nothing is left.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it has no copy.
pub async fn rebuild(context: &RequestContext, tenant: &str, anew: bool) -> Result<EdgeCopy, Failure> {
    check(context, tenant).await?;
    let database = context.directory();
    if anew {
        table::start_rebuild(database, tenant).await?;
    }
    edge::copy_part(database, &context.env, tenant).await?;
    table::edge_copy(database, tenant).await
}

/// Deletes the copy of a tenant that is removed. Returns whether nothing of it is left.
///
/// # Errors
/// Those of the database and of the store.
pub async fn remove(context: &RequestContext, tenant: &str) -> Result<bool, Failure> {
    let database = context.directory();
    table::set_edge(database, tenant, false).await?;
    edge::forget(tenant);
    for _ in 0..3 {
        if let Part::None = edge::copy_part(database, &context.env, tenant).await? {
            break;
        }
    }
    Ok(table::edge_copy(database, tenant).await?.state == table::EdgeState::Off)
}
