//! How the directory is asked: as by a client of SCIM, with the same filters, limits and refusals.

use database::{Cause, Failure};
use scim::{Dialect, HttpRequest, Outcome, ScimError};

use crate::client_error::client_error;
use crate::endpoints::console::pages::page::{Page, no_page};
use crate::registry::registry;

/// Reads from the directory what a SCIM client would by a GET of that path and query, within the same limits.
///
/// # Errors
/// Those that the client would have.
pub(super) async fn get(page: &Page<'_>, path: &str, query: &str) -> Result<Outcome, Failure> {
    let context = page.asked.context;
    let registry = registry()?;
    let request = HttpRequest { method: "GET", path, query, ..HttpRequest::default() };
    let understood = scim::parse(registry, Dialect::TOLERANT, &request)?;
    let operation = understood.operation().ok_or_else(no_page)?;
    let of_directory = context.of_directory(page.tenant, &page.visitor.person)?;
    directory::execute(context.directory(), &of_directory, operation).await
}

/// Returns the refusal of what a person has entered; another failure stays one.
pub(super) fn refusal(page: &Page<'_>, failure: Failure) -> Result<ScimError, Failure> {
    let is_refusal = match failure.cause() {
        Cause::Refused(refusal) => refusal.status < 500,
        Cause::TooMuch { .. } => true,
        _ => false,
    };
    if is_refusal { Ok(client_error(failure, &page.asked.context.entry)) } else { Err(failure) }
}

/// Returns a number of members of which no more than [`directory::COUNTED`] are counted, in words.
pub(super) fn counted(members: i64, shown: i64) -> String {
    match members > directory::COUNTED {
        true => format!("over {}", console::count(directory::COUNTED - shown)),
        false => console::count(members - shown),
    }
}
