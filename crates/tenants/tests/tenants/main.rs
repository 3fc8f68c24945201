//! Customers natively: their names and tokens, deleting one, and a whole directory out and in again. What one may
//! see of another is asked over HTTP (tests/tenants/tenants.test.mjs).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

mod clients;
#[path = "../../../directory/tests/directory/transfer/filling.rs"]
mod filling;
mod issuers;
mod removal;
mod support;
mod tokens;
