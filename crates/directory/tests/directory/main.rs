//! What the directory does, asked as clients ask it: requests in, responses out, on bundled SQLite with D1's limits.
//!
//! A file a concept. `harness` leads a request through `scim::parse`, `directory::execute` and `scim::render`;
//! `tapped` is the database beneath it, which can be listened to and interfered with. What crosses the real network
//! and the real Worker is asked in `tests/` at the top of the repository.

// A reader of a failed test wants the panic; clippy's own exception covers `#[test]` functions only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod costs;
mod derived;
mod earlier;
mod faults;
mod filters;
mod groups;
mod harness;
mod large;
mod letter_case;
mod lists;
mod members;
mod memberships;
mod nesting;
mod pages;
mod quotas;
mod races;
mod resource_types;
mod tapped;
mod tenants;
mod transfer;
mod uniqueness;
mod users;
mod versions;
mod writes;
