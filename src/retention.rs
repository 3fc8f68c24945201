//! Trimming as a job of the cron trigger: the rules are those of `directory::activity::trim`, of `tenants::console::trim`
//! and of `tenants::audit_log::trim`.

use database::Failure;
use directory::activity;
use scim::Instant;
use worker::Env;

use crate::d1::D1;
use crate::log;

/// Trims a bounded part of what is older than tenants keep at that time, of what the console keeps of sign-ins, and of the audit; the next call
/// goes on.
pub async fn tick(env: &Env, now: Instant, correlation_id: &str) {
    if let Err(failure) = trim(env, now).await {
        log::error(&format!("trimming stopped, and goes on in a minute: {failure}"), correlation_id);
    }
}

async fn trim(env: &Env, now: Instant) -> Result<(), Failure> {
    let database = D1::open(env)?;
    activity::trim(&database, now).await?;
    tenants::console::trim(&database, now).await?;
    Ok(tenants::audit_log::trim(&database, now).await?)
}
