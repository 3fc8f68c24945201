//! Erasing a person: from the directory and from the log, after the name was entered to be sure.

use console::Kind;
use database::Failure;
use scim::ScimError;

use super::one;
use crate::endpoints::console::pages::page::{Page, no_page};
use crate::http::Response;
use crate::manage::erasure;

/// Rounds of one request: each erases a bounded part of the log.
const ROUNDS: usize = 20;

/// Erases a user.
///
/// # Errors
/// 404 if nothing is known about the user.
pub(super) async fn erase(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("erase");
    let name = one::name(page, id).await?.ok_or_else(no_page)?;
    if page.field("confirm") != Some(name.trim()) {
        return refused(
            page,
            id,
            400,
            "what was entered is not the name of this person, so nothing was erased",
        )
        .await;
    }
    let mut after = 0;
    for _ in 0..ROUNDS {
        match erasure::erase(page.asked.context, page.by(), page.tenant, id, after).await?.next {
            Some(next) => after = next,
            None => return Ok(page.go_to("users")),
        }
    }
    refused(page, id, 409, "the log has more of this person than one request erases; send the form again")
        .await
}

async fn refused(page: &Page<'_>, id: &str, status: u16, why: &str) -> Result<Response, Failure> {
    one::show(page, Kind::Users, id, Some(&ScimError::new(status, why))).await
}
