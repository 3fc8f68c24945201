//! Users and groups in a SQL database: one typed [`scim::Operation`] in, one [`scim::Outcome`] out.
//!
//! What lives here: the SQL of users, groups and memberships, and what an operation means for rows. What does not:
//! what requests and responses look like (`scim`), how the database is reached (`database`), and which tenants and
//! tokens there are (`tenants`, which this crate does not depend on).
//!
//! `operations` has one file for each operation; `search` and `filter` are queries; `bulk` is many operations in one
//! request, and `transfer` exports and imports a directory as a whole. All of them write through `store`, the only
//! place that writes resources, memberships, quotas and the log, and read members and groups through `memberships`;
//! `whole` is one resource with them. `difference` is what a change has changed, and `change_log` what the writers and
//! the readers of the log agree on. `roles` maps groups to roles of the application. `events`, `webhooks` and `edge` read
//! the log, and `activity` is what clients did besides; each of them writes what it must remember into tables of its own.
//! `condition` reads from them how one tenant does, `overview` what each of several tenants has. `erasure` erases a
//! person.

pub mod activity;
mod bulk;
mod change_log;
mod condition;
mod context;
mod difference;
pub mod edge;
mod erasure;
mod events;
mod filter;
mod glance;
mod memberships;
mod operations;
mod overview;
mod refusal;
pub mod roles;
mod search;
mod store;
mod tenant;
mod transfer;
pub mod webhooks;
mod whole;

pub use bulk::bulk;
pub use condition::{Condition, condition};
pub use context::Context;
pub use erasure::{Erasure, erase};

pub use events::{
    Bucket, Cursor, Digest, Event, Page, ReaderPlace, SECURITY_EVENTS, Wanted, check_event_types, digest,
    events, forget_reader, is_event_type, latest, reader, save_reader,
};
pub use glance::{COUNTED, first_groups, first_members, member_counts};
pub use operations::{execute, read_rest};
pub use overview::{Overview, overviews};
pub use store::{
    LARGEST_SEQUENCE, Quota, QuotaChanges, TABLES, Usage, empty, recount, set_guard_of_tenant,
    set_quotas_of_tenant, usage,
};
pub use transfer::{Exported, Imported, export, import};
