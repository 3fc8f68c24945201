//! A response as every endpoint builds it. It becomes the platform's at the very end.
//!
//! What lives here: status, headers, which may repeat, body, and how long a cache may keep it. What does not: the
//! headers that every response has (`router`), and messages of SCIM (`scim::render`).

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{LocalBoxStream, Stream, once};
use scim::HttpResponse;
use serde_json::Value;
use web_sys::{Headers, ResponseInit};
use worker::{ResponseBuilder, Result};

/// How long caches may keep a response (RFC 9111 s5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Not at all: it contains personal data, or is true only for the moment.
    NoStore,
    /// For five minutes: keys that others verify with.
    Briefly,
    /// For a year: its URL changes when its content does (RFC 8246).
    Immutable,
}

impl Caching {
    fn as_str(self) -> &'static str {
        match self {
            Caching::NoStore => "no-store",
            Caching::Briefly => "public, max-age=300",
            Caching::Immutable => "public, max-age=31536000, immutable",
        }
    }
}

/// A response.
pub struct Response {
    /// The status.
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    caching: Caching,
    body: Option<String>,
    rest: Option<LocalBoxStream<'static, Result<String>>>,
}

impl Response {
    /// Returns a response without a body.
    pub fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), caching: Caching::NoStore, body: None, rest: None }
    }

    /// Returns a response of that media type.
    pub fn of_type(status: u16, media_type: &str, body: String) -> Response {
        Response { body: Some(body), ..Response::empty(status) }.with("Content-Type", media_type)
    }

    /// Returns a JSON response that is not SCIM's.
    pub fn json(status: u16, body: &Value) -> Response {
        Response::of_type(status, "application/json", body.to_string())
    }

    /// Appends a header. One of the same name stays beside it, as two `Set-Cookie` must (RFC 6265 s3).
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    /// Appends headers.
    pub fn with_all(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Response {
        self.headers.extend(headers);
        self
    }

    /// Sets how long caches may keep the response. Without it they may not.
    pub fn cached(self, caching: Caching) -> Response {
        Response { caching, ..self }
    }

    /// Streams texts after the body, which are produced while the client reads.
    pub fn followed_by(mut self, rest: impl Stream<Item = Result<String>> + 'static) -> Response {
        self.rest = Some(rest.boxed_local());
        self
    }

    /// Drops the body, for HEAD: "The HEAD method is identical to GET except that the server MUST NOT send content in the
    /// response" (RFC 9110 s9.3.2).
    pub fn without_body(self) -> Response {
        Response { body: None, rest: None, ..self }
    }

    /// Returns the platform's response. It gets a body only if there is one: 204 and 304 must not have one.
    ///
    /// # Errors
    /// If the runtime considers a header or the status malformed.
    pub fn into_platform(self) -> Result<web_sys::Response> {
        let headers = Headers::new()?;
        for (name, value) in &self.headers {
            headers.append(name, value)?;
        }
        headers.append("Cache-Control", self.caching.as_str())?;
        match (self.body, self.rest) {
            (Some(body), Some(rest)) => {
                let builder =
                    ResponseBuilder::new().with_status(self.status).with_headers(worker::Headers(headers));
                Ok(builder.from_stream(once(ready(Ok(body))).chain(rest))?.into())
            }
            (body, _) => {
                let init = ResponseInit::new();
                init.set_status(self.status);
                init.set_headers(&headers);
                Ok(web_sys::Response::new_with_opt_str_and_init(body.as_deref(), &init)?)
            }
        }
    }
}

/// A response of SCIM, without the rest of its body: an endpoint that has such a response streams it with
/// [`Response::followed_by`].
impl From<HttpResponse> for Response {
    fn from(response: HttpResponse) -> Response {
        let HttpResponse { status, headers, body, .. } = response;
        Response { headers, body, ..Response::empty(status) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Caching, Response};

    #[test]
    fn a_header_may_repeat_and_a_response_is_not_cached_unless_it_says_so() {
        let response = Response::empty(204).with("Set-Cookie", "a=1").with("Set-Cookie", "b=2");
        let cookies = [("Set-Cookie", "a=1".to_string()), ("Set-Cookie", "b=2".to_string())];
        assert_eq!((response.headers.as_slice(), response.caching), (&cookies[..], Caching::NoStore));
        let asset = response.cached(Caching::Immutable);
        assert_eq!(asset.caching.as_str(), "public, max-age=31536000, immutable");
        assert_eq!(Caching::NoStore.as_str(), "no-store");
    }
}
