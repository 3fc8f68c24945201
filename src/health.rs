//! `GET /healthz`: whether the Worker could serve. For whoever watches it: no credentials, no detail.

use std::cell::Cell;

use directory::{Failure, tenants};
use scim::{HttpResponse, Instant, ScimError};
use serde_json::json;

use crate::service::Station;
use crate::{http, log};

/// Milliseconds for which an answer of D1 is good: whoever asks more often costs no round trip.
const GOOD: i64 = 1_000;

thread_local! {
    /// When this instance asked D1 last, and whether it was well.
    static LAST: Cell<Option<(Instant, bool)>> = const { Cell::new(None) };
}

/// 200 where D1 answers and has the tables of this build, 503 otherwise.
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
            let answer = tenants::probe(station.database).await;
            if let Err(error) = &answer {
                log::error(&format!("the database failed: {error}"), correlation_id);
            }
            LAST.set(Some((station.now, answer.is_ok())));
            answer.is_ok()
        }
    };
    let (status, word) = if is_well { (200, "ok") } else { (503, "unavailable") };
    Ok(http::json(status, &json!({"status": word})))
}
