//! Which credential an Authorization header holds. A 401 asks no more of the header than whether it holds one (`bearer`).
//!
//! What lives here: which kind of credential a bearer token is. What does not: whether it is valid (one file for each
//! kind).

use oauth::Jwt;
use tenants::{DEFAULT, Hash, Secret};

use super::worker_secret;
use crate::context::RequestContext;

/// The secret of the Worker that opens the default tenant.
const SCIM_TOKEN: &str = "SCIM_TOKEN";

/// A credential of a form that may open the tenant's directory.
pub(super) enum Credential {
    /// One of the values of the Worker's secret of that name. It is valid: its value was compared.
    WorkerSecret(&'static str),
    /// A Secret Token of a tenant, by its hash.
    Token(Hash),
    /// A JWT, and the hash by which it is cached. Two tenants may trust the same issuer, so the hash is of tenant and
    /// token.
    Jwt(Jwt, Hash),
}

impl Credential {
    /// Parses the Authorization header of a request to the tenant. None if it is not formatted as a credential of the
    /// tenant; no look-up is needed then.
    pub(super) fn parse(
        context: &RequestContext,
        tenant: &str,
        authorization: Option<&str>,
    ) -> Option<Credential> {
        let text = authorization.and_then(bearer).unwrap_or_default();
        if tenant == DEFAULT && worker_secret::holds(context, SCIM_TOKEN, text) {
            return Some(Credential::WorkerSecret(SCIM_TOKEN));
        }
        match Secret::parse(text) {
            Some(secret) => Some(Credential::Token(secret.hash())),
            None => Jwt::parse(text).map(|jwt| Credential::Jwt(jwt, Hash::of(&format!("{tenant} {text}")))),
        }
    }
}

/// Returns the token of `Bearer <token>`; the scheme's letter case does not count (RFC 9110 s11.1).
pub(super) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
