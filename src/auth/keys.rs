//! The public keys of a trusted issuer: those that the database holds, and when to fetch them anew.

use directory::Failure;
use directory::clients::{self, Fetch, Trusted};
use oauth::{JWKS_BYTES, Jwks, Jwt};
use scim::ScimError;
use serde_json::Value;
use worker::wasm_bindgen::JsCast;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Response, js_sys};

use super::Asking;
use crate::{http, log};

/// Milliseconds after which keys are fetched anew behind an answer: an issuer adds a key a while before it uses it.
const FRESH: i64 = 3_600_000;
/// Milliseconds after which they are not used any more: a key that the issuer has withdrawn must not live on here.
const USABLE: i64 = 24 * 3_600_000;
/// Milliseconds that an issuer may take to answer.
const PATIENCE: u32 = 5_000;

/// The key that is said to have signed the token. None where the issuer has none of that name.
///
/// # Errors
/// 503 where that is not known: the issuer was asked and has not answered.
pub(super) async fn find(asking: &Asking<'_>, of: &Trusted, jwt: &Jwt) -> Result<Option<Value>, Failure> {
    let kept = |keys: &Jwks| keys.find(jwt.algorithm, jwt.key_id.as_deref()).cloned();
    let found = Jwks::parse(&of.keys).ok().as_ref().and_then(kept);
    let age = asking.now.0.saturating_sub(of.issuer.fetched.0);
    let enough = if asking.behind { FRESH } else { USABLE };
    if found.is_some() && age < enough {
        return Ok(found);
    }
    match clients::may_fetch(asking.database, &of.issuer.id, asking.now).await? {
        Fetch::Yours => match fetch(&of.issuer.jwks_uri).await {
            Ok(keys) => {
                clients::keep_keys(asking.database, &of.issuer.id, &keys.to_text(), asking.now).await?;
                Ok(kept(&keys))
            }
            Err(reason) => {
                let message = format!("the keys at {} were not fetched: {reason}", of.issuer.jwks_uri);
                log::error(&message, asking.correlation_id);
                found.filter(|_| age < USABLE).map(Some).ok_or_else(unknown)
            }
        },
        Fetch::Unanswered if found.is_none() || age >= USABLE => Err(unknown()),
        Fetch::Done | Fetch::Unanswered => Ok(found),
    }
}

/// Nobody knows whether the token is good. A 401 would say that it is not, and Entra stops provisioning at one.
fn unknown() -> Failure {
    ScimError::busy("the keys of the token's issuer could not be fetched; send the request again").into()
}

/// Fetches the keys at that address, which an administrator has set.
///
/// # Errors
/// Why that did not work, for people.
pub async fn fetch(address: &str) -> Result<Jwks, String> {
    let init = web_sys::RequestInit::new();
    // What an administrator trusts is this address, and none that it leads to.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(PATIENCE)));
    let runtime: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(runtime.fetch_with_str_and_init(address, &init));
    let answer = answer.await.map_err(|_| "there was no answer".to_string())?;
    let mut response = Response::from(answer.unchecked_into::<web_sys::Response>());
    let status = response.status_code();
    if status != 200 {
        return Err(format!("the answer is {status}"));
    }
    let stream = response.stream().map_err(|_| "the answer is empty".to_string())?;
    let body = http::collect(stream, JWKS_BYTES, 0).await.map_err(|error| error.detail)?;
    let text = std::str::from_utf8(&body).map_err(|_| "the answer is no UTF-8".to_string())?;
    Jwks::parse(text).map_err(str::to_string)
}
