//! Evidence for an auditor, as JSON lines: what changed in a directory and what was refused, by whom; which credentials there were, what
//! was trimmed, and the settings. In a range of times, page by page.

use database::Failure;
use directory::activity::{self, ActivityQuery, Direction, Position};
use futures_util::future::{try_join, try_join5};
use scim::Instant;
use serde_json::json;
use tenants::audit_log;

use super::by::{By, Deed};
use super::details::show;
use super::settings;
use super::transfer::check;
use crate::context::RequestContext;
use crate::d1::D1;

/// Changes and refusals in a page.
const PAGE: usize = 250;

/// A page of the evidence.
pub struct Lines {
    /// A line of JSON for each entry.
    pub text: String,
    /// Where the next page begins; None if this is the last.
    pub next: Option<Position>,
}

/// Returns the range of times that is asked for: without its beginning from the first entry on, without its end until now.
pub fn range(from: Option<Instant>, to: Option<Instant>, now: Instant) -> (Instant, Instant) {
    (from.unwrap_or(Instant(0)), to.unwrap_or(now))
}

/// Returns a page of the evidence from `from` until `to`, the oldest first, and before the first page what is not in the log: the settings,
/// what happened to credentials, what was done in the console and the administration, and what was trimmed.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn read(
    context: &RequestContext,
    by: By<'_>,
    origin: &str,
    tenant: &str,
    (from, to): (Instant, Instant),
    after: Option<Position>,
) -> Result<Lines, Failure> {
    if after.is_some() {
        let page = go_on(context.directory(), tenant, (from, to), after);
        let ((), page) = try_join(check(context, tenant), page).await?;
        by.record_part(context, Deed::of(tenant, "evidence", "exported", tenant)).await?;
        return Ok(page);
    }
    let (accounts, database, range) = (context.accounts(), context.directory(), (from, to));
    let (((), details), credentials, deeds, trimmings, page) = try_join5(
        try_join(check(context, tenant), show(context, tenant)),
        tenants::credential_events(accounts, tenant, range),
        audit_log::deed_lines(accounts, tenant, by.is_vendor(), range),
        activity::trimmings(database, tenant, range),
        go_on(database, tenant, range, None),
    )
    .await?;
    // These are the settings of now; how they were changed stands among the deeds.
    let settings = json!({
        "kind": "settings",
        "at": context.now.to_rfc3339(),
        "tenant": tenant,
        "from": from.to_rfc3339(),
        "to": to.to_rfc3339(),
        "settings": settings::of_all(origin, tenant, &details),
    });
    let mut text = format!("{settings}\n");
    credentials.iter().chain(&deeds).chain(&trimmings).for_each(|line| text += &format!("{line}\n"));
    by.record(context, Deed::of(tenant, "evidence", "exported", tenant)).await?;
    Ok(Lines { text: text + &page.text, next: page.next })
}

/// Returns a page of the log and of the refusals alone, of a tenant that exists.
///
/// # Errors
/// If the database fails.
pub async fn go_on(
    database: &D1,
    tenant: &str,
    (from, to): (Instant, Instant),
    after: Option<Position>,
) -> Result<Lines, Failure> {
    let asked = ActivityQuery {
        from: Some(from),
        to: Some(to),
        outcome: None,
        resource: None,
        actor: None,
        correlation: None,
        operation: None,
        direction: Direction::Forward,
        after,
        limit: PAGE,
    };
    let page = activity::read(database, tenant, &asked).await?;
    let text = page.entries.iter().map(|line| format!("{line}\n")).collect();
    Ok(Lines { text, next: page.next })
}
