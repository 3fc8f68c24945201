//! The administration: tenants and their credentials, as JSON under `/admin`, guarded by the secret `ADMIN_TOKEN`.
//!
//! What lives here: parsing requests (`route` by path and method, `fields` in bodies) and rendering JSON (`render`,
//! and one file for each thing that is managed). What does not: executing them, which is `manage`. Every request
//! leaves its line in the log, with the tenant and what was done.

mod activity;
mod audit;
mod clients;
mod console;
mod edge;
mod endpoints;
mod erasure;
mod fields;
mod issuers;
mod render;
mod request;
mod roles;
mod route;
mod signing_keys;
mod tenants;
mod tokens;
mod transfer;

use database::Failure;
use scim::limits;
use web_sys::Request;

use crate::address::Address;
use crate::client_error::client_error;
use crate::context::RequestContext;
use crate::http::Response;
use crate::rate::{self, Door};
use crate::{auth, http};
use render::refused;
use request::AdminRequest;
use route::{Action, Routed, route};

/// Answers a request to the administration, also if it fails.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    below: &[&str],
    address: &Address,
) -> Response {
    let authorization = http::header(request, "Authorization");
    if !auth::is_administrator(context, authorization.as_deref()) {
        if let Err(error) = rate::failed(context, Door::Administration).await {
            return refused(&error);
        }
        return auth::unauthorized(authorization.as_deref(), refused);
    }
    context.gather_reads();
    let (origin, query) = (address.origin.as_str(), address.query.as_str());
    let asked = AdminRequest { context, method, origin, query };
    read_and_dispatch(request, &asked, below)
        .await
        .unwrap_or_else(|failure| refused(&client_error(failure, &context.entry)))
}

async fn read_and_dispatch(
    request: &Request,
    asked: &AdminRequest<'_>,
    below: &[&str],
) -> Result<Response, Failure> {
    let tenant = below.get(1).filter(|_| below.first() == Some(&"tenants"));
    asked.context.entry.note(|facts| facts.tenant = tenant.map(|tenant| (*tenant).to_string()));
    let Routed { action, ids, name } = route(below, asked.method)?;
    asked.context.entry.note(|facts| facts.operation = format!("admin {name}"));
    let body = match (action, asked.method) {
        (Action::Import, _) => http::body(request, limits::IMPORT_BODY).await?,
        (_, "POST" | "PATCH") => http::body(request, limits::ADMIN_BODY).await?,
        _ => Vec::new(),
    };
    dispatch(asked, action, &ids, &body).await
}

async fn dispatch(
    request: &AdminRequest<'_>,
    action: Action,
    ids: &[&str],
    body: &[u8],
) -> Result<Response, Failure> {
    match (action, ids) {
        (Action::ListTenants, _) => tenants::list(request).await,
        (Action::CreateTenant, _) => tenants::create(request, body).await,
        (Action::ShowTenant, [id]) => tenants::show(request, id).await,
        (Action::UpdateTenant, [id]) => tenants::update(request, id, body).await,
        (Action::DeleteTenant, [id]) => tenants::delete(request, id).await,
        (Action::Recount, [id]) => tenants::recount(request, id).await,
        (Action::ListTokens, [id]) => tokens::list(request, id).await,
        (Action::CreateToken, [id]) => tokens::create(request, id, body).await,
        (Action::RevokeToken, [id, token]) => tokens::revoke(request, id, token).await,
        (Action::RotateToken, [id, token]) => tokens::rotate(request, id, token, body).await,
        (Action::ListClients, [id]) => clients::list(request, id).await,
        (Action::CreateClient, [id]) => clients::create(request, id, body).await,
        (Action::RevokeClient, [id, client]) => clients::revoke(request, id, client).await,
        (Action::CreateSecret, [id, client]) => clients::create_secret(request, id, client, body).await,
        (Action::RevokeSecret, [id, client, secret]) => {
            clients::revoke_secret(request, id, client, secret).await
        }
        (Action::ListIssuers, [id]) => issuers::list(request, id).await,
        (Action::CreateIssuer, [id]) => issuers::create(request, id, body).await,
        (Action::RevokeIssuer, [id, issuer]) => issuers::revoke(request, id, issuer).await,
        (Action::FetchIssuer, [id, issuer]) => issuers::fetch(request, id, issuer).await,
        (Action::Export, [id]) => transfer::export(request, id).await,
        (Action::Import, [id]) => transfer::import(request, id, body).await,
        (Action::Activity, [id]) => activity::read(request, id).await,
        (Action::Audit, [id]) => audit::read(request, id).await,
        (Action::ListEndpoints, [id]) => endpoints::list(request, id).await,
        (Action::CreateEndpoint, [id]) => endpoints::create(request, id, body).await,
        (Action::DeleteEndpoint, [id, endpoint]) => endpoints::delete(request, id, endpoint).await,
        (Action::PauseEndpoint, [id, endpoint]) => endpoints::pause(request, id, endpoint).await,
        (Action::ResumeEndpoint, [id, endpoint]) => endpoints::resume(request, id, endpoint).await,
        (Action::RotateEndpoint, [id, endpoint]) => endpoints::rotate(request, id, endpoint, body).await,
        (Action::ReplayEndpoint, [id, endpoint]) => endpoints::replay(request, id, endpoint, body).await,
        (Action::SkipEvent, [id, endpoint]) => endpoints::skip(request, id, endpoint).await,
        (Action::TestEndpoint, [id, endpoint]) => endpoints::test(request, id, endpoint).await,
        (Action::Erase, [id]) => erasure::erase(request, id, body).await,
        (Action::ShowEdge, [id]) => edge::show(request, id).await,
        (Action::WorkEdge, [id]) => edge::work(request, id).await,
        (Action::RebuildEdge, [id]) => edge::rebuild(request, id).await,
        (Action::ListRoles, [id]) => roles::list(request, id).await,
        (Action::MapRole, [id]) => roles::map(request, id, body).await,
        (Action::UnmapRole, [id, mapping]) => roles::unmap(request, id, mapping).await,
        (Action::CreateSetupLink, [id]) => console::create_set_up(request, id, body).await,
        (Action::ListSetupLinks, [id]) => console::list_set_up(request, id).await,
        (Action::RevokeSetupLink, [id, link]) => console::revoke_set_up(request, id, link).await,
        (Action::CreateConsoleLink, _) => console::create(request, body).await,
        (Action::ListConsoleSessions, _) => console::list_sessions(request).await,
        (Action::RevokeConsoleSession, [session]) => console::revoke_session(request, session).await,
        (Action::ListSigningKeys, _) => signing_keys::list(request).await,
        (Action::RotateSigningKeys, _) => signing_keys::rotate(request).await,
        (Action::RevokeSigningKey, [key]) => signing_keys::revoke(request, key).await,
        _ => Err(Failure::misconfigured("a path of the administration has too few ids")),
    }
}
