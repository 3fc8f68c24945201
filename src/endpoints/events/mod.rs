//! A tenant's events: `list` them from a cursor on, a `snapshot` of the directory to begin with, and a `digest` by which a
//! reader sees whether its copy is the same.

mod digest;
mod list;
mod snapshot;

use database::Failure;
use scim::ScimError;
use web_sys::Request;

use crate::address::ReaderTarget;
use crate::admission::{self, Admission};
use crate::context::RequestContext;
use crate::http::Response;

/// The requests and the events as an OpenAPI 3.1 document, with a JSON Schema for each type of event.
const OPENAPI: &str = include_str!("openapi.json");

/// Answers a request to the events of a tenant.
///
/// # Errors
/// 404 if there is no such path, 405 for a method other than GET, and every refusal after authentication.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    target: &ReaderTarget,
    query: &str,
) -> Result<Response, Failure> {
    let principal = match admission::admit(request, context, &target.tenant, admission::FOLLOW).await? {
        Admission::Granted(principal) => principal,
        Admission::Refused(response) => return Ok(response),
    };
    let below: Vec<&str> = target.below.iter().map(String::as_str).collect();
    if !matches!(below.as_slice(), [] | ["snapshot" | "digest" | "openapi.json"]) {
        return Err(ScimError::not_found(
            "events have a `snapshot`, a `digest` and an `openapi.json`, and nothing else below them",
        )
        .into());
    }
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    match below.as_slice() {
        ["snapshot"] => snapshot::answer(context, &principal.tenant).await,
        ["digest"] => digest::answer(context, &principal.tenant).await,
        ["openapi.json"] => Ok(Response::of_type(200, "application/json", OPENAPI.to_string())),
        _ => list::answer(context, &principal.tenant, query).await,
    }
}
