//! What the clients of a tenant did: a page of changes and refusals, how many requests there were, and when the last of some kinds
//! came.

use std::collections::BTreeMap;

use database::Failure;
use directory::activity::{self, Asked, Counted, Marks, Page};
use scim::Instant;

use super::transfer::check;
use crate::context::RequestContext;

/// Minutes for which requests are counted: by default, and at most.
pub const MINUTES: (i64, i64) = (60, 1_440);
/// Entries in a page: by default, and at most.
pub const LIMIT: (i64, i64) = (100, 500);

/// The activity of a tenant.
pub struct Activity {
    /// Changes and refusals.
    pub page: Page,
    /// The names of the credentials in the page, by their ids.
    pub names: BTreeMap<String, String>,
    /// On the first page: when the last of some kinds came, and how many there were.
    pub summary: Option<Summary>,
}

/// What is not in the page.
pub struct Summary {
    /// When the last of some kinds came.
    pub marks: Marks,
    /// The minutes of which requests are counted.
    pub range: (Instant, Instant),
    /// How many there were.
    pub counted: Vec<Counted>,
}

/// Returns the activity of a tenant. `minutes` is for how long before `asked.to`, or now, requests are counted.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn read(
    context: &RequestContext,
    tenant: &str,
    asked: &Asked<'_>,
    (minutes, by_minute): (i64, bool),
) -> Result<Activity, Failure> {
    check(context, tenant).await?;
    let page = activity::read(context.directory(), tenant, asked).await?;
    let actors = page.entries.iter().map(|entry| entry.actor.as_str());
    let names = tenants::credential_names(context.accounts(), tenant, actors).await?;
    if asked.after.is_some() {
        return Ok(Activity { page, names, summary: None });
    }
    let to = asked.to.unwrap_or(Instant(context.now.0.saturating_add(1)));
    let range = (Instant(to.0.saturating_sub(minutes * 60_000)), to);
    let counted = activity::counted(context.directory(), tenant, range, by_minute).await?;
    let marks = activity::marks(context.directory(), tenant).await?;
    Ok(Activity { page, names, summary: Some(Summary { marks, range, counted }) })
}
