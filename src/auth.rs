//! Who may ask: bearer tokens (RFC 6750) against the secret `SCIM_TOKEN`.

use subtle::{Choice, ConstantTimeEq};
use worker::Env;

/// The name of the worker secret. It holds one token, or two with white space between while one replaces the
/// other.
const SECRET: &str = "SCIM_TOKEN";

/// What a request's credentials are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The token is one of those in force.
    Granted,
    /// There is no bearer token.
    Missing,
    /// The token is none of those in force.
    Invalid,
    /// The Worker has no token to compare with, so nobody is let in.
    Unconfigured,
}

/// Judges the `Authorization` header.
pub fn access(env: &Env, authorization: Option<&str>) -> Access {
    let secret = env.secret(SECRET).map(|secret| secret.to_string()).unwrap_or_default();
    if secret.split_whitespace().next().is_none() {
        return Access::Unconfigured;
    }
    match authorization.and_then(bearer) {
        None => Access::Missing,
        Some(token) if is_one_of(token, &secret) => Access::Granted,
        Some(_) => Access::Invalid,
    }
}

/// The token of `Bearer <token>`; the scheme's letter case does not count (RFC 9110 s11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Compares with every token in full, so that the time taken tells nothing of any of them but its length.
fn is_one_of(token: &str, secret: &str) -> bool {
    let equal = |known: &str| known.as_bytes().ct_eq(token.as_bytes());
    secret.split_whitespace().fold(Choice::from(0), |found, known| found | equal(known)).into()
}
