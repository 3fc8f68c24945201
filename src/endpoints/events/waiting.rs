//! Reading a page of events, and waiting for the next event if there is none yet.

use std::time::Duration;

use database::Failure;
use directory::{Cursor, Page, Wanted};

use crate::clock;
use crate::context::RequestContext;
use crate::registry::registry;

/// Milliseconds between two looks at the database: at first, and at most.
const PAUSE: (u64, u64) = (100, 1_000);

/// Returns the events after the place; if there are none, those that come within so many seconds of the request.
pub(super) async fn page(
    context: &RequestContext,
    tenant: &str,
    after: Option<Cursor>,
    wanted: &Wanted,
    seconds: i64,
) -> Result<Page, Failure> {
    let until = context.now.0.saturating_add(seconds * 1_000);
    let database = context.directory();
    let mut page = directory::events(database, registry()?, tenant, after, wanted).await?;
    let mut pause = PAUSE.0;
    while page.events.is_empty() && !page.more {
        let left = until.saturating_sub(clock::now().0);
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { break };
        clock::sleep(Duration::from_millis(pause.min(left))).await;
        pause = (2 * pause).min(PAUSE.1);
        if directory::latest(database, tenant).await? > page.next.sequence {
            page = directory::events(database, registry()?, tenant, Some(page.next), wanted).await?;
        }
    }
    Ok(page)
}
