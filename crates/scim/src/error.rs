//! What a client reads when its request is refused: RFC 7644 s3.12, table 8 and table 9, as data; and what the service itself must know of a
//! refusal.

use std::ops::{Deref, DerefMut};

use crate::Kind;

/// The detail error keyword of a 400 or 409 (RFC 7644 table 9; RFC 9865 s4 for the paging ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is malformed, or names an attribute or an operator that cannot be filtered on.
    InvalidFilter,
    /// The request asks for more than the service is willing to compute or return.
    TooMany,
    /// A value that must be unique is in use.
    Uniqueness,
    /// The change does not fit the attribute's mutability.
    Mutability,
    /// The body is not the message that the endpoint takes.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names nothing.
    InvalidPath,
    /// The path of a PATCH operation selects nothing that the operation could change.
    NoTarget,
    /// A value is missing or does not fit the attribute's type.
    InvalidValue,
    /// The protocol version that the client asks for is not served.
    InvalidVers,
    /// The cursor is malformed, or belongs to another query (RFC 9865 s2.1).
    InvalidCursor,
    /// The page size is invalid (RFC 9865 s2.1).
    InvalidCount,
}

impl ScimType {
    /// Returns the keyword as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }
}

/// A refusal. It is as large as a pointer, since every result has room for a refusal, and few have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimError(Box<Refusal>);

/// What a refusal says: its HTTP status, its keyword if table 9 has one, a sentence for a person, and what few refusals have besides.
///
/// The sentence quotes what the client sent in backticks and contains nothing that the client did not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The keyword of RFC 7644 table 9.
    pub scim_type: Option<ScimType>,
    /// What is wrong, and where.
    pub detail: String,
    /// The verbs that the endpoint takes: the `Allow` header of a 405 (RFC 9110 s15.5.6).
    pub allow: Option<&'static str>,
    /// The codings of a body that are taken: the `Accept-Encoding` header of a 415 (RFC 9110 s15.5.16).
    pub accept_encoding: Option<&'static str>,
    /// Seconds after which the same request may succeed: the `Retry-After` header (RFC 9110 s10.2.3).
    pub retry_after: Option<u32>,
    /// The limit that refused it, as the operator's log names it: `quota users`, `database`. Clients do not see it.
    pub limited: Option<&'static str>,
    /// The name that another resource has, as the client wrote it, and the type of that resource.
    pub taken: Option<(Kind, String)>,
}

impl Deref for ScimError {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl DerefMut for ScimError {
    fn deref_mut(&mut self) -> &mut Refusal {
        &mut self.0
    }
}

impl ScimError {
    /// Returns a refusal without a keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        ScimError(Box::new(Refusal {
            status,
            scim_type: None,
            detail: detail.into(),
            allow: None,
            accept_encoding: None,
            retry_after: None,
            limited: None,
            taken: None,
        }))
    }

    /// Sets what few refusals have.
    fn with(mut self, set: impl FnOnce(&mut Refusal)) -> Self {
        set(&mut self);
        self
    }

    fn typed(status: u16, scim_type: ScimType, detail: impl Into<String>) -> Self {
        ScimError::new(status, detail).with(|refusal| refusal.scim_type = Some(scim_type))
    }

    /// Returns a 400 `invalidFilter`.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::InvalidFilter, detail)
    }

    /// Returns a 400 `tooMany`.
    pub fn too_many(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::TooMany, detail)
    }

    /// Returns a 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::InvalidSyntax, detail)
    }

    /// Returns a 400 `invalidPath`.
    pub fn invalid_path(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::InvalidPath, detail)
    }

    /// Returns a 400 `noTarget`.
    pub fn no_target(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::NoTarget, detail)
    }

    /// Returns a 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::InvalidValue, detail)
    }

    /// Returns a 400 `mutability`.
    pub fn mutability(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::Mutability, detail)
    }

    /// Returns a 400 `invalidVers`.
    pub fn invalid_version(detail: impl Into<String>) -> Self {
        ScimError::typed(400, ScimType::InvalidVers, detail)
    }

    /// Returns a 400 with one of the keywords of RFC 9865.
    pub(crate) fn paging(scim_type: ScimType, detail: impl Into<String>) -> Self {
        ScimError::typed(400, scim_type, detail)
    }

    /// Returns a 409 `uniqueness` (RFC 7644 s3.3): another resource of that type has the name.
    pub fn uniqueness(kind: Kind, name: &str, detail: impl Into<String>) -> Self {
        let taken = (kind, name.to_string());
        ScimError::typed(409, ScimType::Uniqueness, detail).with(|refusal| refusal.taken = Some(taken))
    }

    /// Returns a 404: the resource or endpoint does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        ScimError::new(404, detail)
    }

    /// Returns a 405 with the methods that the endpoint takes.
    pub fn method_not_allowed(method: &str, allow: &'static str) -> Self {
        let detail = format!("`{method}` is not served here; this endpoint takes {allow}");
        ScimError::new(405, detail).with(|refusal| refusal.allow = Some(allow))
    }

    /// Returns a 415: the body is encoded, and no content coding is taken.
    pub fn encoded_content(coding: &str) -> Self {
        let detail =
            format!("a body with `Content-Encoding: {coding}` is not taken; send it as it is, uncompressed");
        ScimError::new(415, detail).with(|refusal| refusal.accept_encoding = Some("identity"))
    }

    /// Returns the sentence alone.
    pub fn into_detail(self) -> String {
        self.0.detail
    }

    /// Returns the headers that a response with this refusal has besides those of its body.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let allow = self.allow.map(|allow| ("Allow", allow.to_string()));
        let codings = self.accept_encoding.map(|codings| ("Accept-Encoding", codings.to_string()));
        let retry_after = self.retry_after.map(|seconds| ("Retry-After", seconds.to_string()));
        [allow, codings, retry_after].into_iter().flatten()
    }

    /// Returns a 503: the request may be sent again as it is, after a second.
    pub fn busy(detail: impl Into<String>) -> Self {
        ScimError::new(503, detail).with(|refusal| refusal.retry_after = Some(1))
    }

    /// How the log names [`ScimError::full`].
    pub const FULL: &'static str = "database";

    /// Returns a 503: the database is full. The client may try again after a time in which an operator can make room.
    pub fn full() -> Self {
        let detail = "the directory is full; its operator must make room before this can be stored";
        ScimError::new(503, detail)
            .with(|refusal| (refusal.retry_after, refusal.limited) = (Some(600), Some(ScimError::FULL)))
    }

    /// Returns a 429 (RFC 6585 s4): the request may be sent again as it is, after that time.
    pub fn too_many_requests(seconds: u32, detail: impl Into<String>) -> Self {
        ScimError::new(429, detail).with(|refusal| refusal.retry_after = Some(seconds))
    }

    /// Returns a 400 `tooMany`: the tenant has reached its quota. Entra tries such an object again later, by itself
    /// and with growing delay, and goes on with the others. A 401 or 403 would stop all of them, and a 429 or 5xx
    /// would make the whole job wait.
    pub fn beyond_quota(limited: &'static str, detail: impl Into<String>) -> Self {
        ScimError::too_many(detail).with(|refusal| refusal.limited = Some(limited))
    }

    /// Returns a 412 (RFC 7644 s3.14).
    pub fn precondition_failed() -> Self {
        ScimError::new(412, "the resource is not at the version that the request names")
    }
}

#[cfg(test)]
mod tests {
    use super::ScimError;

    #[test]
    fn a_refusal_is_as_large_as_a_pointer() {
        assert_eq!(size_of::<Result<(), ScimError>>(), size_of::<usize>());
    }
}
