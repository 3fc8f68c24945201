//! How a token request is refused (RFC 6749 s5.2).

use std::borrow::Cow;

use serde_json::{Value, json};

/// The keyword of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is malformed.
    InvalidRequest,
    /// The client did not authenticate, or not as the client that it names.
    InvalidClient,
    /// The client asks for another grant than client credentials.
    UnsupportedGrantType,
    /// The client asks for a scope that it does not have.
    InvalidScope,
    /// The service cannot answer now.
    TemporarilyUnavailable,
    /// The service failed.
    ServerError,
}

impl ErrorCode {
    /// Returns the code as it is written. The last two come from RFC 6749 s4.1.2.1, since the token endpoint has none
    /// for these cases.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::InvalidRequest => "invalid_request",
            ErrorCode::InvalidClient => "invalid_client",
            ErrorCode::UnsupportedGrantType => "unsupported_grant_type",
            ErrorCode::InvalidScope => "invalid_scope",
            ErrorCode::TemporarilyUnavailable => "temporarily_unavailable",
            ErrorCode::ServerError => "server_error",
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    /// The HTTP status.
    pub status: u16,
    /// The keyword.
    pub code: ErrorCode,
    /// What is wrong, for people.
    pub description: Cow<'static, str>,
}

impl TokenError {
    /// Returns a refusal of a malformed request.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> TokenError {
        TokenError { status: 400, code: ErrorCode::InvalidRequest, description: description.into() }
    }

    /// Returns a refusal of a client that did not authenticate. It does not say what was wrong with the proof.
    pub fn invalid_client(description: &'static str) -> TokenError {
        TokenError { status: 401, code: ErrorCode::InvalidClient, description: description.into() }
    }

    /// Returns the body of the answer.
    pub fn to_json(&self) -> Value {
        json!({"error": self.code.as_str(), "error_description": self.description})
    }
}
