//! One attempt: a signed POST, and what came of it. Of the answer nothing but its status and `Retry-After` is read, so an
//! endless body costs nothing.

use ::webhooks::{OVERLOAD_SECONDS, Outcome, PATIENCE, Secret, is_overload, judge};
use database::Failure;
use directory::webhooks::Endpoint;
use scim::Instant;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response, WorkerGlobalScope};
use worker::Env;
use worker::js_sys;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{auth, clock};

/// What came of an attempt.
pub struct Attempt {
    /// What it means.
    pub outcome: Outcome,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// Why it failed, in words of this program.
    pub error: Option<String>,
    /// The seconds that the receiver asks to wait.
    pub retry_after: Option<i64>,
}

/// Sends a message of that id to the endpoint.
///
/// # Errors
/// [`Failure::misconfigured`] if the secret that signs is missing. That the receiver does not answer is not an error.
pub async fn attempt(env: &Env, endpoint: &Endpoint, id: &str, body: &str) -> Result<Attempt, Failure> {
    let now = clock::now();
    let seconds = now.0 / 1_000;
    let current = auth::webhook_secret(env, &endpoint.id, &endpoint.salt)?;
    let old = endpoint.old.as_ref().filter(|(_, until)| now < *until);
    let old = old.map(|(salt, _)| auth::webhook_secret(env, &endpoint.id, salt)).transpose()?;
    let sign = |secret: &Secret| secret.sign(id, seconds, body);
    let signatures: Vec<String> = std::iter::once(&current).chain(&old).filter_map(sign).collect();
    let headers = [
        ("Content-Type", "application/json"),
        ("User-Agent", "scim-edge"),
        ("webhook-id", id),
        ("webhook-timestamp", &seconds.to_string()),
        ("webhook-signature", &signatures.join(" ")),
    ];
    Ok(match send(&endpoint.url, &headers, body).await {
        Ok(response) => judged(&response),
        Err(error) => {
            Attempt { outcome: Outcome::Failed, status: None, error: Some(error), retry_after: None }
        }
    })
}

fn judged(response: &Response) -> Attempt {
    let status = response.status();
    let outcome = judge(status);
    let error = match outcome {
        Outcome::Delivered => None,
        Outcome::Gone => Some("the receiver is gone".to_string()),
        Outcome::Failed if (300..400).contains(&status) => {
            Some(format!("the answer was {status}; redirects are not followed"))
        }
        Outcome::Failed => Some(format!("the answer was {status}")),
    };
    let asked = response.headers().get("Retry-After").ok().flatten();
    let asked = asked.and_then(|text| seconds(text.trim(), clock::now()));
    let retry_after = asked.or_else(|| is_overload(status).then_some(OVERLOAD_SECONDS));
    if let Some(body) = response.body() {
        // The body may have ended badly, which is of no interest; without a listener it would be in the log.
        let cancelled = JsFuture::from(body.cancel());
        spawn_local(async move {
            let _ = cancelled.await;
        });
    }
    Attempt { outcome, status: Some(status), error, retry_after }
}

/// Parses `Retry-After`: seconds, or a date (RFC 9110 s10.2.3).
fn seconds(text: &str, now: Instant) -> Option<i64> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let date = js_sys::Date::parse(text);
    date.is_finite().then(|| (date as i64).saturating_sub(now.0).max(0) / 1_000)
}

async fn send(url: &str, headers: &[(&str, &str)], body: &str) -> Result<Response, String> {
    let request = || -> Result<RequestInit, JsValue> {
        let all = Headers::new()?;
        headers.iter().try_for_each(|(name, value)| all.set(name, value))?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&all);
        init.set_body(&body.into());
        // The administrator trusts this address, and not one that it redirects to.
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
        Ok(init)
    };
    let request = request().map_err(|_| "the request could not be made".to_string())?;
    let runtime: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(runtime.fetch_with_str_and_init(url, &request)).await;
    answer.map(JsCast::unchecked_into).map_err(|error| {
        let is_late = js_sys::Reflect::get(&error, &"name".into()).is_ok_and(|name| name == "TimeoutError");
        match is_late {
            true => format!("there was no answer within {} seconds", PATIENCE / 1_000),
            false => "there was no connection".to_string(),
        }
    })
}
