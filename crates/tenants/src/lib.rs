//! The control plane: which tenants there are, which credentials let their identity providers in, and what OAuth keeps.
//!
//! What lives here: the table `tenants` and the tables of credentials. What does not: users, groups and quotas
//! (`directory`, which is not known here), HTTP, and the one tenant that has no row, `default`, whose token is a secret of the
//! Worker.
//!
//! `slug` says what a tenant can be called, `table` are the statements on `tenants`, `removal` deletes a tenant;
//! `credentials` are tokens and what is remembered of them, `oauth` are clients, issuers and signing keys.

mod credentials;
pub mod oauth;
mod removal;
mod slug;
mod table;

pub use credentials::{
    Cached, FRESH, Grant, GrantCache, Hash, NewToken, Secret, Token, USABLE, create_token, list_tokens,
    look_up, refresh, revoke, rotate,
};
pub use removal::{GRACE, Removal, TABLES, remove};
pub use slug::{DEFAULT, check_new, is_slug};
pub use table::{Changes, NewTenant, Tenant, create, list, show, update};

pub(crate) use credentials::USE_NOTED;
pub(crate) use table::{dialect, not_found};
