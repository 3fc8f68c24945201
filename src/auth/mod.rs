//! Who may ask: bearer tokens (RFC 6750).
//!
//! The default tenant and the administration have their tokens in secrets of the Worker (`secret`), the other tenants
//! in the database (`customer`). Each tenant may take JWTs besides (`jwt`): those that the token endpoint gives out, and
//! those of issuers that it trusts, whose public keys are the matter of `keys` and their mathematics of `webcrypto`.
//! `memory` is what an instance knows by heart.

mod customer;
mod jwt;
pub mod keys;
pub mod memory;
mod secret;
mod webcrypto;

use database::Failure;
use scim::{Dialect, HttpResponse, Instant, ScimError};
use worker::Env;

use crate::d1::D1;
use crate::settings;

pub use customer::access;
pub use jwt::{asserted, signing_key};
pub use memory::forget;
pub use secret::is_administrator;

/// Who looks a token up, and when.
pub struct Asking<'a> {
    /// Bindings, secrets and variables.
    pub env: &'a Env,
    /// The database.
    pub database: &'a D1,
    /// The time of the request.
    pub now: Instant,
    /// Whether the Worker is asked on the machine that it runs on.
    pub is_local: bool,
    /// Whether nobody waits for it: the request has been answered. Then there is time for what grows old.
    pub behind: bool,
    /// The request's.
    pub correlation_id: &'a str,
}

/// On whose behalf a request comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The tenant whose rows it may see.
    pub tenant: String,
    /// The id of the credential that it was let in by.
    pub credential: String,
    /// How its client is read; None for the default tenant, which has that in a variable of the Worker.
    dialect: Option<Dialect>,
}

impl Customer {
    /// How the tenant's client is read.
    ///
    /// # Errors
    /// If the variable is misspelt.
    pub fn dialect(&self, env: &Env) -> Result<Dialect, Failure> {
        self.dialect.map_or_else(|| settings::dialect(env).map_err(Failure::Misconfigured), Ok)
    }
}

/// The 401 that a request without valid credentials gets (RFC 7644 s2, RFC 6750 s3).
pub fn refusal(authorization: Option<&str>) -> (ScimError, &'static str) {
    match authorization.and_then(bearer) {
        None => (ScimError::new(401, "a bearer token is needed"), "Bearer realm=\"scim\""),
        Some(_) => (
            ScimError::new(401, "the bearer token is not valid"),
            "Bearer realm=\"scim\", error=\"invalid_token\"",
        ),
    }
}

/// The token of `Bearer <token>`; the scheme's letter case does not count (RFC 9110 s11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Adds the challenge to a 401.
pub fn challenged(mut response: HttpResponse, challenge: &str) -> HttpResponse {
    response.headers.push(("WWW-Authenticate", challenge.to_string()));
    response
}
