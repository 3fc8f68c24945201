//! The schemas and resource types that this Worker serves, for every endpoint.

use std::sync::OnceLock;

use database::Failure;
use scim::Registry;

/// Returns the registry, which is loaded once in each instance.
///
/// # Errors
/// [`Failure::misconfigured`] if the schema documents of this build contradict each other.
pub fn registry() -> Result<&'static Registry, Failure> {
    static REGISTRY: OnceLock<Result<Registry, String>> = OnceLock::new();
    REGISTRY.get_or_init(Registry::load).as_ref().map_err(|error| Failure::misconfigured(error.clone()))
}
