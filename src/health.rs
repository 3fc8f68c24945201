//! `GET /healthz`: whether the Worker could serve. For whoever watches it: no credentials, no detail.

use std::cell::Cell;

use database::{Failure, schema};
use scim::{HttpResponse, Instant, ScimError};
use serde_json::json;

use crate::capacity::{self, Room};
use crate::service::Station;
use crate::{http, log};

/// Milliseconds for which an answer of D1 is good: whoever asks more often costs no round trip.
const GOOD: i64 = 1_000;

thread_local! {
    /// When this instance asked D1 last, and whether it was well.
    static LAST: Cell<Option<(Instant, bool)>> = const { Cell::new(None) };
}

/// Answers 200 where D1 answers, has the schema of this build and has room; 503 otherwise. A full database is not well,
/// although it can be read: no change of an identity provider arrives any more.
pub async fn health(
    station: &Station<'_>,
    method: &str,
    correlation_id: &str,
) -> Result<HttpResponse, Failure> {
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let is_well = match LAST.get() {
        Some((asked, is_well)) if (0..GOOD).contains(&(station.now.0 - asked.0)) => is_well,
        _ => {
            let answer = schema::probe(station.database).await;
            if let Err(error) = &answer {
                log::error(&error.to_string(), correlation_id);
            }
            capacity::watch(station.env, station.database, station.now, correlation_id);
            LAST.set(Some((station.now, answer.is_ok())));
            answer.is_ok()
        }
    };
    Ok(match capacity::room(station.env, station.now) {
        _ if !is_well => http::json(503, &json!({"status": "unavailable"})),
        Room::None => http::json(503, &json!({"status": "full"})),
        Room::Little(percent) => http::json(200, &json!({"status": "ok", "databasePercent": percent})),
        Room::Enough => http::json(200, &json!({"status": "ok"})),
    })
}
