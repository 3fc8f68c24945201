//! Between the platform's requests and responses and those of `scim`; and the answers that are not SCIM's.

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{Stream, once};
use scim::{HttpResponse, ScimError};
use serde_json::Value;
use worker::{ByteStream, Headers, Request, Response, ResponseBuilder, Result};

/// The verb as it stands in the request; `Request::method` reads an unknown one as GET.
pub fn method(request: &Request) -> String {
    request.inner().method()
}

/// A header's value, where it is there and is text.
pub fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

/// Reads the body, up to the limit and no further.
///
/// # Errors
/// 413 if the body is longer; 415 if it is compressed; 400 if it ends too early.
pub async fn body(request: &mut Request, limit: usize) -> std::result::Result<Vec<u8>, ScimError> {
    scim::check_content_encoding(header(request, "Content-Encoding").as_deref())?;
    let declared = header(request, "Content-Length").and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let stream = request.stream().map_err(unread)?;
    collect(stream, limit, declared.unwrap_or_default()).await
}

/// Reads a stream, up to the limit and no further. `expected` is how many bytes it is likely to have.
pub async fn collect(
    mut stream: ByteStream,
    limit: usize,
    expected: usize,
) -> std::result::Result<Vec<u8>, ScimError> {
    let mut body = Vec::with_capacity(expected);
    while let Some(chunk) = stream.next().await {
        body.extend(chunk.map_err(unread)?);
        if body.len() > limit {
            return Err(too_large(limit));
        }
    }
    Ok(body)
}

fn too_large(limit: usize) -> ScimError {
    ScimError::new(413, format!("the body has more than {limit} bytes"))
}

fn unread(_: worker::Error) -> ScimError {
    ScimError::invalid_syntax("the body could not be read to its end")
}

/// A JSON answer that is not SCIM's.
pub fn json(status: u16, body: &Value) -> HttpResponse {
    typed(status, "application/json", body.to_string())
}

/// An answer of that media type.
pub fn typed(status: u16, media_type: &str, body: String) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("Content-Type", media_type.to_string())],
        body: Some(body),
        rest: None,
    }
}

/// Makes the platform's response. A body is only given where there is one: 204 and 304 may have none. `rest` is what follows
/// after it.
pub fn to_response(
    answer: HttpResponse,
    rest: Option<impl Stream<Item = Result<String>> + 'static>,
) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    let builder = ResponseBuilder::new().with_status(answer.status).with_headers(headers);
    Ok(match (answer.body, rest) {
        (Some(body), Some(rest)) => builder.from_stream(once(ready(Ok(body))).chain(rest))?,
        (Some(body), None) => builder.fixed(body.into_bytes()),
        (None, _) => builder.empty(),
    })
}
