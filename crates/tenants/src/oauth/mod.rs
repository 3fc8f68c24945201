//! OAuth: the clients of a tenant with their secrets, the issuers that it trusts, and the service's own signing keys.
//!
//! What lives here: the tables of migration 3. What does not: the form of a token and its verification (the crate
//! `oauth`), and the cryptography.
//!
//! `clients` are clients and secrets, `issuers` and `signing_keys` the other two tables; `lookup` has the look-ups of
//! a request with a token. The default tenant has clients and issuers like every other one.

mod clients;
mod issuers;
mod lookup;
mod signing_keys;

pub use clients::{
    Client, ClientSecret, NewClient, NewClientSecret, create_client, create_secret, list_clients,
    revoke_client, revoke_secret,
};
pub use issuers::{
    Due, Issuer, NewIssuer, claim_due, create_issuer, find_issuer, keep_keys, list_issuers, revoke_issuer,
};
pub use lookup::{AuthenticatedClient, IssuerMatch, grant_of, note_use, prove, trusted};
pub use signing_keys::{NewSigningKey, SigningKey, current_key, list_keys, revoke_key, rotate_keys};

use database::Failure;
use scim::ScimError;

fn no_client(tenant: &str, id: &str) -> Failure {
    ScimError::not_found(format!("the tenant `{tenant}` has no client `{id}`")).into()
}
