//! JWTs of an issuer that a tenant trusts: bearer tokens, and assertions of clients at the token endpoint.

use database::Failure;
use oauth::{Algorithm, Jwt, Use};
use scim::Instant;
use tenants::Grant;
use tenants::oauth::{self as clients, IssuerMatch};

use super::keys::{self, Published};
use super::webcrypto;
use crate::context::RequestContext;
use crate::log;

/// Returns what a bearer token of an issuer grants to a client of that tenant. None if it is not valid.
///
/// # Errors
/// See [`verify_claims_and_signature`].
pub(super) async fn verify_issuer_token(
    context: &RequestContext,
    tenant: &str,
    jwt: &Jwt,
) -> Result<Option<Grant>, Failure> {
    let Some((trusted, until)) = verify_claims_and_signature(context, tenant, jwt, None).await? else {
        return Ok(None);
    };
    if context.background {
        clients::note_use(context.accounts(), &trusted.issuer.id, context.now).await?;
    }
    Ok(Some(Grant {
        token: trusted.issuer.id,
        tenant: tenant.to_string(),
        dialect: trusted.dialect,
        scopes: trusted.scopes,
        expires: Some(until),
        last_used: trusted.issuer.last_used,
    }))
}

/// Returns the issuer of a client's assertion (RFC 7523 s3), which names the client. `client` is the id that was sent with it.
///
/// # Errors
/// See [`verify_claims_and_signature`].
pub async fn verify_assertion(
    context: &RequestContext,
    tenant: &str,
    client: Option<&str>,
    assertion: &str,
) -> Result<Option<IssuerMatch>, Failure> {
    let Some(jwt) = Jwt::parse(assertion) else { return Ok(None) };
    Ok(verify_claims_and_signature(context, tenant, &jwt, Some(client)).await?.map(|(trusted, _)| trusted))
}

/// Returns the issuer that has signed the token and whose policy the token meets, and until when. `for_client` is
/// None for a bearer token; for an assertion it is the client's id, if one was sent.
///
/// It makes one call of the database for every tenant, whether it trusts the issuer or not, and fetches nothing: so
/// neither the response nor its time reveals which tenant trusts which issuer.
///
/// # Errors
/// 503 if the issuer has signed the token with keys that were fetched too long ago; see `keys::find`.
async fn verify_claims_and_signature(
    context: &RequestContext,
    tenant: &str,
    jwt: &Jwt,
    for_client: Option<Option<&str>>,
) -> Result<Option<(IssuerMatch, Instant)>, Failure> {
    // A token that is signed with a shared secret does not come from an issuer.
    let Some(issuer) = jwt.claims.text("iss").filter(|_| jwt.algorithm != Algorithm::Hs256) else {
        return Ok(None);
    };
    let used = if for_client.is_some() { Use::Assertion } else { Use::Bearer };
    // The reason why the token could not be verified; another issuer of that name may still verify it.
    let mut unknown = None;
    for trusted in clients::trusted(context.accounts(), tenant, issuer, for_client.is_some()).await? {
        // The issuer knows the client by a name of its own, and the client may use either name.
        let is_meant = |id: &str| trusted.issuer.client.as_deref() == Some(id) || jwt.claims.are_of(id);
        if !for_client.flatten().is_none_or(is_meant) {
            continue;
        }
        let id = &trusted.issuer.id;
        let refusal = match judged(context, &trusted, jwt, used).await {
            Verdict::Believed(until) => {
                if !context.background && trusted.issuer.trust.lacks_subject() {
                    let message = format!(
                        "a token for the issuer {id} is accepted whichever user or application it was issued to"
                    );
                    log::warn(
                        &format!("{message}: trust the issuer again with a subject"),
                        context.correlation_id(),
                    );
                }
                return Ok(Some((trusted, until)));
            }
            Verdict::Unknown => {
                let message = format!("the keys of the issuer {id} are more than a day old");
                log::error(&format!("{message}, so its tokens are refused"), context.correlation_id());
                unknown = Some(keys::too_old());
                continue;
            }
            Verdict::Refused(refusal) => refusal,
        };
        log::warn(&format!("a token for the issuer {id} is refused: {refusal}"), context.correlation_id());
    }
    unknown.map_or(Ok(None), Err)
}

/// The verdict on a token by the policy and the keys of one issuer.
enum Verdict {
    /// It is valid until then.
    Believed(Instant),
    /// The issuer has signed it, but with a key that it may have withdrawn since.
    Unknown,
    /// It is rejected, for the reason that the operator reads.
    Refused(String),
}

async fn judged(context: &RequestContext, of: &IssuerMatch, jwt: &Jwt, used: Use) -> Verdict {
    let until = match of.issuer.trust.check(&jwt.claims, used, context.now.0) {
        Ok(until) => until,
        Err(distrust) => return Verdict::Refused(distrust.to_string()),
    };
    match keys::find(of, jwt, context.now) {
        None => Verdict::Refused("its key (`kid`) is not a key of the issuer".to_string()),
        Some(Published { key, .. }) if !webcrypto::has_signed(&key, jwt).await => {
            Verdict::Refused("its signature is not of the issuer's key".to_string())
        }
        Some(Published { is_recent: true, .. }) => Verdict::Believed(Instant(until)),
        Some(_) => Verdict::Unknown,
    }
}
