//! What a JWT opens: an access token that this service has given out, or a token of an issuer that the tenant trusts.

use directory::Failure;
use directory::clients::{self, Trusted};
use directory::tenants::Grant;
use oauth::{AccessToken, Algorithm, Jwt, SigningKey};
use scim::Instant;
use worker::Env;

use super::{Asking, keys, webcrypto};
use crate::log;

/// What the token opens for a client of that tenant. None where it opens nothing.
pub(super) async fn grant(asking: &Asking<'_>, tenant: &str, jwt: &Jwt) -> Result<Option<Grant>, Failure> {
    match jwt.algorithm {
        Algorithm::Hs256 => ours(asking, tenant, jwt).await,
        Algorithm::Rs256 | Algorithm::Es256 => of_an_issuer(asking, tenant, jwt).await,
    }
}

async fn ours(asking: &Asking<'_>, tenant: &str, jwt: &Jwt) -> Result<Option<Grant>, Failure> {
    let Some((token, key)) = AccessToken::claimed(jwt) else { return Ok(None) };
    // What says of itself that it is of no use here need not be looked up.
    if token.tenant != tenant || token.expires.saturating_mul(1_000) <= asking.now.0 {
        return Ok(None);
    }
    let Some((salt, grant)) = clients::grant_of(asking.database, &token, key, asking.now).await? else {
        return Ok(None);
    };
    Ok(signing_key(asking.env, key, &salt)?.verifies(jwt).then_some(grant))
}

async fn of_an_issuer(asking: &Asking<'_>, tenant: &str, jwt: &Jwt) -> Result<Option<Grant>, Failure> {
    let Some((trusted, until)) = believed(asking, tenant, jwt, None).await? else { return Ok(None) };
    if asking.behind {
        clients::note_use(asking.database, &trusted.issuer.id, asking.now).await?;
    }
    Ok(Some(Grant {
        token: trusted.issuer.id,
        tenant: tenant.to_string(),
        dialect: trusted.dialect,
        expires: Some(until),
        last_used: trusted.issuer.last_used,
    }))
}

/// The assertion of a client (RFC 7523 s3): which one it proves. `client` is the id that was sent with it.
pub async fn asserted(
    asking: &Asking<'_>,
    tenant: &str,
    client: Option<&str>,
    assertion: &str,
) -> Result<Option<Trusted>, Failure> {
    let Some(jwt) = Jwt::parse(assertion) else { return Ok(None) };
    Ok(believed(asking, tenant, &jwt, Some(client)).await?.map(|(trusted, _)| trusted))
}

/// The issuer that has signed the token and whose terms the token meets, and until when. `for_client` is None for a
/// bearer token; for an assertion it is the client's id, where one was sent.
async fn believed(
    asking: &Asking<'_>,
    tenant: &str,
    jwt: &Jwt,
    for_client: Option<Option<&str>>,
) -> Result<Option<(Trusted, Instant)>, Failure> {
    // Nobody else's token is signed with a secret of ours.
    let Some(issuer) = jwt.claims.text("iss").filter(|_| jwt.algorithm != Algorithm::Hs256) else {
        return Ok(None);
    };
    // Why it is not known whether the token is good; another issuer of that name may know it.
    let mut unknown = None;
    for trusted in clients::trusted(asking.database, tenant, issuer, for_client.is_some()).await? {
        // A client is known to its issuer by a name of the issuer's, and may call itself by either.
        let is_meant = |id: &str| trusted.issuer.client.as_deref() == Some(id) || jwt.claims.are_of(id);
        if !for_client.flatten().is_none_or(is_meant) {
            continue;
        }
        let refusal = match trusted.issuer.trust.check(&jwt.claims, asking.now.0) {
            Ok(until) => match keys::find(asking, &trusted, jwt).await {
                Ok(Some(key)) if webcrypto::has_signed(&key, jwt).await => {
                    return Ok(Some((trusted, Instant(until))));
                }
                Ok(Some(_)) => "its signature is not of the issuer's key".to_string(),
                Ok(None) => "its key (`kid`) is none of the issuer's".to_string(),
                Err(failure) => {
                    unknown = Some(failure);
                    continue;
                }
            },
            Err(distrust) => distrust.to_string(),
        };
        let message = format!("a token for the issuer {} is refused: {refusal}", trusted.issuer.id);
        log::warn(&message, asking.correlation_id);
    }
    unknown.map_or(Ok(None), Err)
}

/// The key that makes signatures of our own tokens, or verifies them.
pub fn signing_key(env: &Env, id: &str, salt: &str) -> Result<SigningKey, Failure> {
    let secret = env.secret("SIGNING_SECRET").map(|secret| secret.to_string()).unwrap_or_default();
    let missing =
        || "the secret SIGNING_SECRET is not set, so no access token is given out or taken".to_string();
    SigningKey::derive(&secret, id, salt).ok_or_else(|| Failure::Misconfigured(missing()))
}
