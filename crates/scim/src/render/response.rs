//! An HTTP response: its status, its headers and its text.

use serde::Serialize;

use super::Rest;

/// A response to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON; None for a response without a body.
    pub body: Option<String>,
    /// The rest of the body, if it is too large to be built at once.
    pub rest: Option<Rest>,
}

impl HttpResponse {
    pub(super) fn empty(status: u16) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: None, rest: None }
    }

    pub(super) fn json(status: u16, body: &impl Serialize) -> HttpResponse {
        HttpResponse::of_type("application/scim+json; charset=utf-8", status, body)
    }

    pub(super) fn of_type(media_type: &str, status: u16, body: &impl Serialize) -> HttpResponse {
        // Serialization fails only for a map with keys that are not text, and no response has one.
        let body = serde_json::to_string(body).unwrap_or_default();
        HttpResponse { body: Some(body), ..HttpResponse::empty(status) }.with("Content-Type", media_type)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> HttpResponse {
        self.headers.push((name, value.into()));
        self
    }
}
