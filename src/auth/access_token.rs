//! Access tokens that this service has issued (`endpoints/token`): JWTs signed with one of its own keys.

use database::Failure;
use oauth::{AccessToken, Algorithm, Jwt};
use scim::Instant;
use tenants::Grant;
use tenants::oauth as clients;

use super::cache;
use super::signing::signing_key;
use crate::context::RequestContext;
use tenants::Cached;

/// Returns what an access token grants to a client of that tenant. None if it is not valid.
///
/// # Errors
/// If the database fails, or the secret of the signatures is missing.
pub(super) async fn verify_access_token(
    context: &RequestContext,
    tenant: &str,
    jwt: &Jwt,
) -> Result<Option<Grant>, Failure> {
    let Some((token, key)) = claimed(context, tenant, jwt) else { return Ok(None) };
    let Some((salt, grant)) = clients::grant_of(context.accounts(), &token, key, context.now).await? else {
        return Ok(None);
    };
    cache::insert_salt(key, &salt, context.now);
    if !signing_key(context, key, &salt)?.verifies(jwt) {
        return Ok(None);
    }
    let in_force = grant.clone().map(|grant| Grant { expires: None, ..grant });
    cache::insert(cache::of_credential(&token), in_force, context.now);
    Ok(grant.map(|grant| narrowed(grant, &token)))
}

/// Returns what a JWT proves without the database, if it is one of this service's access tokens. `Invalid` if its
/// signature is not that of a cached key, so that a forged one costs nothing. `Valid` if the signature is good and
/// the credential that it was issued for is cached as valid. `Miss` for every other JWT.
///
/// # Errors
/// If the secret of the signatures is missing.
pub(super) fn verify_offline(context: &RequestContext, tenant: &str, jwt: &Jwt) -> Result<Cached, Failure> {
    if jwt.algorithm != Algorithm::Hs256 {
        return Ok(Cached::Miss);
    }
    let Some((token, key)) = claimed(context, tenant, jwt) else { return Ok(Cached::Invalid) };
    let Some(salt) = cache::salt(key, context.now) else { return Ok(Cached::Miss) };
    if !signing_key(context, key, &salt)?.verifies(jwt) {
        return Ok(Cached::Invalid);
    }
    Ok(match cache::get(cache::of_credential(&token), context.now) {
        Cached::Valid { grant, refresh } => {
            let grant = Grant { expires: Some(Instant(token.ends())), ..grant };
            Cached::Valid { grant: narrowed(grant, &token), refresh }
        }
        _ => Cached::Miss,
    })
}

/// Returns the grant of its client, reduced to the scopes for which the token was issued.
fn narrowed(grant: Grant, token: &AccessToken) -> Grant {
    let scopes = token.scopes.map_or(grant.scopes, |scopes| grant.scopes.intersection(scopes));
    Grant { scopes, ..grant }
}

/// Returns what the token claims. None if the claims cannot be valid here; no look-up is needed then.
fn claimed<'j>(context: &RequestContext, tenant: &str, jwt: &'j Jwt) -> Option<(AccessToken, &'j str)> {
    AccessToken::claimed(jwt).filter(|(token, _)| token.tenant == tenant && token.ends() > context.now.0)
}
