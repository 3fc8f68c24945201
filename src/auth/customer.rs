//! Which customer a token lets in. A warm instance knows by heart (`memory`); what grows old
//! there is looked up behind the answer, so that a request waits for the database only when it meets a token that the
//! instance has not seen for a minute.

use database::Failure;
use oauth::Jwt;
use tenants::{Cached, DEFAULT, Grant, Hash, Secret};

use super::memory::{keep, recall};
use super::{Asking, Customer, bearer, jwt, secret};
use crate::d1::D1;
use crate::log;
use crate::rate::{self, Door};
use crate::service::Station;

/// The customer whose directory the token opens. None for every other token, and for every tenant that there is not,
/// or not any more: the two cannot be told apart.
pub async fn access(
    station: &Station<'_>,
    tenant: &str,
    authorization: Option<&str>,
    correlation_id: &str,
) -> Result<Option<Customer>, Failure> {
    let token = authorization.and_then(bearer).unwrap_or_default();
    if tenant == DEFAULT && secret::opens(station, "SCIM_TOKEN", token, correlation_id) {
        return Ok(Some(Customer {
            tenant: DEFAULT.to_string(),
            credential: "SCIM_TOKEN".to_string(),
            dialect: None,
        }));
    }
    let Some(hash) = hash(tenant, token) else { return Ok(None) };
    let recalled = match recall(hash, station.now) {
        Cached::Miss => unseen(station, hash, tenant, token, correlation_id).await?,
        recalled => recalled,
    };
    match recalled {
        Cached::Valid { grant, refresh } if grant.opens(tenant, station.now) => {
            if refresh {
                refresh_behind_the_answer(station, hash, tenant, token, correlation_id);
            }
            let dialect = (tenant != DEFAULT).then_some(grant.dialect);
            Ok(Some(Customer { tenant: grant.tenant, credential: grant.token, dialect }))
        }
        _ => Ok(None),
    }
}

/// What there is to know of a token that this instance does not remember. An access token of ours may prove itself; whatever else
/// a client that is blocked sends is not looked up, so guessing costs no round trip.
async fn unseen(
    station: &Station<'_>,
    hash: Hash,
    tenant: &str,
    token: &str,
    correlation_id: &str,
) -> Result<Cached, Failure> {
    let asking = station.asking(correlation_id);
    match jwt::by_itself(&asking, tenant, token)? {
        Cached::Miss if rate::is_blocked(station, Door::Tenant(tenant)) => Ok(Cached::Invalid),
        Cached::Miss => {
            let answer = look_up(&asking, tenant, token).await?;
            keep(hash, answer, station.now);
            Ok(recall(hash, station.now))
        }
        judged => Ok(judged),
    }
}

/// What the token is remembered by; None for what is no token by its form, so that nobody need be asked. Two tenants
/// may trust one issuer, so a JWT means something at a tenant only.
fn hash(tenant: &str, token: &str) -> Option<Hash> {
    match Secret::parse(token) {
        Some(secret) => (tenant != DEFAULT).then(|| secret.hash()),
        None => Jwt::has_form(token).then(|| Hash::of(&format!("{tenant} {token}"))),
    }
}

async fn look_up(asking: &Asking<'_>, tenant: &str, token: &str) -> Result<Option<Grant>, Failure> {
    match Secret::parse(token) {
        Some(secret) if asking.behind => tenants::refresh(asking.database, secret.hash(), asking.now).await,
        Some(secret) => tenants::look_up(asking.database, secret.hash()).await,
        None => match Jwt::parse(token) {
            Some(jwt) => jwt::grant(asking, tenant, &jwt).await,
            None => Ok(None),
        },
    }
}

fn refresh_behind_the_answer(
    station: &Station<'_>,
    hash: Hash,
    tenant: &str,
    token: &str,
    correlation_id: &str,
) {
    let (env, now, is_local) = (station.env.clone(), station.now, station.is_local);
    let (tenant, token, correlation_id) = (tenant.to_string(), token.to_string(), correlation_id.to_string());
    station.context.wait_until(async move {
        let answer = match D1::open(&env) {
            Ok(database) => {
                let asking = Asking {
                    env: &env,
                    database: &database,
                    now,
                    is_local,
                    behind: true,
                    correlation_id: &correlation_id,
                };
                look_up(&asking, &tenant, &token).await
            }
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => keep(hash, answer, now),
            // What is remembered ends by itself; until then requests are answered.
            Err(failure) => {
                log::error(&format!("a token was not looked up again: {failure}"), &correlation_id)
            }
        }
    });
}
