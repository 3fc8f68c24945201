//! `GET /healthz`: whether the Worker can serve requests. It is for monitoring: it needs no credentials and reveals
//! no detail.

use std::cell::Cell;

use database::{Failure, schema};
use scim::{Instant, ScimError};
use serde_json::json;

use crate::capacity::{self, Room};
use crate::context::RequestContext;
use crate::http::Response;
use crate::{clock, log};

/// Milliseconds for which a result of D1 is reused: a client that asks more often costs no round trip.
const GOOD: i64 = 1_000;

thread_local! {
    /// When this instance last asked D1, and whether D1 was healthy.
    static LAST: Cell<Option<(Instant, bool)>> = const { Cell::new(None) };
}

/// Answers 200 if D1 answers, has the schema of this build and has room; 503 otherwise. A full database is not
/// healthy, although it can be read: changes of identity providers are refused.
///
/// # Errors
/// 405 for a method other than GET.
pub async fn handle(context: &RequestContext, method: &str) -> Result<Response, Failure> {
    let RequestContext { env, now, .. } = context;
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let is_well = match LAST.get() {
        Some((asked, is_well)) if (0..GOOD).contains(&(now.0 - asked.0)) => is_well,
        last => {
            // A request that comes while D1 is being asked gets the previous result, so that a slow D1 is asked only
            // once a second too.
            LAST.set(last.map(|(_, is_well)| (*now, is_well)));
            let answer = schema::probe(context.accounts()).await;
            if let Err(error) = &answer {
                log::error(&error.to_string(), context.correlation_id());
            }
            capacity::watch(env, context.directory(), *now, context.correlation_id());
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
