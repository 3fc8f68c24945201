//! Tenants: their names and tokens, deleting one, and exporting and importing a whole directory. What one tenant can
//! see of another is tested over HTTP (tests/tenants/tenants.test.mjs).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

mod audit_log;
mod clients;
mod console;
mod deeds;
mod expiries;
#[path = "../../../directory/tests/directory/transfer/filling.rs"]
mod filling;
mod issuers;
mod removal;
mod support;
mod tokens;
