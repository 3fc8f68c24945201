//! What an administrator can do, as functions of typed arguments: one file for each thing that is managed.
//!
//! What lives here: who does it (`by`), defaults and bounds, new ids and secrets, what the log notes about credentials, and that a change
//! clears the cache of credentials. What does not: how a request is parsed and a result is rendered
//! (`endpoints/admin` and `endpoints/console`), but for the evidence of `audit` and the `settings` in it, which both
//! show as JSON; and SQL (`directory`).

pub mod activity;
pub mod audit;
pub mod bounds;
pub mod by;
pub mod changes;
pub mod clients;
pub mod console;
pub mod details;
pub mod edge;
pub mod endpoints;
pub mod erasure;
pub mod issuers;
pub mod lines;
pub mod names;
pub mod roles;
pub mod settings;
pub mod signing_keys;
pub mod tenants;
pub mod tokens;
pub mod transfer;
