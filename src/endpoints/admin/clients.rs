//! OAuth clients of a tenant, as JSON; `manage::clients` does the work. A secret is shown in the response that
//! creates it, and never again.

use database::Failure;
use scim::Instant;
use serde_json::{Value, json};
use tenants::oauth::{Client, ClientSecret};

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use crate::address::{tenant_url, token_url};
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::clients::{self, CreateClient, TOKEN_SECONDS};

pub(super) async fn list(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let clients = clients::list(request.context, tenant).await?;
    let shown: Vec<Value> = clients.iter().map(show_client).collect();
    Ok(Response::json(200, &json!({"clients": shown})))
}

pub(super) async fn create(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["name", "tokenSeconds", "secret", "expires", "scopes"])?;
    let create = CreateClient {
        name: fields.name("name")?,
        scopes: fields.scopes()?,
        token_seconds: fields.integer("tokenSeconds", TOKEN_SECONDS)?,
        expires: fields.future("expires", request.context.now)?,
        has_secret: fields.boolean("secret")?.unwrap_or(true),
    };
    let (client, secret) = clients::create(request.context, By::ADMINISTRATOR, tenant, create).await?;
    let mut shown = show_client(&client);
    extend(&mut shown, addresses(request, tenant));
    if let Some(secret) = secret {
        extend(&mut shown, json!({"clientSecret": secret.reveal()}));
    }
    Ok(Response::json(201, &shown))
}

pub(super) async fn revoke(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &show_client(&clients::revoke(request.context, By::ADMINISTRATOR, tenant, id).await?),
    ))
}

pub(super) async fn create_secret(
    request: &AdminRequest<'_>,
    tenant: &str,
    client: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["expires"])?;
    let expires = fields.future("expires", request.context.now)?;
    let issued = clients::create_secret(request.context, By::ADMINISTRATOR, tenant, client, expires).await?;
    let mut shown = show_secret(&issued.made);
    extend(&mut shown, addresses(request, tenant));
    let (secret, in_force) = (issued.secret.reveal(), issued.in_force);
    extend(&mut shown, json!({"clientId": client, "clientSecret": secret, "secretsInForce": in_force}));
    Ok(Response::json(201, &shown))
}

pub(super) async fn revoke_secret(
    request: &AdminRequest<'_>,
    tenant: &str,
    client: &str,
    id: &str,
) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &show_secret(&clients::revoke_secret(request.context, By::ADMINISTRATOR, tenant, client, id).await?),
    ))
}

/// Returns what an administrator enters at the identity provider besides id and secret.
fn addresses(request: &AdminRequest<'_>, tenant: &str) -> Value {
    json!({"tenantUrl": tenant_url(request.origin, tenant), "tokenUrl": token_url(request.origin, tenant)})
}

fn show_client(client: &Client) -> Value {
    let secrets: Vec<Value> = client.secrets.iter().map(show_secret).collect();
    json!({
        "clientId": client.id,
        "name": client.name,
        "scopes": client.scopes.names(),
        "tokenSeconds": client.token_seconds,
        "created": client.created.to_rfc3339(),
        "revoked": client.revoked.map(Instant::to_rfc3339),
        "secrets": secrets,
    })
}

fn show_secret(secret: &ClientSecret) -> Value {
    json!({
        "id": secret.id,
        "created": secret.created.to_rfc3339(),
        "expires": secret.expires.to_rfc3339(),
        "lastUsed": secret.last_used.map(Instant::to_rfc3339),
        "revoked": secret.revoked.map(Instant::to_rfc3339),
    })
}
