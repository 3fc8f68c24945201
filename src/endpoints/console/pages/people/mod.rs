//! Users and groups: the search, one of them with its history, and the erasure of a person.
//!
//! What lives here: which of these an address is. What does not: how each is shown (`search` by `filters`, `one`), how the directory is asked (`asked`),
//! and erasing (`erase`).

mod asked;
mod erase;
mod filters;
mod one;
mod search;

use console::Kind;
use database::Failure;

use super::page::{Page, no_page};
use crate::http::Response;

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
        [id, "erase"] if is_id(id) && kind == Kind::Users && page.visitor.role.may_decide() => {
            page.asked.only("POST")?;
            erase::erase(page, id).await
        }
        _ => Err(no_page()),
    }
}
