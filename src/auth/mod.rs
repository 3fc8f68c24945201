//! Authentication: who a request comes from (RFC 6750 for bearer tokens).
//!
//! `credential` parses the Authorization header of a request to a tenant. Then there is one file for each kind of credential:
//! `worker_secret` (the default tenant and the administration), `token` (Secret Tokens of tenants), `access_token`
//! (JWTs that the token endpoint has issued), and `issuer_token` (JWTs of an issuer that a tenant trusts, with its
//! keys in `keys`, and their verification in `webcrypto`). `authenticate` puts them together and returns a grant, of which a
//! `principal` is made; `cache` is what an instance remembers of credentials; `signing` has this service's own keys, `key_pair`
//! those that others verify with a published key; `challenge` says what a client reads that is not authenticated.

mod access_token;
mod authenticate;
pub mod cache;
mod challenge;
mod credential;
mod issuer_token;
mod key_pair;
pub mod keys;
mod principal;
mod signing;
mod token;
mod webcrypto;
mod worker_secret;

pub use authenticate::{authenticate, is_administrator};
pub use challenge::{insufficient_scope, unauthorized};
pub use issuer_token::verify_assertion;
pub use key_pair::{Signer, signer};
pub use principal::Principal;
pub use signing::{can_sign, new_signing_key, new_webhook_secret, signing_key, webhook_secret};
pub use tenants::Cached;
pub use webcrypto::has_signed;
