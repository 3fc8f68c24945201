//! The pages of a person who has signed in.
//!
//! What lives here: which page an address is, and who may see and change it. Each page has a file: `tenants` lists them, and the others
//! are pages of one tenant; `entry` and `flat` are what several of them read. What does not: what pages look like (the crate `console`), and what they show and change (`manage`).

mod activity;
mod audit;
mod connect;
mod credential;
mod deliveries;
mod entry;
mod flat;
mod health;
mod people;
mod roles;
mod settings;
mod tenants;

use console::Frame;
use database::Failure;
use oauth::Form;
use scim::ScimError;

use super::asked::Asked;
use super::{frame, render};
use crate::http::Response;
use crate::manage;
use crate::visitors::Visitor;

/// A request to a page of one tenant, by a person who may see it.
struct Page<'a> {
    asked: &'a Asked<'a>,
    visitor: &'a Visitor,
    /// What was sent; empty if the request is a GET. It comes from a page of this person.
    form: &'a Form,
    /// The id of the tenant.
    tenant: &'a str,
    /// Its display name.
    name: &'a str,
}

impl Page<'_> {
    /// Returns what surrounds the page.
    fn frame(&self, title: &str, section: &'static str) -> Frame {
        frame::of_tenant(title, section, self.asked, self.visitor, (self.tenant, self.name))
    }

    /// Returns whether the request changes something.
    fn is_post(&self) -> bool {
        self.asked.method == "POST"
    }

    /// Returns a field of the form without the blanks around it; None if it is empty.
    fn field(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Sends the browser to a page of the tenant.
    fn go_to(&self, below: &str) -> Response {
        render::see_other(&format!("/console/{}/{below}", self.tenant))
    }
}

/// Answers with a page. Of a request that may change something, the form has been checked: it comes from a page of this person.
///
/// # Errors
/// 404 if there is no such page or the person may not see it, 403 if the person may not change it, 405 if it does not take the method.
pub(super) async fn handle(
    asked: &Asked<'_>,
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
        ([tenant], _) => Ok(render::see_other(&format!("/console/{tenant}/connect"))),
        ([tenant, section, below @ ..], _) => {
            // A person who may not see a tenant must not learn whether it exists.
            if !visitor.role.may_see(tenant) {
                return Err(no_page());
            }
            let name = manage::tenants::name(asked.context, tenant).await?;
            let page = Page { asked, visitor, form, tenant, name: &name };
            of_tenant(&page, section, below).await
        }
    }
}

async fn of_tenant(page: &Page<'_>, section: &str, below: &[&str]) -> Result<Response, Failure> {
    page.asked.context.entry.note(|facts| facts.tenant = Some(page.tenant.to_string()));
    if matches!(section, "roles" | "deliveries" | "settings" | "suspend" | "resume")
        && !page.visitor.role.is_vendor()
    {
        return Err(no_page());
    }
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

fn no_page() -> Failure {
    ScimError::not_found("the console has no such page").into()
}
