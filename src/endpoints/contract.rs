//! `GET /contract`: whether D1, by the adapter that ships, keeps the contract of a `Database`. Only a build with the cargo
//! feature `contract` has this endpoint, and `npm run conformance` makes one; a Worker that is deployed never has it.

use database::{Failure, contract};
use scim::ScimError;
use serde_json::json;

use crate::context::RequestContext;
use crate::http::Response;

/// Answers 200 if the contract was kept, both by reads that are calls of their own and by reads that are gathered, and 500 with the
/// first promise that was not.
///
/// # Errors
/// 405 if the verb is not GET.
pub async fn handle(context: &RequestContext, method: &str) -> Result<Response, Failure> {
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let mut kept = contract::check(context.directory()).await;
    if kept.is_ok() {
        context.gather_reads();
        kept = contract::check(context.directory()).await;
    }
    Ok(match kept {
        Ok(()) => Response::json(200, &json!({"kept": true})),
        Err(broken) => Response::json(500, &json!({"kept": false, "broken": broken})),
    })
}
