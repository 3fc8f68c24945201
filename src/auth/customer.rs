//! Which customer a token lets in. A warm instance knows by heart (`directory::tenants::Memory`); what grows old
//! there is looked up behind the answer, so that a request waits for the database only when it meets a token that the
//! instance has not seen for a minute.

use std::cell::RefCell;

use directory::Failure;
use directory::tenants::{self, DEFAULT, Grant, Hash, Memory, Recalled, Secret};
use scim::Instant;
use worker::{Context, Env};

use super::{Customer, bearer, secret};
use crate::d1::D1;
use crate::service::Station;
use crate::{log, settings};

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
    let Station { env, context, database, now } = *station;
    let token = authorization.and_then(bearer);
    let Some(tenant) = tenant else {
        if !secret::opens(env, "SCIM_TOKEN", token.unwrap_or_default(), correlation_id) {
            return Ok(None);
        }
        let dialect = settings::dialect(env).map_err(Failure::Misconfigured)?;
        return Ok(Some(Customer { tenant: DEFAULT.to_string(), dialect }));
    };
    let Some(hash) = token.and_then(Secret::parse).map(|secret| secret.hash()) else { return Ok(None) };
    let recalled = match recall(hash, now) {
        Recalled::Nothing => {
            let answer = tenants::look_up(database, hash).await?;
            keep(hash, answer, now);
            recall(hash, now)
        }
        recalled => recalled,
    };
    match recalled {
        Recalled::Granted { grant, refresh } if grant.opens(tenant, now) => {
            if refresh {
                refresh_behind_the_answer(env, context, hash, now, correlation_id);
            }
            let Grant { tenant, dialect, .. } = grant;
            Ok(Some(Customer { tenant, dialect }))
        }
        _ => Ok(None),
    }
}

/// Forgets all tokens, so that a change made through this instance holds here at once.
pub fn forget() {
    MEMORY.with_borrow_mut(Memory::forget);
}

fn recall(hash: Hash, now: Instant) -> Recalled {
    MEMORY.with_borrow_mut(|memory| memory.recall(hash, now))
}

fn keep(hash: Hash, answer: Option<Grant>, asked: Instant) {
    MEMORY.with_borrow_mut(|memory| memory.keep(hash, answer, asked));
}

fn refresh_behind_the_answer(env: &Env, context: &Context, hash: Hash, now: Instant, correlation_id: &str) {
    let (env, correlation_id) = (env.clone(), correlation_id.to_string());
    context.wait_until(async move {
        let answer = match D1::open(&env) {
            Ok(database) => tenants::refresh(&database, hash, now).await,
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
