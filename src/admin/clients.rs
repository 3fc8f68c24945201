//! OAuth clients of a customer: made, listed, revoked, and their secrets as well. A secret is shown in the answer that
//! makes it, and never again.

use database::Failure;
use scim::{HttpResponse, Instant, ScimError};
use serde_json::{Value, json};
use tenants::Secret;
use tenants::oauth::{self as clients, Client, ClientSecret, NewClient, NewClientSecret};

use super::fields::Fields;
use super::{Asked, answer, extend};
use crate::address::{tenant_url, token_url};
use crate::{auth, ids};

/// Seconds for which an access token is good, where nothing else is said, at least, and at most. Microsoft's gallery takes
/// one hour to six.
const TOKEN_SECONDS: (i64, i64, i64) = (3_600, 3_600, 21_600);
/// Days for which a secret is good, where nothing else is said, and at most. Microsoft's gallery takes one year to three.
const SECRET_DAYS: (i64, i64) = (730, 1_096);
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

pub(super) async fn list(asked: &Asked<'_>, tenant: &str) -> Result<HttpResponse, Failure> {
    let clients = clients::list_clients(asked.station.database, tenant).await?;
    let shown: Vec<Value> = clients.iter().map(show_client).collect();
    Ok(answer(200, &json!({"clients": shown})))
}

pub(super) async fn create(asked: &Asked<'_>, tenant: &str, body: &[u8]) -> Result<HttpResponse, Failure> {
    let now = asked.station.now;
    let fields = Fields::read(body, &["name", "tokenSeconds", "secret", "expires"])?;
    let (usual, least, most) = TOKEN_SECONDS;
    let id = ids::new_id();
    let new = NewClient {
        id: &id,
        name: fields.name("name")?.unwrap_or("client"),
        token_seconds: fields.integer("tokenSeconds", least, most)?.unwrap_or(usual),
    };
    let (secret, secret_id) = (Secret::of_client(&ids::random()?), ids::new_id());
    let first = NewClientSecret { id: &secret_id, secret: &secret, expires: expires(&fields, now)? };
    let first = fields.boolean("secret")?.unwrap_or(true).then_some(first);
    let has_secret = first.is_some();
    let client = clients::create_client(asked.station.database, tenant, new, first, now).await?;
    asked.note(&client.id);
    client.secrets.iter().for_each(|secret| asked.note(&secret.id));
    let mut shown = show_client(&client);
    extend(&mut shown, addresses(asked, tenant));
    if has_secret {
        extend(&mut shown, json!({"clientSecret": secret.reveal()}));
    }
    Ok(answer(201, &shown))
}

pub(super) async fn revoke(asked: &Asked<'_>, tenant: &str, id: &str) -> Result<HttpResponse, Failure> {
    let client = clients::revoke_client(asked.station.database, tenant, id, asked.station.now).await?;
    auth::forget();
    asked.note(&client.id);
    Ok(answer(200, &show_client(&client)))
}

pub(super) async fn create_secret(
    asked: &Asked<'_>,
    tenant: &str,
    client: &str,
    body: &[u8],
) -> Result<HttpResponse, Failure> {
    let now = asked.station.now;
    let fields = Fields::read(body, &["expires"])?;
    let (secret, id) = (Secret::of_client(&ids::random()?), ids::new_id());
    let new = NewClientSecret { id: &id, secret: &secret, expires: expires(&fields, now)? };
    let (made, in_force) = clients::create_secret(asked.station.database, tenant, client, new, now).await?;
    asked.note(&made.id);
    let mut shown = show_secret(&made);
    extend(&mut shown, addresses(asked, tenant));
    extend(
        &mut shown,
        json!({"clientId": client, "clientSecret": secret.reveal(), "secretsInForce": in_force}),
    );
    Ok(answer(201, &shown))
}

pub(super) async fn revoke_secret(
    asked: &Asked<'_>,
    tenant: &str,
    client: &str,
    id: &str,
) -> Result<HttpResponse, Failure> {
    let secret =
        clients::revoke_secret(asked.station.database, tenant, client, id, asked.station.now).await?;
    auth::forget();
    asked.note(&secret.id);
    Ok(answer(200, &show_secret(&secret)))
}

/// What an administrator enters at the identity provider beside id and secret.
fn addresses(asked: &Asked<'_>, tenant: &str) -> Value {
    json!({"tenantUrl": tenant_url(asked.origin, tenant), "tokenUrl": token_url(asked.origin, tenant)})
}

fn expires(fields: &Fields, now: Instant) -> Result<Instant, ScimError> {
    let (usual, most) = SECRET_DAYS;
    let after = |days: i64| Instant(now.0.saturating_add(days * DAY));
    let expires = fields.future("expires", now)?.unwrap_or(after(usual));
    if expires > after(most) {
        return Err(ScimError::new(400, format!("`expires` is more than {most} days away")));
    }
    Ok(expires)
}

fn show_client(client: &Client) -> Value {
    let secrets: Vec<Value> = client.secrets.iter().map(show_secret).collect();
    json!({
        "clientId": client.id,
        "name": client.name,
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
