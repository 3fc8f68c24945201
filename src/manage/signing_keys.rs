//! The keys that sign access tokens: listing, replacing, revoking.

use database::Failure;
use tenants::oauth::{self as clients, SigningKey};

use super::by::{By, Deed};
use crate::auth::{self, cache};
use crate::context::RequestContext;

/// Returns the keys, the one that signs first.
///
/// # Errors
/// If the database fails.
pub async fn list(context: &RequestContext) -> Result<Vec<SigningKey>, Failure> {
    clients::list_keys(context.accounts()).await
}

/// Replaces the key that signs by a new one. The old one still verifies for a while. Returns all keys.
///
/// # Errors
/// If the database fails.
pub async fn rotate(context: &RequestContext, by: By<'_>) -> Result<Vec<SigningKey>, Failure> {
    let new = auth::new_signing_key()?;
    let id = new.id.clone();
    let database = by.recorded(context, Deed::of_service("signing key", "created", &id));
    let keys = clients::rotate_keys(&database, new, context.now).await?;
    context.entry.note_credential(&id);
    Ok(keys)
}

/// Revokes a key, and with it every access token that it has signed.
///
/// # Errors
/// 404 if the key does not exist.
pub async fn revoke(context: &RequestContext, by: By<'_>, id: &str) -> Result<SigningKey, Failure> {
    let database = by.recorded(context, Deed::of_service("signing key", "revoked", id));
    let key = clients::revoke_key(&database, id, context.now).await?;
    cache::clear();
    context.entry.note_credential(&key.id);
    Ok(key)
}
