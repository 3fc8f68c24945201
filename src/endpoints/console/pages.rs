//! The pages of a person who has signed in.

use console::Welcome;
use database::Failure;
use oauth::Form;
use scim::ScimError;
use tenants::console::Role;

use super::asked::Asked;
use super::{frame, render};
use crate::http::Response;
use crate::visitors::Visitor;

/// Answers with a page. Of a request that may change something, the form has been checked: it comes from a page of this person.
///
/// # Errors
/// 404 if there is no such page, 405 if it does not take the method.
pub(super) async fn handle(
    asked: &Asked<'_>,
    below: &[&str],
    visitor: &Visitor,
    _: &Form,
) -> Result<Response, Failure> {
    match below {
        [] => {
            asked.named("home");
            asked.only("GET")?;
            let role = match &visitor.role {
                Role::Admin => "may see and change every tenant".to_string(),
                Role::Viewer => "may see every tenant".to_string(),
                Role::Customer(tenant) => format!("may see and change {tenant}"),
            };
            render::page(200, &Welcome { frame: frame::open("Console", "tenants", visitor), role })
        }
        _ => Err(ScimError::not_found("the console has no such page").into()),
    }
}
