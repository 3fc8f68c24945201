//! Users and groups: the search, one of them with its history, and the erasure of a person.
//!
//! What lives here: which of these an address is, and how a request to the directory is made. What does not: how each is shown (`search`,
//! `one`), and erasing (`erase`).

mod erase;
mod one;
mod search;

use console::Kind;
use database::Failure;
use scim::{Dialect, HttpRequest, Outcome, ScimError};

use super::{Page, no_page};
use crate::client_error::client_error;
use crate::http::Response;
use crate::registry::registry;
use crate::visitors::Visitor;

/// The longest id that is looked for.
const ID: usize = 200;

/// Answers the search, or one user or group.
///
/// # Errors
/// 404 if there is no such page or resource, 405 if it does not take the method.
pub(super) async fn handle(page: &Page<'_>, section: &str, below: &[&str]) -> Result<Response, Failure> {
    let kind = if section == "users" { Kind::Users } else { Kind::Groups };
    let is_id = |id: &str| {
        id.len() <= ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
    };
    match below {
        [] => {
            page.asked.only("GET")?;
            search::show(page, kind).await
        }
        [id] if is_id(id) => {
            page.asked.only("GET")?;
            one::show(page, kind, id, None).await
        }
        [id, "erase"] if is_id(id) && kind == Kind::Users && may_erase(page.visitor) => {
            page.asked.only("POST")?;
            erase::erase(page, id).await
        }
        _ => Err(no_page()),
    }
}

/// Returns whether a person may erase others: of the vendor's staff those who may change something.
fn may_erase(visitor: &Visitor) -> bool {
    visitor.role.is_vendor() && visitor.role.may_change()
}

/// Reads from the directory what a SCIM client would by a GET of that path and query, within the same limits.
///
/// # Errors
/// Those that the client would have.
async fn get(page: &Page<'_>, path: &str, query: &str) -> Result<Outcome, Failure> {
    let context = page.asked.context;
    let registry = registry()?;
    let request = HttpRequest { method: "GET", path, query, ..HttpRequest::default() };
    let understood = scim::parse(registry, Dialect::TOLERANT, &request)?;
    let operation = understood.operation().ok_or_else(no_page)?;
    let of_directory = context.of_directory(page.tenant, &page.visitor.person)?;
    directory::execute(context.directory(), &of_directory, operation).await
}

/// Returns the refusal of what a person has entered; another failure stays one.
fn refusal(page: &Page<'_>, failure: Failure) -> Result<ScimError, Failure> {
    let is_refusal = match &failure {
        Failure::Refused(refusal) => refusal.status < 500,
        Failure::TooMuch { .. } => true,
        _ => false,
    };
    if is_refusal { Ok(client_error(failure, &page.asked.context.entry)) } else { Err(failure) }
}

/// Returns a number of members of which no more than [`directory::COUNTED`] are counted, in words.
fn counted(members: i64, shown: i64) -> String {
    match members > directory::COUNTED {
        true => format!("over {}", console::count(directory::COUNTED - shown)),
        false => console::count(members - shown),
    }
}
