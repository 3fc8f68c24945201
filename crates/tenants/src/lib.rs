//! The control plane: which tenants there are, which credentials their identity providers use, the tables of OAuth, and who may
//! enter the console.
//!
//! What lives here: the table `tenants` and the tables of credentials. What does not: users, groups and quotas
//! (`directory`, on which this crate does not depend), HTTP, and the tenant `default`, which has no row and whose
//! token is a secret of the Worker.
//!
//! `slug` says which names a tenant may have, `table` has the statements on `tenants`, `removal` deletes a tenant;
//! `credentials` are tokens and what is remembered of them, `oauth` are clients, issuers and signing keys; `key_pairs`
//! sign what others verify with a published key; `console` is who may enter the console, `audit_log` what was done there
//! and in the administration.
//!
//! A tenant gets a token, whose hash is later looked up to find the tenant:
//!
//! ```
//! use database::Sqlite;
//! use scim::{Dialect, Instant};
//! use tenants::{NewTenant, NewToken, Secret};
//!
//! let (database, now) = (Sqlite::new().unwrap(), Instant(1_700_000_000_000));
//! let new = NewTenant {
//!     id: "acme".into(),
//!     name: "Acme Ltd".into(),
//!     dialect: Dialect::TOLERANT,
//!     log_retention_days: 30,
//! };
//! pollster::block_on(tenants::create(&database, new, now)).unwrap();
//!
//! let secret = Secret::new(&[7; 32]);
//! let new = NewToken { id: "token-1".into(), name: None, scopes: None, secret: &secret, expires: None };
//! pollster::block_on(tenants::create_token(&database, "acme", new, now)).unwrap();
//!
//! let grant = pollster::block_on(tenants::look_up(&database, secret.hash())).unwrap().unwrap();
//! assert!(grant.opens("acme", now));
//! ```

pub mod audit_log;
pub mod console;
mod credentials;
mod key_pairs;
pub mod oauth;
mod removal;
mod slug;
mod table;

pub use credentials::{
    Cached, Expiring, FRESH, Grant, GrantCache, Hash, NewToken, Secret, Token, USABLE, create_token,
    credential_events, expiring, list_tokens, look_up, refresh, revoke, rotate,
};
pub use key_pairs::{KeyPair, NewKeyPair, key_pair, public_keys, save_key_pair};
pub use removal::{GRACE, Removal, TABLES, remove};
pub use slug::{DEFAULT, check_new, is_slug};
pub use table::{Changes, NewTenant, Tenant, create, list, show, update};

pub(crate) use credentials::USE_NOTED;
pub(crate) use table::{dialect, not_found};
