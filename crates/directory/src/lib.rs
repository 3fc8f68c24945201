//! Users and groups in a SQL database: one typed [`scim::Operation`] in, one [`scim::Outcome`] out.
//!
//! What lives here: all the SQL there is, and what an operation means for rows. What does not: what requests
//! and responses look like (`scim`), and what the database is reached through (whoever implements
//! [`Database`]).
//!
//! A file an operation: `create`, `read`, `search`, `modify` (PUT and PATCH), `delete`. They share `record`
//! (a document as columns), `relations` (members and groups) and `selection` (a filter as SQL). Beside them
//! `tenants`: the customers themselves, and the tokens of their identity providers; and `clients`: what OAuth needs.

mod bulk;
mod chunks;
pub mod clients;
mod context;
mod create;
mod database;
mod delete;
mod execute;
mod failure;
mod member_ids;
mod modify;
mod quota;
mod read;
mod record;
mod relations;
mod rest;
pub mod schema;
mod search;
mod searchable;
mod selection;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod tenants;
mod write;

pub use bulk::bulk;
pub use context::Context;
pub use database::{Database, DatabaseError, Param, Place, Row, Statement};
pub use execute::execute;
pub use failure::Failure;
pub use quota::Quota;
pub use rest::read_rest;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
