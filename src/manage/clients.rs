//! OAuth clients of tenants with their secrets: creating, listing, revoking.

use database::Failure;
use oauth::Scopes;
use scim::{Instant, ScimError};
use serde_json::json;
use tenants::Secret;
use tenants::oauth::{self as clients, Client, ClientSecret, NewClient, NewClientSecret};

use super::bounds::Bounds;
use super::by::{By, Deed};
use crate::auth::cache;
use crate::context::RequestContext;
use crate::ids;

/// Seconds for which an access token may be valid, and for how many it is by default. Microsoft's gallery demands one
/// hour to six.
pub const TOKEN_SECONDS: Bounds = Bounds { least: 3_600, most: 21_600 };
const USUAL_TOKEN_SECONDS: i64 = 3_600;
/// Days for which a secret is valid: by default, and at most. Microsoft's gallery demands one year to three.
const SECRET_DAYS: (i64, i64) = (730, 1_096);
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A client to create.
pub struct CreateClient<'a> {
    /// The name, which says what it is for; `client` by default.
    pub name: Option<&'a str>,
    /// What its access tokens may do; all of SCIM by default.
    pub scopes: Option<Scopes>,
    /// For how many seconds an access token is valid.
    pub token_seconds: Option<i64>,
    /// Whether it gets a secret. A client that authenticates by assertions needs none.
    pub has_secret: bool,
    /// When the secret expires.
    pub expires: Option<Instant>,
}

/// Returns the clients of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list(context: &RequestContext, tenant: &str) -> Result<Vec<Client>, Failure> {
    clients::list_clients(context.accounts(), tenant).await
}

/// Creates a client. Returns it with its secret, which cannot be retrieved again.
///
/// # Errors
/// 400 if the secret would expire too late, 404 if the tenant does not exist.
pub async fn create(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    create: CreateClient<'_>,
) -> Result<(Client, Option<Secret>), Failure> {
    let (id, secret_id) = (ids::new_id(), ids::new_id());
    let name = create.name.unwrap_or("client");
    let made = Deed::of(tenant, "client", "created", &id).named(name);
    let with_secret =
        Deed::of(tenant, "client secret", "created", &secret_id).named(name).with(json!({"client": id}));
    let deeds = std::iter::once(made).chain(create.has_secret.then_some(with_secret));
    let database = by.recorded_all(context, deeds);
    let new = NewClient {
        id: &id,
        name,
        scopes: create.scopes.unwrap_or(Scopes::SCIM),
        token_seconds: create.token_seconds.unwrap_or(USUAL_TOKEN_SECONDS),
    };
    let expires = secret_expires(create.expires, context.now)?;
    let secret = Secret::of_client(&ids::random()?);
    let first = NewClientSecret { id: &secret_id, secret: &secret, expires };
    let first = create.has_secret.then_some(first);
    let client = clients::create_client(&database, tenant, new, first, context.now).await?;
    context.entry.note_credential(&client.id);
    client.secrets.iter().for_each(|secret| context.entry.note_credential(&secret.id));
    Ok((client, create.has_secret.then_some(secret)))
}

/// Revokes a client, and with it every access token that was issued to it.
///
/// # Errors
/// 404 if the tenant does not have the client.
pub async fn revoke(context: &RequestContext, by: By<'_>, tenant: &str, id: &str) -> Result<Client, Failure> {
    let database = by.recorded(context, Deed::of(tenant, "client", "revoked", id));
    let client = clients::revoke_client(&database, tenant, id, context.now).await?;
    cache::clear();
    context.entry.note_credential(&client.id);
    Ok(client)
}

/// A new secret of a client, which cannot be retrieved again.
pub struct IssuedSecret {
    /// The secret as it is listed.
    pub made: ClientSecret,
    /// What the customer enters.
    pub secret: Secret,
    /// How many secrets of the client are valid, this one included.
    pub in_force: i64,
}

/// Creates another secret of a client.
///
/// # Errors
/// 400 if it would expire too late; 404 if the tenant does not have the client, or it was revoked.
pub async fn create_secret(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    client: &str,
    expires: Option<Instant>,
) -> Result<IssuedSecret, Failure> {
    let (secret, id) = (Secret::of_client(&ids::random()?), ids::new_id());
    let expires = secret_expires(expires, context.now)?;
    let new = NewClientSecret { id: &id, secret: &secret, expires };
    let deed = Deed::of(tenant, "client secret", "created", &id).with(json!({"client": client}));
    let database = by.recorded(context, deed);
    let (made, in_force) = clients::create_secret(&database, tenant, client, new, context.now).await?;
    context.entry.note_credential(&made.id);
    Ok(IssuedSecret { made, secret, in_force })
}

/// Revokes a secret, and with it the access tokens that were issued for it.
///
/// # Errors
/// 404 if the client does not have the secret.
pub async fn revoke_secret(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    client: &str,
    id: &str,
) -> Result<ClientSecret, Failure> {
    let deed = Deed::of(tenant, "client secret", "revoked", id).with(json!({"client": client}));
    let database = by.recorded(context, deed);
    let secret = clients::revoke_secret(&database, tenant, client, id, context.now).await?;
    cache::clear();
    context.entry.note_credential(&secret.id);
    Ok(secret)
}

fn secret_expires(expires: Option<Instant>, now: Instant) -> Result<Instant, ScimError> {
    let (usual, most) = SECRET_DAYS;
    let after = |days: i64| Instant(now.0.saturating_add(days * DAY));
    let expires = expires.unwrap_or(after(usual));
    if expires > after(most) {
        return Err(ScimError::new(400, format!("`expires` is more than {most} days away")));
    }
    Ok(expires)
}
