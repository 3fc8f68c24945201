//! `GET /.well-known/jwks.json`: the public keys by which others verify the tokens that this service has signed
//! (RFC 7517 s5). It is there if Security Event Tokens are on.

use std::cell::RefCell;

use database::Failure;
use scim::{Instant, ScimError};
use serde_json::json;

use crate::context::RequestContext;
use crate::http::{Caching, Response};
use crate::settings;

/// Milliseconds for which an instance answers what it has read: no client has to be known here, so requests must not reach the
/// database each.
const FRESH: i64 = 60_000;
/// The same while there are no keys.
const FRESH_IF_NONE: i64 = 1_000;

thread_local! {
    /// The keys as JSON, and until when they are answered.
    static KEYS: RefCell<Option<(String, Instant)>> = const { RefCell::new(None) };
}

/// Answers the keys.
///
/// # Errors
/// 404 if Security Event Tokens are off, 405 for a method other than GET.
pub async fn handle(context: &RequestContext, method: &str) -> Result<Response, Failure> {
    if !settings::has_security_events(&context.env).map_err(Failure::misconfigured)? {
        return Err(ScimError::not_found("no keys are published: Security Event Tokens are off").into());
    }
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET, HEAD").into());
    }
    let known = KEYS.with_borrow(|known| known.clone().filter(|(_, until)| context.now < *until));
    let keys = match known {
        Some((keys, _)) => keys,
        None => read(context).await?,
    };
    Ok(Response::of_type(200, "application/jwk-set+json", keys).cached(Caching::Briefly))
}

async fn read(context: &RequestContext) -> Result<String, Failure> {
    let keys = tenants::public_keys(context.accounts(), context.now).await?;
    let text = json!({"keys": keys}).to_string();
    // The first pair signs as soon as it is made.
    let fresh = if keys.is_empty() { FRESH_IF_NONE } else { FRESH };
    let until = Instant(context.now.0.saturating_add(fresh));
    KEYS.with_borrow_mut(|known| *known = Some((text.clone(), until)));
    Ok(text)
}
