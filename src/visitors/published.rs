//! What an identity provider of the vendor publishes, as this instance remembers it: addresses and keys.
//!
//! Unlike the issuers of tenants, whose keys are never fetched because of a request (`auth::keys`), there is one such provider, and that it
//! is asked reveals nothing.

use std::cell::RefCell;

use database::Failure;
use oauth::{JWKS_BYTES, Jwks, Jwt};
use scim::{Instant, ScimError};

use crate::auth;
use crate::context::RequestContext;
use crate::{http, log};

/// Milliseconds after which a text is fetched again, and after which that may happen because a key is not in it.
const FRESH: i64 = 600_000;
const PAUSE: i64 = 60_000;
/// Milliseconds for which a text is used if the provider does not answer.
const USABLE: i64 = 24 * 3_600_000;
/// How many texts are remembered: two of OpenID Connect, and one of Cloudflare Access.
const MOST: usize = 4;

thread_local! {
    /// Never borrowed across an await.
    static TEXTS: RefCell<Vec<Text>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone)]
struct Text {
    address: String,
    text: String,
    fetched: Instant,
}

/// Returns the text at an address. One that is not wanted, since it lacks a key, is fetched again, but not each time that it is asked for.
///
/// # Errors
/// 503 if the provider does not answer.
pub(super) async fn text(
    context: &RequestContext,
    address: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<String, Failure> {
    let known = TEXTS.with_borrow(|texts| texts.iter().find(|text| text.address == address).cloned());
    let age = |text: &Text| context.now.0.saturating_sub(text.fetched.0);
    if let Some(text) = known.as_ref().filter(|text| {
        let usable = if is_wanted(&text.text) { FRESH } else { PAUSE };
        (0..usable).contains(&age(text))
    }) {
        return Ok(text.text.clone());
    }
    match http::get(address, JWKS_BYTES).await {
        Ok(text) => {
            remember(Text { address: address.to_string(), text: text.clone(), fetched: context.now });
            Ok(text)
        }
        Err(reason) => {
            log::error(&format!("{address} was not fetched: {reason}"), context.correlation_id());
            let usable = known.filter(|text| (0..USABLE).contains(&age(text)));
            usable.map(|text| text.text).ok_or_else(unavailable)
        }
    }
}

/// Returns whether a key that is published at an address has signed the token.
///
/// # Errors
/// 503 if the provider does not answer.
pub(super) async fn has_signed(context: &RequestContext, address: &str, jwt: &Jwt) -> Result<bool, Failure> {
    let find = |text: &str| Jwks::parse(text).ok()?.find(jwt.algorithm, jwt.key_id.as_deref()).cloned();
    let keys = text(context, address, |text| find(text).is_some()).await?;
    match find(&keys) {
        Some(key) => Ok(auth::has_signed(&key, jwt).await),
        None => Ok(false),
    }
}

/// Returns the error for a provider that does not answer.
pub(super) fn unavailable() -> Failure {
    ScimError::busy("the identity provider does not answer; try again in a moment").into()
}

fn remember(text: Text) {
    TEXTS.with_borrow_mut(|texts| {
        texts.retain(|known| known.address != text.address);
        if texts.len() >= MOST {
            texts.remove(0);
        }
        texts.push(text);
    });
}
