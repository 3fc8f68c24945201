//! A tenant's events: `list` them from a cursor on, a `snapshot` of the directory to begin with, and a `digest` by which a
//! reader sees whether its copy is the same. As Security Event Tokens: one `token`, or many by `poll`. `wanted` reads the
//! parameters that readers have in common, and `waiting` waits for the next event.

mod digest;
mod list;
mod poll;
mod snapshot;
mod token;
mod waiting;
mod wanted;

use database::Failure;
use scim::ScimError;
use web_sys::Request;

use crate::address::{Address, ReaderTarget};
use crate::admission::{self, Admission};
use crate::context::RequestContext;
use crate::http::Response;

/// The requests and the events as an OpenAPI 3.1 document, with a JSON Schema for each type of event.
const OPENAPI: &str = include_str!("openapi.json");

/// Answers a request to the events of a tenant.
///
/// # Errors
/// 404 if there is no such path, 405 if the path does not have that method, and every refusal after authentication.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    target: &ReaderTarget,
    address: &Address,
) -> Result<Response, Failure> {
    let principal = match admission::admit(request, context, &target.tenant, admission::FOLLOW).await? {
        Admission::Granted(principal) => principal,
        Admission::Refused(response) => return Ok(response),
    };
    let tenant = principal.tenant.as_str();
    let below: Vec<&str> = target.below.iter().map(String::as_str).collect();
    if let ["poll", reader] = below.as_slice() {
        return poll::answer(request, context, method, tenant, reader, address).await;
    }
    if !matches!(below.as_slice(), [] | ["snapshot" | "digest" | "openapi.json"]) {
        return Err(ScimError::not_found(
            "events have a `snapshot`, a `digest`, a `poll/<reader>` and an `openapi.json`, and nothing else below them",
        )
        .into());
    }
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    match below.as_slice() {
        ["snapshot"] => snapshot::answer(context, tenant).await,
        ["digest"] => digest::answer(context, tenant).await,
        ["openapi.json"] => Ok(Response::of_type(200, "application/json", OPENAPI.to_string())),
        _ if token::is_asked_for(request) => {
            token::answer(context, tenant, &address.origin, &address.query).await
        }
        _ => list::answer(context, tenant, &address.query).await,
    }
}
