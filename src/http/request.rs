//! Reading the platform's requests: method, headers, and a body up to a limit.

use futures_util::StreamExt;
use scim::ScimError;
use web_sys::Request;
use worker::ByteStream;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;

/// Returns the method as it stands in the request; `Request::method` reads an unknown one as GET.
pub fn method(request: &Request) -> String {
    request.method()
}

/// Returns a header's value, if the header is there and is text.
pub fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// Reads the body, up to the limit and no further.
///
/// # Errors
/// 413 if the body is longer; 415 if it is compressed; 400 if it ends too early.
pub async fn body(request: &Request, limit: usize) -> Result<Vec<u8>, ScimError> {
    scim::check_content_encoding(header(request, "Content-Encoding").as_deref())?;
    let declared = header(request, "Content-Length").and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    if request.body().is_none() {
        return Ok(Vec::new());
    }
    // The runtime holds a body to the length that it declares (RFC 9112 s6.2), so such a body can be read in one step, which
    // takes a fraction of the time.
    if declared.is_some() {
        let whole = JsFuture::from(request.array_buffer().map_err(|_| unread())?).await;
        let body = Uint8Array::new(&whole.map_err(|_| unread())?).to_vec();
        return if body.len() > limit { Err(too_large(limit)) } else { Ok(body) };
    }
    // The same request, by the `Clone` of Rust: its own `clone` would split the body, and keep the half that is not read.
    let request = Clone::clone(request);
    let stream = worker::Request::from(request).stream().map_err(|_| unread())?;
    collect(stream, limit).await
}

/// Reads a stream, up to the limit and no further.
pub(super) async fn collect(mut stream: ByteStream, limit: usize) -> Result<Vec<u8>, ScimError> {
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        body.extend(chunk.map_err(|_| unread())?);
        if body.len() > limit {
            return Err(too_large(limit));
        }
    }
    Ok(body)
}

fn too_large(limit: usize) -> ScimError {
    ScimError::new(413, format!("the body has more than {limit} bytes"))
}

fn unread() -> ScimError {
    ScimError::invalid_syntax("the body could not be read to its end")
}
