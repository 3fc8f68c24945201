//! What the clients of a tenant did: the list, its download, one change and one refusal.
//!
//! What lives here: which of these an address is, the page of a change and that of a refusal. What does not: how the list is read (`list`,
//! `filters`), what repeats in it (`repeated`), and the download (`export`).

mod export;
mod filters;
mod list;
mod repeated;

use console::{Change, Reference, Refusal};
use database::Failure;
use directory::activity;

use super::entry::{Entry, reference};
use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;

/// Answers the list, the download, or one entry: `activity/48208` is a change, `activity/r17` a refusal.
///
/// # Errors
/// 404 if there is no such page or entry, 405 for a POST.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    page.asked.only("GET")?;
    match below {
        [] => list::show(page).await,
        ["export"] => export::download(page).await,
        [id] => match id.strip_prefix('r') {
            Some(number) => refusal(page, number.parse().map_err(|_| no_page())?).await,
            None => change(page, id.parse().map_err(|_| no_page())?).await,
        },
        _ => Err(no_page()),
    }
}

async fn change(page: &Page<'_>, sequence: i64) -> Result<Response, Failure> {
    page.asked.named("change");
    let found = activity::change(page.asked.context.directory(), page.tenant, sequence).await?;
    let found = found.ok_or_else(no_page)?;
    let entry = Entry(&found.entry);
    let members = |list: &[serde_json::Value]| list.iter().filter_map(reference).collect::<Vec<_>>();
    let (came, went) = (members(&found.came), members(&found.went));
    let shown = i64::try_from(came.len() + went.len()).unwrap_or_default();
    let has_values = |change: &serde_json::Value| change.get("old").or(change.get("new")).is_some();
    let are_values_left_out = !entry.changes().all(has_values);
    let page = Change {
        frame: page.frame("Change", "activity"),
        at: entry.at(),
        operation: entry.operation(),
        resource: entry.resource().unwrap_or(Reference { kind: None, id: String::new(), name: None }),
        version: entry.number("version"),
        sequence,
        actor: entry.actor(),
        correlation_id: entry.text("/correlationId"),
        changes: entry.differences(),
        more_members: entry.number("came") + entry.number("went") - shown,
        came,
        went,
        departures: entry.departures(),
        are_values_left_out,
    };
    render::page(200, &page)
}

async fn refusal(page: &Page<'_>, number: i64) -> Result<Response, Failure> {
    page.asked.named("refusal");
    let found = activity::refusal(page.asked.context.directory(), page.tenant, number).await?;
    let found = found.ok_or_else(no_page)?;
    let entry = Entry(&found.entry);
    let page = Refusal {
        frame: page.frame("Refusal", "activity"),
        at: entry.at(),
        operation: entry.operation(),
        status: u16::try_from(entry.number("status")).unwrap_or_default(),
        scim_type: Some(entry.text("/scimType")).filter(|keyword| !keyword.is_empty()),
        detail: entry.text("/detail"),
        resource: entry.resource(),
        actor: entry.actor(),
        correlation_id: entry.text("/correlationId"),
        times: found.times,
    };
    render::page(200, &page)
}
