//! The guard against mass deprovisioning as a job of the cron trigger: the rules are those of `directory::activity::guard`.

use database::Failure;
use directory::activity;
use scim::Instant;
use worker::Env;

use crate::d1::D1;
use crate::log;

/// Looks at the tenants of which users went since the last call, and raises the event where they are too many. The log says so too, for
/// the operator.
pub async fn tick(env: &Env, now: Instant, correlation_id: &str) {
    match guard(env, now, correlation_id).await {
        Ok(raised) => raised.iter().for_each(|tenant| {
            let message = format!("very many users of {tenant} were disabled or deleted in one cycle");
            log::warn(&message, correlation_id);
        }),
        Err(failure) => {
            let message = format!(
                "the guard against mass deprovisioning stopped, and looks again in a minute: {failure}"
            );
            log::error(&message, correlation_id);
        }
    }
}

async fn guard(env: &Env, now: Instant, correlation_id: &str) -> Result<Vec<String>, Failure> {
    activity::guard(&D1::open(env)?, now, correlation_id).await
}
