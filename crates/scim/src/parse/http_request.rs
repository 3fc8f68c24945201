//! What is read of an HTTP request.

/// The parts of an HTTP request that matter to SCIM.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpRequest<'a> {
    /// The method as it stands in the request line.
    pub method: &'a str,
    /// The path below the base URL, percent-encoded as it came: `/Users/2819c223`.
    pub path: &'a str,
    /// What follows the question mark, percent-encoded as it came.
    pub query: &'a str,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// The body; empty if there is none.
    pub body: &'a [u8],
}
