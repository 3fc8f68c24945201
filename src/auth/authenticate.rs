//! From an Authorization header to what its credential grants. The cache of an instance holds the credentials that it has seen; an
//! entry that grows old is looked up again after the response. So a request waits for the database only when it
//! brings a credential that the instance has not seen for a minute.

use database::Failure;
use oauth::{Algorithm, Scopes};
use scim::Dialect;
use tenants::{DEFAULT, Grant, Hash};

use super::cache;
use super::credential::{Credential, bearer};
use super::{access_token, issuer_token, token, worker_secret};
use crate::context::RequestContext;
use crate::rate::{self, Door};
use tenants::Cached;

/// Returns what the credential in the header grants. None for every credential that does not open the tenant's directory, and for every
/// tenant that does not exist (any more): a client cannot tell the two apart.
///
/// The principal is made of the grant as a second step (`Principal::of`): if that fails, the client has authenticated all the same.
///
/// # Errors
/// If the database fails, or a secret of the Worker is missing.
pub async fn authenticate(
    context: &RequestContext,
    tenant: &str,
    authorization: Option<&str>,
) -> Result<Option<Grant>, Failure> {
    let Some(credential) = Credential::parse(context, tenant, authorization) else { return Ok(None) };
    let hash = match credential {
        Credential::WorkerSecret(name) => {
            return Ok(Some(Grant {
                token: name.to_string(),
                tenant: DEFAULT.to_string(),
                dialect: Dialect::default(),
                scopes: Scopes::SCIM,
                expires: None,
                last_used: None,
            }));
        }
        Credential::Token(hash) | Credential::Jwt(_, hash) => hash,
    };
    let cached = match cache::get(hash, context.now) {
        Cached::Miss => verify_unseen(context, tenant, &credential, hash).await?,
        cached => cached,
    };
    match cached {
        Cached::Valid { grant, refresh } if grant.opens(tenant, context.now) => {
            if refresh {
                refresh_after_response(context, tenant, credential, hash);
            }
            Ok(Some(grant))
        }
        _ => Ok(None),
    }
}

/// Returns whether the header holds a token of the administration.
pub fn is_administrator(context: &RequestContext, authorization: Option<&str>) -> bool {
    worker_secret::holds(context, "ADMIN_TOKEN", authorization.and_then(bearer).unwrap_or_default())
}

/// Verifies a credential that is not in the cache. One of this service's access tokens may be verified by its
/// signature; any other credential of a blocked client is not looked up, so that guessing costs no round trip.
async fn verify_unseen(
    context: &RequestContext,
    tenant: &str,
    credential: &Credential,
    hash: Hash,
) -> Result<Cached, Failure> {
    if let Credential::Jwt(jwt, _) = credential {
        match access_token::verify_offline(context, tenant, jwt)? {
            Cached::Miss => {}
            verified => return Ok(verified),
        }
    }
    if rate::is_blocked(context, Door::Tenant(tenant)) {
        return Ok(Cached::Invalid);
    }
    let grant = look_up(context, tenant, credential).await?;
    cache::insert(hash, grant, context.now);
    Ok(cache::get(hash, context.now))
}

async fn look_up(
    context: &RequestContext,
    tenant: &str,
    credential: &Credential,
) -> Result<Option<Grant>, Failure> {
    match credential {
        Credential::WorkerSecret(_) => Ok(None),
        Credential::Token(hash) => token::look_up(context, *hash).await,
        Credential::Jwt(jwt, _) => match jwt.algorithm {
            Algorithm::Hs256 => access_token::verify_access_token(context, tenant, jwt).await,
            Algorithm::Rs256 | Algorithm::Es256 => {
                issuer_token::verify_issuer_token(context, tenant, jwt).await
            }
        },
    }
}

/// Looks a cached credential up again. If that fails, the entry stays until it expires.
fn refresh_after_response(context: &RequestContext, tenant: &str, credential: Credential, hash: Hash) {
    let tenant = tenant.to_string();
    context.after_response("a token was not looked up again", move |context| async move {
        let grant = look_up(&context, &tenant, &credential).await?;
        cache::insert(hash, grant, context.now);
        Ok(())
    });
}
