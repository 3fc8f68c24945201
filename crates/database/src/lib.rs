//! The seam to storage: one call is one list of statements, one transaction, one round trip.
//!
//! What lives here: the trait [`Database`] with its statements and rows, [`Batch`] whose rows are found by keys, [`Waves`]
//! that make one call of several reads, emptying tables of a tenant's rows ([`Emptying`]), what can go wrong
//! ([`DatabaseError`], [`Failure`]), the schema that a build needs, the contract of a database, and SQLite as the database
//! of native tests. What does not: what the statements are about (`directory`, `tenants`), and D1 (the Worker).
//!
//! A statement whose rows the caller needs is added to a batch, and its key leads to them:
//!
//! ```
//! use database::{Batch, Sqlite, Statement};
//!
//! let database = Sqlite::new().unwrap();
//! let mut batch = Batch::new();
//! let sql = "SELECT count(*) AS count FROM resources WHERE tenant = +?1";
//! let count = batch.add(Statement::new(sql, vec!["acme".into()]));
//! let rows = pollster::block_on(batch.query(&database)).unwrap();
//! assert_eq!(rows.first(count).unwrap().integer("count").unwrap(), 0);
//! ```

mod batch;
pub mod chunks;
#[cfg(feature = "contract")]
pub mod contract;
mod database;
mod emptying;
mod error;
mod failure;
mod row;
pub mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod wave;

pub use batch::{Batch, Key, Rows};
pub use database::{Database, Param, Params, Place, Statement, tried};
pub use emptying::{Emptying, any_row, empty};
pub use error::DatabaseError;
pub use failure::{Cause, Failure};
pub use row::{Row, rows};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use wave::Waves;
