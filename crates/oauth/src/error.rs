//! How a token request is refused (RFC 6749 s5.2).

use std::borrow::Cow;

use serde_json::{Value, json};

/// The keyword of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is malformed.
    InvalidRequest,
    /// The client is not who it says, or says nothing.
    InvalidClient,
    /// Something else than client credentials is asked for.
    UnsupportedGrantType,
    /// The client does not have the scope that it asks for.
    InvalidScope,
    /// The service cannot answer now.
    TemporarilyUnavailable,
    /// The service failed.
    ServerError,
}

impl ErrorCode {
    /// As it is written. The last two come from RFC 6749 s4.1.2.1; the token endpoint has none of its own for them.
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
    /// A malformed request.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> TokenError {
        TokenError { status: 400, code: ErrorCode::InvalidRequest, description: description.into() }
    }

    /// A client that did not prove who it is. What was wrong with the proof is not said.
    pub fn invalid_client(description: &'static str) -> TokenError {
        TokenError { status: 401, code: ErrorCode::InvalidClient, description: description.into() }
    }

    /// The body of the answer.
    pub fn to_json(&self) -> Value {
        json!({"error": self.code.as_str(), "error_description": self.description})
    }
}
