//! The public keys of trusted issuers: which of those in the database has signed a token, and how they are fetched.
//!
//! They are fetched when an administrator trusts an issuer, and by a cron trigger, never because of a token in a
//! request: the time and the response of such a request would tell a stranger which tenant trusts which issuer.

use database::Failure;
use futures_util::StreamExt;
use oauth::{JWKS_BYTES, Jwks, Jwt};
use scim::{Instant, ScimError};
use serde_json::Value;
use tenants::oauth::{self as clients, Due, IssuerMatch};
use worker::Env;

use crate::d1::D1;
use crate::{http, log};

/// Milliseconds after which keys are no longer used: the issuer may have withdrawn one meanwhile.
const USABLE: i64 = 24 * 3_600_000;
/// How many addresses are claimed at a time, and how many times in one run: 500 addresses. The others are due in the
/// next run.
const CLAIMED: usize = 50;
const CLAIMS: usize = 10;
/// How many issuers are asked at once: a Worker has six connections
/// (developers.cloudflare.com/workers/platform/limits).
const AT_ONCE: usize = 6;

/// A key that an issuer has published.
pub(super) struct Published {
    /// The key, a public JWK.
    pub(super) key: Value,
    /// Whether the keys were fetched recently enough to rely on the key not being withdrawn.
    pub(super) is_recent: bool,
}

/// Returns the key that is said to have signed the token. None if the issuer does not have it.
///
/// A key that may have been withdrawn is returned all the same. Only a token that this key has really signed is then
/// answered 503 instead of 401, so that a client without such a token learns nothing.
pub(super) fn find(of: &IssuerMatch, jwt: &Jwt, now: Instant) -> Option<Published> {
    let keys = Jwks::parse(&of.keys).ok()?;
    let key = keys.find(jwt.algorithm, jwt.key_id.as_deref())?.clone();
    Some(Published { key, is_recent: now.0.saturating_sub(of.issuer.fetched.0) < USABLE })
}

/// Returns the error for a token that its issuer has signed, if the issuer's keys were last fetched too long ago. A
/// 401 would say that the token is not valid, and Entra stops provisioning after one.
pub(super) fn too_old() -> Failure {
    ScimError::busy("the keys of the token's issuer could not be fetched for a day; send the request again")
        .into()
}

/// Fetches the keys of all issuers that are due, each address once. An issuer that does not answer does not delay the
/// others: it keeps the keys that it has, and the log says so.
pub async fn fetch_due(env: &Env, now: Instant, correlation_id: &str) {
    if let Err(failure) = fetch_all(env, now, correlation_id).await {
        log::error(&format!("the keys of issuers were not fetched: {failure}"), correlation_id);
    }
}

async fn fetch_all(env: &Env, now: Instant, correlation_id: &str) -> Result<(), Failure> {
    let database = D1::open(env)?;
    for _ in 0..CLAIMS {
        let due = clients::claim_due(&database, CLAIMED, now).await?;
        let is_last = due.len() < CLAIMED;
        let fetching = futures_util::stream::iter(due);
        fetching.for_each_concurrent(AT_ONCE, |due| fetch_one(&database, due, now, correlation_id)).await;
        if is_last {
            break;
        }
    }
    Ok(())
}

async fn fetch_one(database: &D1, Due { jwks_uri, issuers }: Due, now: Instant, correlation_id: &str) {
    let reason = match fetch(&jwks_uri).await {
        Ok(keys) => match clients::keep_keys(database, &issuers, &keys.to_text(), now).await {
            Ok(()) => return,
            Err(failure) => format!("kept: {failure}"),
        },
        Err(reason) => format!("fetched: {reason}"),
    };
    log::error(&format!("the keys at {jwks_uri} were not {reason}"), correlation_id);
}

/// Fetches the keys at that address, which an administrator has configured.
///
/// # Errors
/// The reason, as text for the administrator.
pub async fn fetch(address: &str) -> Result<Jwks, String> {
    let text = http::get(address, JWKS_BYTES).await?;
    Jwks::parse(&text).map_err(str::to_string)
}
