//! What the clients of a tenant did: a page of changes and refusals, how many requests there were, and when the last of some kinds
//! came.

use database::Failure;
use directory::activity::{self, ActivityQuery, Page};
use scim::Instant;
use serde_json::Value;

use super::bounds::Bounds;
use super::transfer::check;
use crate::context::RequestContext;

/// Minutes for which requests may be counted, and for how many they are by default.
pub const MINUTES: Bounds = Bounds { least: 1, most: 1_440 };
const USUAL_MINUTES: i64 = 60;
/// Entries that a page may have, and how many it has by default.
pub const LIMIT: Bounds = Bounds { least: 1, most: 500 };
pub const USUAL_LIMIT: i64 = 100;

/// Returns when the last of some kinds of requests of a tenant came.
///
/// # Errors
/// If the database fails.
pub async fn marks(context: &RequestContext, tenant: &str) -> Result<Value, Failure> {
    activity::marks(context.directory(), tenant, context.now).await
}

/// Returns a page of the activity of a tenant, and on the first page a summary too. `minutes` is for how long before `asked.to`,
/// or now, requests are counted.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn read(
    context: &RequestContext,
    tenant: &str,
    asked: &ActivityQuery<'_>,
    (minutes, by_minute): (Option<i64>, bool),
) -> Result<(Page, Option<Value>), Failure> {
    check(context, tenant).await?;
    let page = activity::read(context.directory(), tenant, asked).await?;
    if asked.after.is_some() {
        return Ok((page, None));
    }
    let to = asked.to.unwrap_or(Instant(context.now.0.saturating_add(1)));
    let minutes = minutes.unwrap_or(USUAL_MINUTES);
    let range = (Instant(to.0.saturating_sub(minutes * 60_000)), to);
    let summary = activity::summary(context.directory(), tenant, range, by_minute, context.now).await?;
    Ok((page, Some(summary)))
}
