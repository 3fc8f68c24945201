//! Evidence for an auditor: what changed in a directory and what was refused, by whom; which credentials there were, and what was
//! trimmed. In a range of times, page by page.

use database::Failure;
use directory::activity::{self, Asked, Direction, Page, Position};
use scim::Instant;
use serde_json::Value;

use super::transfer::check;
use crate::context::RequestContext;

/// Changes and refusals in a page.
const PAGE: usize = 250;

/// Returns a page of the evidence from `from` until `to`, the oldest first, and before the first page what is not in the log: what
/// happened to credentials, and what was trimmed.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn read(
    context: &RequestContext,
    tenant: &str,
    (from, to): (Instant, Instant),
    after: Option<Position>,
) -> Result<(Vec<Value>, Page), Failure> {
    check(context, tenant).await?;
    let mut before = Vec::new();
    if after.is_none() {
        before = tenants::credential_events(context.accounts(), tenant, (from, to)).await?;
        before.extend(activity::trimmings(context.directory(), tenant, (from, to)).await?);
    }
    let asked = Asked {
        from: Some(from),
        to: Some(to),
        outcome: None,
        resource: None,
        actor: None,
        operation: None,
        direction: Direction::Forward,
        after,
        limit: PAGE,
    };
    Ok((before, activity::read(context.directory(), tenant, &asked).await?))
}
