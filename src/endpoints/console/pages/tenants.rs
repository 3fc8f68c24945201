//! The list of tenants, for the vendor's staff, and the form that creates one.

use console::{State, TenantRow, Tenants};
use database::Failure;
use directory::Usage;
use oauth::Form;
use scim::ScimError;

use super::page::by;
use crate::endpoints::console::console_request::ConsoleRequest;
use crate::endpoints::console::frame;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::lines;
use crate::manage::tenants::{self, CreateTenant, Listed};
use crate::visitors::Visitor;

/// Tenants on a page.
const PAGE: usize = 50;

/// Answers the list; a POST creates a tenant and opens its Connect page.
///
/// # Errors
/// If the database fails.
pub(super) async fn handle(
    asked: &ConsoleRequest<'_>,
    visitor: &Visitor,
    form: &Form,
) -> Result<Response, Failure> {
    if asked.method == "GET" {
        asked.named("tenants");
        return list(asked, visitor, form, None).await;
    }
    asked.named("create tenant");
    match create(asked, visitor, form).await {
        Ok(id) => Ok(render::see_other(&format!("/console/{id}/connect"))),
        Err(failure) => list(asked, visitor, form, Some(&failure.into_refusal()?)).await,
    }
}

async fn create(asked: &ConsoleRequest<'_>, visitor: &Visitor, form: &Form) -> Result<String, Failure> {
    let field = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty());
    let id = field("id").ok_or_else(|| ScimError::new(400, "a tenant needs an id"))?;
    let name = field("name").map(|text| lines::name("name", text)).transpose()?;
    asked.context.entry.note(|facts| facts.tenant = Some(id.to_string()));
    let create =
        CreateTenant { id, name, dialect: None, log_retention_days: None, activity_retention_days: None };
    tenants::create(asked.context, by(visitor), create).await.map(|tenant| tenant.id)
}

/// Renders the list. After a refusal it says why, and holds what was entered.
async fn list(
    asked: &ConsoleRequest<'_>,
    visitor: &Visitor,
    form: &Form,
    refusal: Option<&ScimError>,
) -> Result<Response, Failure> {
    let query = asked.query();
    let after = query.get("after").unwrap_or_default();
    let (listed, has_more) = tenants::overview(asked.context, after, PAGE).await?;
    let next = listed.last().filter(|_| has_more).map(|last| last.overview.tenant.clone());
    let entered = |name: &str| form.get(name).filter(|_| refusal.is_some()).unwrap_or_default().to_string();
    let page = Tenants {
        frame: frame::open("Tenants", "tenants", asked, visitor),
        tenants: listed.iter().map(row).collect(),
        next,
        problem: render::problem(refusal),
        id: entered("id"),
        name: entered("name"),
    };
    render::page_after(refusal, &page)
}

fn row(Listed { row, overview }: &Listed) -> TenantRow {
    let of = |name: &str| {
        overview.usage.iter().find(|usage| usage.quota.name() == name).map_or(0, |usage| usage.used)
    };
    let state = match row {
        Some(row) if row.deleted.is_some() => State::watch("being deleted"),
        Some(row) if row.suspended.is_some() => State::off("suspended"),
        _ if overview.warning.is_some() => State::bad("mass deprovisioning"),
        _ if overview.is_failing => State::bad("failing"),
        _ if overview.last_request.is_none() => State::off("not connected yet"),
        _ => State::good("active"),
    };
    TenantRow {
        id: overview.tenant.clone(),
        name: row.as_ref().map_or(&overview.tenant, |row| &row.name).clone(),
        users: of("users"),
        groups: of("groups"),
        last_request: overview.last_request.map(|at| at.0),
        state,
        quota: overview.usage.iter().map(share).max(),
    }
}

/// Returns how much of a quota is used, in percent, and its name.
fn share(usage: &Usage) -> (i64, String) {
    let percent = i128::from(usage.used) * 100 / i128::from(usage.most.max(1));
    (i64::try_from(percent).unwrap_or(i64::MAX), usage.quota.name().to_string())
}
