//! What a JWT opens: an access token that this service has given out, or a token of an issuer that the tenant trusts.

use database::Failure;
use oauth::{AccessToken, Algorithm, Jwt, SigningKey, Use};
use scim::Instant;
use tenants::oauth::{self as clients, Trusted};
use tenants::{Cached, Grant};
use worker::Env;

use super::keys::Published;
use super::{Asking, keys, memory, secret, webcrypto};
use crate::log;

/// What access tokens of ours are signed with.
const SIGNING_SECRET: &str = "SIGNING_SECRET";

/// What the token opens for a client of that tenant. None where it opens nothing.
pub(super) async fn grant(asking: &Asking<'_>, tenant: &str, jwt: &Jwt) -> Result<Option<Grant>, Failure> {
    match jwt.algorithm {
        Algorithm::Hs256 => ours(asking, tenant, jwt).await,
        Algorithm::Rs256 | Algorithm::Es256 => of_an_issuer(asking, tenant, jwt).await,
    }
}

async fn ours(asking: &Asking<'_>, tenant: &str, jwt: &Jwt) -> Result<Option<Grant>, Failure> {
    let Some((token, key)) = claimed(asking, tenant, jwt) else { return Ok(None) };
    let Some((salt, grant)) = clients::grant_of(asking.database, &token, key, asking.now).await? else {
        return Ok(None);
    };
    memory::keep_salt(key, &salt, asking.now);
    if !signing_key(asking.env, asking.is_local, key, &salt)?.verifies(jwt) {
        return Ok(None);
    }
    let in_force = grant.clone().map(|grant| Grant { expires: None, ..grant });
    memory::keep(memory::of_credential(&token), in_force, asking.now);
    Ok(grant)
}

/// What an access token of ours proves without the database. `Refused`, where its signature is not that of a key which this
/// instance knows: so a forged one costs nothing. `Granted`, where the signature is good and what the token was given for
/// is known to be in force. `Nothing` for every other token.
pub(super) fn by_itself(asking: &Asking<'_>, tenant: &str, token: &str) -> Result<Cached, Failure> {
    let Some(jwt) = Jwt::parse(token).filter(|jwt| jwt.algorithm == Algorithm::Hs256) else {
        return Ok(Cached::Miss);
    };
    let Some((token, key)) = claimed(asking, tenant, &jwt) else { return Ok(Cached::Invalid) };
    let Some(salt) = memory::salt(key, asking.now) else { return Ok(Cached::Miss) };
    if !signing_key(asking.env, asking.is_local, key, &salt)?.verifies(&jwt) {
        return Ok(Cached::Invalid);
    }
    Ok(match memory::recall(memory::of_credential(&token), asking.now) {
        Cached::Valid { grant, refresh } => {
            Cached::Valid { grant: Grant { expires: Some(Instant(token.ends())), ..grant }, refresh }
        }
        _ => Cached::Miss,
    })
}

/// What the token says of itself, unless that is of no use here: then nothing need be asked.
fn claimed<'j>(asking: &Asking<'_>, tenant: &str, jwt: &'j Jwt) -> Option<(AccessToken, &'j str)> {
    AccessToken::claimed(jwt).filter(|(token, _)| token.tenant == tenant && token.ends() > asking.now.0)
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
///
/// One call of the database at every tenant, whether it trusts the issuer or not, and nothing is fetched: so neither the answer
/// nor the time that it takes tells who trusts whom.
///
/// # Errors
/// 503 if the issuer has signed the token, by keys that are too old to be believed; see `keys::find`.
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
    let used = if for_client.is_some() { Use::Assertion } else { Use::Bearer };
    // Why it is not known whether the token is good; another issuer of that name may know it.
    let mut unknown = None;
    for trusted in clients::trusted(asking.database, tenant, issuer, for_client.is_some()).await? {
        // A client is known to its issuer by a name of the issuer's, and may call itself by either.
        let is_meant = |id: &str| trusted.issuer.client.as_deref() == Some(id) || jwt.claims.are_of(id);
        if !for_client.flatten().is_none_or(is_meant) {
            continue;
        }
        let id = &trusted.issuer.id;
        let refusal = match judged(asking, &trusted, jwt, used).await {
            Verdict::Believed(until) => {
                if !asking.behind && trusted.issuer.trust.lacks_subject() {
                    let message = format!("a token for the issuer {id} is taken whoever it was given to");
                    log::warn(
                        &format!("{message}: trust the issuer again with a subject"),
                        asking.correlation_id,
                    );
                }
                return Ok(Some((trusted, until)));
            }
            Verdict::Unknown => {
                let message = format!("the keys of the issuer {id} are more than a day old");
                log::error(&format!("{message}, so its tokens are not taken"), asking.correlation_id);
                unknown = Some(keys::too_old());
                continue;
            }
            Verdict::Refused(refusal) => refusal,
        };
        log::warn(&format!("a token for the issuer {id} is refused: {refusal}"), asking.correlation_id);
    }
    unknown.map_or(Ok(None), Err)
}

/// What a token is worth by the terms and the keys of one issuer.
enum Verdict {
    /// It is good until then.
    Believed(Instant),
    /// The issuer has signed it, but with a key that it may have withdrawn since.
    Unknown,
    /// It is none; why not, for the operator.
    Refused(String),
}

async fn judged(asking: &Asking<'_>, of: &Trusted, jwt: &Jwt, used: Use) -> Verdict {
    let until = match of.issuer.trust.check(&jwt.claims, used, asking.now.0) {
        Ok(until) => until,
        Err(distrust) => return Verdict::Refused(distrust.to_string()),
    };
    match keys::find(of, jwt, asking.now) {
        None => Verdict::Refused("its key (`kid`) is none of the issuer's".to_string()),
        Some(Published { key, .. }) if !webcrypto::has_signed(&key, jwt).await => {
            Verdict::Refused("its signature is not of the issuer's key".to_string())
        }
        Some(Published { is_recent: true, .. }) => Verdict::Believed(Instant(until)),
        Some(_) => Verdict::Unknown,
    }
}

/// The key that makes signatures of our own tokens, or verifies them.
///
/// # Errors
/// If the secret that it is made of is not set, or too short.
pub fn signing_key(env: &Env, is_local: bool, id: &str, salt: &str) -> Result<SigningKey, Failure> {
    let secret = secret::value(env, SIGNING_SECRET);
    if !secret::is_long_enough(secret.trim(), is_local) && !secret.trim().is_empty() {
        return Err(Failure::Misconfigured(format!(
            "{}, and no access token is given out or taken",
            secret::too_short(SIGNING_SECRET)
        )));
    }
    let missing =
        || "the secret SIGNING_SECRET is not set, so no access token is given out or taken".to_string();
    SigningKey::derive(&secret, id, salt).ok_or_else(|| Failure::Misconfigured(missing()))
}
