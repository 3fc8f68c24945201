//! Which customer a token lets in. A warm instance knows by heart (`directory::tenants::Memory`); what grows old
//! there is looked up behind the answer, so that a request waits for the database only when it meets a token that the
//! instance has not seen for a minute.

use std::cell::RefCell;

use directory::Failure;
use directory::tenants::{self, DEFAULT, Grant, Hash, Memory, Recalled, Secret};
use oauth::Jwt;
use scim::Instant;

use super::{Asking, Customer, bearer, jwt, secret};
use crate::d1::D1;
use crate::service::Station;
use crate::{log, rate, settings};

thread_local! {
    /// Of this instance. Borrowed for moments without an await in them.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// The customer whose directory the token opens. None for every other token, and for every tenant that there is not,
/// or not any more: the two cannot be told apart.
pub async fn access(
    station: &Station<'_>,
    tenant: Option<&str>,
    authorization: Option<&str>,
    correlation_id: &str,
) -> Result<Option<Customer>, Failure> {
    let token = authorization.and_then(bearer).unwrap_or_default();
    if tenant.is_none() && secret::opens(station.env, "SCIM_TOKEN", token, correlation_id) {
        return default_customer(station).map(Some);
    }
    let tenant = tenant.unwrap_or(DEFAULT);
    let Some(hash) = hash(tenant, token) else { return Ok(None) };
    let recalled = match recall(hash, station.now) {
        // Guessing costs no round trip.
        Recalled::Nothing if rate::is_blocked(station) => return Ok(None),
        Recalled::Nothing => {
            let answer = look_up(&station.asking(correlation_id), tenant, token).await?;
            keep(hash, answer, station.now);
            recall(hash, station.now)
        }
        recalled => recalled,
    };
    match recalled {
        Recalled::Granted { grant, refresh } if grant.opens(tenant, station.now) => {
            if refresh {
                refresh_behind_the_answer(station, hash, tenant, token, correlation_id);
            }
            if tenant == DEFAULT {
                return default_customer(station).map(Some);
            }
            Ok(Some(Customer { tenant: grant.tenant, dialect: grant.dialect }))
        }
        _ => Ok(None),
    }
}

/// Forgets all tokens, so that a change made through this instance holds here at once.
pub fn forget() {
    MEMORY.with_borrow_mut(Memory::forget);
}

/// The default tenant has its settings in variables of the Worker.
fn default_customer(station: &Station<'_>) -> Result<Customer, Failure> {
    let dialect = settings::dialect(station.env).map_err(Failure::Misconfigured)?;
    Ok(Customer { tenant: DEFAULT.to_string(), dialect })
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

fn recall(hash: Hash, now: Instant) -> Recalled {
    MEMORY.with_borrow_mut(|memory| memory.recall(hash, now))
}

fn keep(hash: Hash, answer: Option<Grant>, asked: Instant) {
    MEMORY.with_borrow_mut(|memory| memory.keep(hash, answer, asked));
}

fn refresh_behind_the_answer(
    station: &Station<'_>,
    hash: Hash,
    tenant: &str,
    token: &str,
    correlation_id: &str,
) {
    let (env, now) = (station.env.clone(), station.now);
    let (tenant, token, correlation_id) = (tenant.to_string(), token.to_string(), correlation_id.to_string());
    station.context.wait_until(async move {
        let answer = match D1::open(&env) {
            Ok(database) => {
                let asking = Asking {
                    env: &env,
                    database: &database,
                    now,
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
