//! Evidence for an auditor: what changed in a directory and what was refused, by whom; which credentials there were, and
//! what was trimmed. In a range of times, page by page.

use std::collections::BTreeMap;

use database::Failure;
use directory::activity::{self, Asked, Direction, Page, Position, Trimming};
use scim::Instant;
use tenants::CredentialEvent;

use super::transfer::check;
use crate::context::RequestContext;

/// Changes and refusals in a page.
const PAGE: usize = 250;

/// A page of the evidence.
pub struct Audit {
    /// On the first page, what is not in the log.
    pub head: Option<Head>,
    /// Changes and refusals, the oldest first.
    pub page: Page,
    /// The names of the credentials in the page, by their ids.
    pub names: BTreeMap<String, String>,
}

/// What stands at the beginning.
pub struct Head {
    /// The credentials that were created, expired or were revoked.
    pub credentials: Vec<CredentialEvent>,
    /// What was trimmed.
    pub trimmings: Vec<Trimming>,
}

/// Returns a page of the evidence from `from` until `to`.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn read(
    context: &RequestContext,
    tenant: &str,
    (from, to): (Instant, Instant),
    after: Option<Position>,
) -> Result<Audit, Failure> {
    check(context, tenant).await?;
    let (accounts, directory) = (context.accounts(), context.directory());
    let head = match after {
        Some(_) => None,
        None => Some(Head {
            credentials: tenants::credential_events(accounts, tenant, (from, to)).await?,
            trimmings: activity::trimmings(directory, tenant, (from, to)).await?,
        }),
    };
    let asked = Asked {
        from: Some(from),
        to: Some(to),
        outcome: None,
        resource: None,
        actor: None,
        direction: Direction::Forward,
        after,
        limit: PAGE,
    };
    let page = activity::read(directory, tenant, &asked).await?;
    let actors = page.entries.iter().map(|entry| entry.actor.as_str());
    let names = tenants::credential_names(accounts, tenant, actors).await?;
    Ok(Audit { head, page, names })
}
