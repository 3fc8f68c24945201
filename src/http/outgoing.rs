//! Requests of this Worker to addresses that its operator or an administrator has configured: for keys, and for what an identity provider
//! publishes.

use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, WorkerGlobalScope};
use worker::js_sys;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

use super::request::collect;

/// Milliseconds to wait for an answer.
const PATIENCE: u32 = 5_000;

/// Fetches the text at that address, of at most so many bytes.
///
/// # Errors
/// The reason, as text for the operator; it holds nothing of the answer.
pub async fn get(address: &str, limit: usize) -> Result<String, String> {
    send(address, &[], None, limit).await
}

/// Sends a form to that address, and returns the text of the answer, of at most so many bytes.
///
/// # Errors
/// See [`get`].
pub async fn post_form(
    address: &str,
    headers: &[(&str, &str)],
    form: &str,
    limit: usize,
) -> Result<String, String> {
    send(address, headers, Some(form), limit).await
}

async fn send(
    address: &str,
    headers: &[(&str, &str)],
    form: Option<&str>,
    limit: usize,
) -> Result<String, String> {
    let init = init(headers, form).map_err(|_| "the request could not be made".to_string())?;
    let runtime: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(runtime.fetch_with_str_and_init(address, &init));
    let answer = answer.await.map_err(|_| "there was no answer".to_string())?;
    let mut response = worker::Response::from(answer.unchecked_into::<web_sys::Response>());
    let status = response.status_code();
    if status != 200 {
        return Err(format!("the answer is {status}"));
    }
    let stream = response.stream().map_err(|_| "the answer is empty".to_string())?;
    let body = collect(stream, limit).await.map_err(|error| error.into_detail())?;
    String::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_string())
}

fn init(headers: &[(&str, &str)], form: Option<&str>) -> Result<RequestInit, JsValue> {
    let init = RequestInit::new();
    let all = Headers::new()?;
    all.set("Accept", "application/json")?;
    headers.iter().try_for_each(|(name, value)| all.set(name, value))?;
    if let Some(form) = form {
        all.set("Content-Type", "application/x-www-form-urlencoded")?;
        init.set_method("POST");
        init.set_body(&form.into());
    }
    init.set_headers(&all);
    // The operator trusts this address, and not an address that it redirects to.
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    Ok(init)
}
