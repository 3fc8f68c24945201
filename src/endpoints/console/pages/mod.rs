//! The pages of a person who has signed in.
//!
//! What lives here: which page an address is, and who may see and change it. Each page has a file: `tenants` lists them, and the others
//! are pages of one tenant; `entry` and `flat` are what several of them read. What does not: what pages look like (the crate `console`), and what they show and change (`manage`).

mod activity;
mod audit;
mod connect;
mod deliveries;
mod entry;
mod flat;
mod health;
mod page;
mod people;
mod roles;
mod settings;
mod tenants;

use database::Failure;
use oauth::Form;
use scim::ScimError;

use super::console_request::ConsoleRequest;
use super::render;
use crate::http::Response;
use crate::manage::names;
use crate::rate;
use crate::visitors::Visitor;
use page::{Page, no_page};

/// Answers with a page. Of a request that may change something, the form has been checked: it comes from a page of this person.
///
/// # Errors
/// 404 if there is no such page or the person may not see it, 403 if the person may not change it, 405 if it does not take the method.
pub(super) async fn handle(
    asked: &ConsoleRequest<'_>,
    below: &[&str],
    visitor: &Visitor,
    form: &Form,
) -> Result<Response, Failure> {
    asked.only("GET, POST")?;
    if asked.method == "POST" && !visitor.role.may_change() {
        return Err(ScimError::new(403, "you may see this and change nothing").into());
    }
    match (below, visitor.role.tenant()) {
        ([], Some(own)) => Ok(render::see_other(&format!("/console/{own}/connect"))),
        ([], None) => tenants::handle(asked, visitor, form).await,
        ([tenant, rest @ ..], _) => {
            // A person who may not see a tenant must not learn whether it exists.
            if !visitor.role.may_see(tenant) {
                return Err(no_page());
            }
            let name = names::name(asked.context, tenant).await?;
            let page = Page { asked, visitor, form, tenant, name: &name };
            match rest {
                [] => Ok(page.go_to("connect")),
                [section, below @ ..] => of_tenant(&page, section, below).await,
            }
        }
    }
}

/// Counts what the page reads of the directory. The administrator of a customer has the limits of that tenant, so that no other tenant
/// pays for such pages; the vendor's staff may look at a tenant that is beyond its limits.
async fn limit(page: &Page<'_>) -> Result<(), ScimError> {
    let context = page.asked.context;
    if !page.visitor.role.is_vendor() {
        rate::tenant(context, page.tenant).await?;
        rate::check_rows(context, page.tenant)?;
    }
    rate::meter(context, page.tenant);
    Ok(())
}

async fn of_tenant(page: &Page<'_>, section: &str, below: &[&str]) -> Result<Response, Failure> {
    page.asked.context.entry.note(|facts| facts.tenant = Some(page.tenant.to_string()));
    if matches!(section, "deliveries" | "settings" | "suspend" | "resume") && !page.visitor.role.is_vendor() {
        return Err(no_page());
    }
    limit(page).await?;
    match section {
        "connect" => connect::handle(page, below).await,
        "activity" => activity::handle(page, below).await,
        "users" | "groups" => people::handle(page, section, below).await,
        "roles" => roles::handle(page, below).await,
        "deliveries" => deliveries::handle(page, below).await,
        "health" => health::handle(page, below).await,
        "audit" => audit::handle(page, below).await,
        "settings" => settings::handle(page, below).await,
        "suspend" | "resume" if below.is_empty() => settings::enable(page, section == "resume").await,
        _ => Err(no_page()),
    }
}
