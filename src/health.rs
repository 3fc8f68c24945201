//! `GET /healthz`: whether the Worker could serve. For whoever watches it: no credentials, no detail.

use directory::{Failure, tenants};
use scim::{HttpResponse, ScimError};

use crate::d1::D1;
use crate::log;

/// 200 where D1 answers and has the tables of this build, 503 otherwise.
pub async fn health(database: &D1, method: &str, correlation_id: &str) -> Result<HttpResponse, Failure> {
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let (status, word) = match tenants::probe(database).await {
        Ok(()) => (200, "ok"),
        Err(error) => {
            log::error(&format!("the database failed: {error}"), correlation_id);
            (503, "unavailable")
        }
    };
    Ok(HttpResponse {
        status,
        headers: vec![("Content-Type", "application/json".to_string())],
        body: Some(format!("{{\"status\":\"{word}\"}}")),
    })
}
