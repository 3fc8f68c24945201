//! A relying party of OpenID Connect Core 1.0 by the authorization code flow, as types and pure functions: vendor's staff sign in to the
//! console by it.
//!
//! What lives here: what the provider publishes (`discovery`), one attempt to sign in with its `state`, `nonce` and PKCE verifier
//! (`attempt`), and what the ID token must say (`id_token`). What does not: HTTP, cookies, and signatures.

mod attempt;
mod discovery;
mod id_token;

pub use attempt::{Attempt, Client};
pub use discovery::{Provider, discovery_address};
pub use id_token::{Identity, verify_claims};
