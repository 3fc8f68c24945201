//! What holds for every filter and every PATCH, whatever was sent.

#![allow(clippy::unwrap_used, clippy::panic)]

mod filters;
mod json;
mod patches;

use std::sync::LazyLock;

use proptest::test_runner::Config;
use scim::Registry;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

fn user_kind() -> scim::Kind {
    REGISTRY.kind("User").unwrap()
}

fn group_kind() -> scim::Kind {
    REGISTRY.kind("Group").unwrap()
}

/// Returns a configuration that writes no files beside the sources: a failure prints the smallest input that fails,
/// which becomes a test.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
