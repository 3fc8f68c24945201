//! The seam to storage: one call is one list of statements, one transaction, one round trip.
//!
//! What lives here: the trait [`Database`] with its statements and rows, [`Batch`] whose answers are found by keys, what can
//! go wrong ([`DatabaseError`], [`Failure`]), the schema that a build needs, and SQLite as the database of native tests. What
//! does not: what the statements are about (`directory`, `tenants`), and D1 (the Worker).

mod batch;
pub mod chunks;
#[cfg(feature = "contract")]
pub mod contract;
mod database;
mod emptying;
mod failure;
pub mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use batch::{Batch, Key, Rows};
pub use database::{Database, DatabaseError, Param, Params, Place, Row, Statement};
pub use emptying::{Emptying, any_row, empty};
pub use failure::Failure;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
