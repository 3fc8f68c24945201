//! OAuth 2.0 client credentials (RFC 6749 s4.4, RFC 7523), JSON Web Tokens (RFC 7519) and the sign-in by OpenID Connect, as types and
//! pure functions.
//!
//! What lives here: what a token request says (`request`, a `form`) and how it is refused (`error`), what a credential may do
//! (`scopes`), the form of a JWT (`jwt`), the tokens that this service issues itself (`access`, signed with a key of
//! `signing`), what a token of another issuer must say (`trust`, with the issuer's keys in `jwks`), and the sign-in of a person (`oidc`). What does
//! not: a clock, a database, a network, and the mathematics of RSA and elliptic curves, which the runtime's WebCrypto
//! does.

mod access;
mod error;
mod form;
mod jwks;
mod jwt;
pub mod oidc;
mod request;
mod scopes;
mod signing;
mod trust;

pub use access::AccessToken;
pub use error::{ErrorCode, TokenError};
pub use form::{Form, encode_form};
pub use jwks::{JWKS_BYTES, Jwks, KeyType};
pub use jwt::{Algorithm, Claims, Jwt, encode, seal};
pub use request::{Authentication, TokenRequest};
pub use scopes::Scopes;
pub use signing::SigningKey;
pub use trust::{ENTRA_PROVISIONING, IssuerPolicy, Rejection, SKEW, Use};
