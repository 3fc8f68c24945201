//! `GET /healthz`: whether the Worker could serve. For monitoring: it asks for no credentials and tells no detail.

use std::cell::Cell;

use database::{Failure, schema};
use scim::{Instant, ScimError};
use serde_json::json;

use crate::capacity::{self, Room};
use crate::context::RequestContext;
use crate::http::Response;
use crate::{clock, log};

/// Milliseconds for which an answer of D1 is good: a client that asks more often costs no round trip.
const GOOD: i64 = 1_000;

thread_local! {
    /// When this instance asked D1 last, and whether it was well.
    static LAST: Cell<Option<(Instant, bool)>> = const { Cell::new(None) };
}

/// Answers 200 where D1 answers, has the schema of this build and has room; 503 otherwise. A full database is not well,
/// although it can be read: no change of an identity provider arrives any more.
///
/// # Errors
/// 405 for another verb than GET.
pub async fn handle(context: &RequestContext, method: &str) -> Result<Response, Failure> {
    let RequestContext { env, now, .. } = context;
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let is_well = match LAST.get() {
        Some((asked, is_well)) if (0..GOOD).contains(&(now.0 - asked.0)) => is_well,
        last => {
            // A request that comes while D1 is asked gets what was known before, so that a slow D1 is asked once a second too.
            LAST.set(last.map(|(_, is_well)| (*now, is_well)));
            let answer = schema::probe(context.accounts()).await;
            if let Err(error) = &answer {
                log::error(&error.to_string(), context.correlation_id());
            }
            capacity::watch(env, context.accounts(), *now, context.correlation_id());
            LAST.set(Some((clock::now(), answer.is_ok())));
            answer.is_ok()
        }
    };
    Ok(match capacity::room(env, *now) {
        _ if !is_well => Response::json(503, &json!({"status": "unavailable"})),
        Room::None => Response::json(503, &json!({"status": "full"})),
        Room::Little(percent) => Response::json(200, &json!({"status": "ok", "databasePercent": percent})),
        Room::Enough => Response::json(200, &json!({"status": "ok"})),
    })
}
