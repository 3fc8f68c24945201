//! The work of the cron trigger of wrangler.toml, which fires each minute. Each job is bounded, and goes on in the next
//! minute where it stopped. A job that fails writes that into the log, and does not keep the others from their work.

use scim::Instant;
use worker::Env;

use crate::{auth, clock, edge, ids};

/// Does what is due at that time: fetches the keys of trusted issuers, and renews edge copies.
pub async fn run(env: &Env, at: Instant) {
    let correlation_id = ids::new_id();
    auth::keys::fetch_due(env, clock::now(), &correlation_id).await;
    edge::tick(env, at).await;
}
