//! Tokens of a tenant, as JSON; `manage::tokens` does the work. A token is shown in the response that creates it, and
//! never again.

use database::Failure;
use scim::Instant;
use serde_json::{Value, json};
use tenants::Token;

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use crate::address::tenant_url;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::tokens::{self, CreateToken, IssuedToken, OVERLAP_HOURS, RotateToken};

pub(super) async fn list(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let tokens = tokens::list(request.context, tenant).await?;
    let shown: Vec<Value> = tokens.iter().map(show_one).collect();
    Ok(Response::json(200, &json!({"tokens": shown})))
}

pub(super) async fn create(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["name", "expires", "scopes"])?;
    let create = CreateToken {
        name: fields.name("name")?,
        scopes: fields.scopes()?,
        expires: fields.future("expires", request.context.now)?,
    };
    Ok(show_new(request, tenant, &tokens::create(request.context, By::ADMINISTRATOR, tenant, create).await?))
}

pub(super) async fn rotate(
    request: &AdminRequest<'_>,
    tenant: &str,
    old: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["name", "expires", "overlapHours"])?;
    let rotate = RotateToken {
        overlap_hours: fields.integer("overlapHours", OVERLAP_HOURS)?,
        name: fields.name("name")?,
        expires: fields.future("expires", request.context.now)?,
    };
    Ok(show_new(
        request,
        tenant,
        &tokens::rotate(request.context, By::ADMINISTRATOR, tenant, old, rotate).await?,
    ))
}

pub(super) async fn revoke(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(&tokens::revoke(request.context, By::ADMINISTRATOR, tenant, id).await?)))
}

/// Shows a new token, which is the only time.
fn show_new(request: &AdminRequest<'_>, tenant: &str, issued: &IssuedToken) -> Response {
    let mut shown = show_one(&issued.token);
    let tenant_url = tenant_url(request.origin, tenant);
    let token = issued.secret.reveal();
    extend(&mut shown, json!({"token": token, "tenantUrl": tenant_url, "tokensInForce": issued.in_force}));
    Response::json(201, &shown)
}

/// Returns a token as it is shown, without its secret.
pub(super) fn show_one(token: &Token) -> Value {
    let time = |time: Option<Instant>| time.map(Instant::to_rfc3339);
    json!({
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes.names(),
        "created": token.created.to_rfc3339(),
        "expires": time(token.expires),
        "lastUsed": time(token.last_used),
        "revoked": time(token.revoked),
    })
}
