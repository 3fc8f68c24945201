//! Secret Tokens of tenants: creating, listing, replacing, revoking.

use database::Failure;
use oauth::Scopes;
use scim::Instant;
use serde_json::json;
use tenants::{NewToken, Secret, Token};

use super::bounds::Bounds;
use super::by::{By, Deed};
use crate::auth::cache;
use crate::context::RequestContext;
use crate::ids;

/// Hours for which the old token may stay valid beside the new one, and for how many it does by default.
pub const OVERLAP_HOURS: Bounds = Bounds { least: 0, most: 720 };
const USUAL_OVERLAP: i64 = 24;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// A token to create.
pub struct CreateToken<'a> {
    /// The name, which says what it is for; `token` by default.
    pub name: Option<&'a str>,
    /// When it expires.
    pub expires: Option<Instant>,
    /// What it may do; all of SCIM by default.
    pub scopes: Option<Scopes>,
}

/// A token that replaces another, whose scopes it gets.
pub struct RotateToken<'a> {
    /// The name, which says what it is for; by default that of the old one.
    pub name: Option<&'a str>,
    /// When it expires.
    pub expires: Option<Instant>,
    /// For how many hours the old one stays valid.
    pub overlap_hours: Option<i64>,
}

/// A new token, whose secret cannot be retrieved again.
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// What the customer enters.
    pub secret: Secret,
    /// How many tokens of the tenant are valid, this one included: after a repeated rotation there are more of them
    /// than the administrator expects.
    pub in_force: i64,
    /// Until when the token that it replaces stays valid.
    pub old_until: Option<Instant>,
}

/// Returns the tokens of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list(context: &RequestContext, tenant: &str) -> Result<Vec<Token>, Failure> {
    tenants::list_tokens(context.accounts(), tenant).await
}

/// Creates a token.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn create(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    create: CreateToken<'_>,
) -> Result<IssuedToken, Failure> {
    let secret = Secret::new(&ids::random()?);
    let CreateToken { name, expires, scopes } = create;
    let (id, name) = (ids::new_id(), name.unwrap_or("token"));
    let database = by.recorded(context, Deed::of(tenant, "token", "created", &id).named(name));
    let new = NewToken { id: id.clone(), name: Some(name), scopes, secret: &secret, expires };
    let (token, in_force) = tenants::create_token(&database, tenant, new, context.now).await?;
    context.entry.note_credential(&token.id);
    Ok(IssuedToken { token, secret, in_force, old_until: None })
}

/// Creates a token that replaces another, which ends after the overlap.
///
/// # Errors
/// 404 if the tenant does not have the old token, 409 if that was revoked.
pub async fn rotate(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    old: &str,
    rotate: RotateToken<'_>,
) -> Result<IssuedToken, Failure> {
    let secret = Secret::new(&ids::random()?);
    let RotateToken { name, expires, overlap_hours } = rotate;
    let id = ids::new_id();
    let deed = Deed::of(tenant, "token", "created", &id).with(json!({"replaces": old}));
    let database = by.recorded(context, deed);
    let new = NewToken { id: id.clone(), name, scopes: None, secret: &secret, expires };
    let overlap = overlap_hours.unwrap_or(USUAL_OVERLAP);
    let until = Instant(context.now.0.saturating_add(overlap * HOUR));
    let (token, in_force) = tenants::rotate(&database, tenant, old, new, until, context.now).await?;
    cache::clear();
    context.entry.note_credential(&token.id);
    context.entry.note_credential(old);
    Ok(IssuedToken { token, secret, in_force, old_until: Some(until) })
}

/// Revokes a token.
///
/// # Errors
/// 404 if the tenant does not have the token.
pub async fn revoke(context: &RequestContext, by: By<'_>, tenant: &str, id: &str) -> Result<Token, Failure> {
    let database = by.recorded(context, Deed::of(tenant, "token", "revoked", id));
    let token = tenants::revoke(&database, tenant, id, context.now).await?;
    cache::clear();
    context.entry.note_credential(&token.id);
    Ok(token)
}
