//! The copy of a directory in a key-value store, as far as the database is concerned: which tenants have one, how far it has
//! come, and what it must say.
//!
//! What lives here: `table` is the state of the copy, `affected` finds the users that a part of the log is about, `users` reads what
//! is copied of them. What does not: the store and the form of its keys and values (the Worker).

mod affected;
mod table;
mod users;

pub use affected::{Affected, affected, all_users};
pub use table::{EdgeCopy, EdgeState, claim, due, edge_copy, record, set_edge, set_residency, start_rebuild};
pub use users::{CopiedUser, group_names, holders, users};
