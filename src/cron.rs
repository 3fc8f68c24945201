//! The work of the cron trigger of wrangler.toml, which fires each minute. Each job is bounded, and goes on in the next
//! minute where it stopped. A job that fails writes that into the log, and does not keep the others from their work.

use futures_util::future::join;
use scim::Instant;
use worker::Env;

use crate::{activity, auth, clock, deliver, edge, guard, ids, retention};

/// Does what is due at that time: writes counts that this instance holds, looks for mass deprovisioning, delivers webhooks, fetches the
/// keys of trusted issuers, writes copies in KV, and trims what is older than tenants keep.
pub async fn run(env: &Env, at: Instant) {
    // The counts tell when a cycle has begun, which the guard asks; and what it raises is delivered at once.
    activity::flush(env).await;
    // By the clock: a cycle may have begun since the time of the trigger. The id is made at the same time, by which the row of the log
    // is found again.
    guard::tick(env, clock::now(), &ids::new_id()).await;
    let correlation_id = ids::new_id();
    join(deliver::tick(env, at, &correlation_id), others(env, at, &correlation_id)).await;
}

/// Does what waits for no receiver.
async fn others(env: &Env, at: Instant, correlation_id: &str) {
    auth::keys::fetch_due(env, clock::now(), correlation_id).await;
    edge::tick(env, at).await;
    retention::tick(env, at, correlation_id).await;
}
