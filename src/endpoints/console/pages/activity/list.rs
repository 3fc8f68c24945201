//! The list of changes and refusals.

use console::{Activity, ActivityRow, Filters};
use database::Failure;
use directory::activity;
use futures_util::future::join;
use serde_json::Value;

use super::filters;
use super::repeated::repeated;
use crate::endpoints::console::pages::entry::Entry;
use crate::endpoints::console::pages::page::Page;
use crate::endpoints::console::render;
use crate::http::Response;

/// Entries on a page.
const ROWS: usize = 30;
/// Calls of the database for one page, if few of the entries fit: each looks at a bounded number of them.
const READS: usize = 4;

pub(super) async fn show(page: &Page<'_>) -> Result<Response, Failure> {
    page.asked.named("activity");
    let query = page.asked.query();
    let filters = filters::of(&query);
    let read = read(page, &filters, query.get("cursor"));
    let (frame, read) = join(page.warned_frame("Activity", "activity"), read).await;
    let (entries, older, refusal) = match read {
        Ok((entries, older)) => (entries, older, None),
        Err(failure) => (Vec::new(), None, Some(failure.into_refusal()?)),
    };
    let shown = Activity {
        frame: frame?,
        filters,
        rows: entries.iter().map(Entry).map(|entry| row(&entry)).collect(),
        older,
        repeated: repeated(&entries),
        problem: render::problem(refusal.as_ref()),
    };
    render::page_after(refusal.as_ref(), &shown)
}

/// Returns the entries of a page, and the cursor of the next one. There may be fewer than fit on it, although others follow.
async fn read(
    page: &Page<'_>,
    filters: &Filters,
    cursor: Option<&str>,
) -> Result<(Vec<Value>, Option<String>), Failure> {
    let mut asked = filters::asked(filters, cursor, ROWS)?;
    let mut entries = Vec::new();
    for _ in 0..READS {
        asked.limit = ROWS.saturating_sub(entries.len());
        let found = activity::read(page.asked.context.directory(), page.tenant, &asked).await?;
        entries.extend(found.entries);
        asked.after = found.next;
        if found.next.is_none() || entries.len() >= ROWS {
            break;
        }
    }
    Ok((entries, asked.after.map(activity::Position::to_text)))
}

fn row(entry: &Entry<'_>) -> ActivityRow {
    ActivityRow {
        id: entry.id(),
        at: entry.at(),
        refused: entry.refused(),
        operation: entry.operation(),
        is_warning: entry.is_warning(),
        resource: entry.resource(),
        summary: entry.summary(),
        actor: entry.actor(),
        actor_id: entry.text("/actor/id"),
    }
}
