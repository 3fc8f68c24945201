//! Who is at the console: from the cookie of a request to the person who signed in, and whether that person's browser meant to send it.
//!
//! What lives here: cookies (`cookie`), whom a request comes from (`session`), what is known of that person (`visitor`), and where a form
//! comes from (`guard`). What does not: pages (`endpoints/console`), how links are made (`manage::console`), and the tables
//! (`tenants::console`).
//!
//! Vendor's staff come by a one-time link, by Cloudflare Access (`access`) or by an identity provider (`oidc`), with `settings` of the
//! operator and what those services have `published`; a customer's administrator comes by a set-up link.

mod access;
mod cookie;
mod guard;
pub mod oidc;
mod published;
mod session;
mod settings;
mod visitor;

pub use cookie::{SESSION, STATE};
pub use guard::{check_download, check_origin, check_token};
pub use session::{forget_sessions, new_session, session_of, visitor};
pub use visitor::Visitor;
