//! What the directory does, as clients see it: requests in, responses out, on bundled SQLite with D1's limits.
//!
//! Each concept has a file. `harness` leads a request through `scim::parse`, `directory::execute` and `scim::render`;
//! `instrumented` is the database beneath it, whose calls can be recorded and made to fail. The tests in `tests/` at the
//! top of the repository use the real Worker over a real network.

// The panic is what the reader of a failed test needs; clippy's own exception covers `#[test]` functions only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod activity;
mod costs;
mod derived;
mod earlier;
mod edge;
mod events;
mod faults;
mod filters;
mod glance;
mod groups;
mod harness;
mod instrumented;
mod large;
mod letter_case;
mod lists;
mod log;
mod members;
mod memberships;
mod nesting;
mod pages;
mod quotas;
mod races;
mod resource_types;
mod roles;
mod tenants;
mod transfer;
mod uniqueness;
mod users;
mod versions;
mod webhooks;
mod writers;
mod writes;
