//! Links and sessions of the console, as JSON; `manage::console` does the work. A link is shown in the response that creates it, and never
//! again.

use database::Failure;
use scim::{Instant, ScimError};
use serde_json::{Value, json};
use tenants::console::{Link, Role, SignIn};

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use crate::address::console_link;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::console::{self, CreateLink, IssuedLink};

pub(super) async fn create(request: &AdminRequest<'_>, body: &[u8]) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["role", "person"])?;
    let role = match fields.text("role")? {
        None | Some("admin") => Role::Admin,
        Some("viewer") => Role::Viewer,
        Some(_) => return Err(ScimError::new(400, "`role` must be `admin` or `viewer`").into()),
    };
    let create = CreateLink { role, person: fields.name("person")? };
    let issued = console::create_link(request.context, By::ADMINISTRATOR, create).await?;
    Ok(show_new(request, &issued))
}

pub(super) async fn create_set_up(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["person"])?;
    let role = Role::Customer(tenant.to_string());
    let create = CreateLink { role, person: fields.name("person")? };
    let issued = console::create_link(request.context, By::ADMINISTRATOR, create).await?;
    Ok(show_new(request, &issued))
}

pub(super) async fn list_set_up(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let links = console::list_links(request.context, tenant).await?;
    let links: Vec<Value> = links.iter().map(show_link).collect();
    Ok(Response::json(200, &json!({"setupLinks": links})))
}

pub(super) async fn revoke_set_up(
    request: &AdminRequest<'_>,
    tenant: &str,
    id: &str,
) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &show_link(&console::revoke_link(request.context, By::ADMINISTRATOR, tenant, id).await?),
    ))
}

pub(super) async fn list_sessions(request: &AdminRequest<'_>) -> Result<Response, Failure> {
    let all = console::list_sign_ins(request.context, request.given("tenant")).await?;
    let all: Vec<Value> = all.iter().map(show_session).collect();
    Ok(Response::json(200, &json!({"sessions": all})))
}

pub(super) async fn revoke_session(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &show_session(&console::revoke_session(request.context, By::ADMINISTRATOR, id).await?),
    ))
}

/// Shows a new link, which is the only time.
fn show_new(request: &AdminRequest<'_>, IssuedLink { link, code }: &IssuedLink) -> Response {
    let mut shown = show_link(link);
    extend(&mut shown, json!({"url": console_link(request.origin, code.reveal())}));
    Response::json(201, &shown)
}

fn show_link(link: &Link) -> Value {
    json!({
        "id": link.id,
        "role": link.role.name(),
        "tenant": link.role.tenant(),
        "person": link.person,
        "madeBy": link.maker,
        "created": link.created.to_rfc3339(),
        "expires": link.expires.to_rfc3339(),
        "lastUsed": link.used.map(Instant::to_rfc3339),
        "uses": link.uses,
        "revoked": link.revoked.map(Instant::to_rfc3339),
    })
}

fn show_session(SignIn { session, link, created, ended }: &SignIn) -> Value {
    json!({
        "id": session.id,
        "role": session.role.name(),
        "tenant": session.role.tenant(),
        "person": session.person,
        "link": link,
        "created": created.to_rfc3339(),
        "expires": session.expires.to_rfc3339(),
        "ended": ended.map(Instant::to_rfc3339),
    })
}
