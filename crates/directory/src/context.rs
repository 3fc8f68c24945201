//! What an operation needs beside itself. Time and ids are given, so that the outcome follows from its inputs.

use scim::{Instant, Kind, Registry, ResourceType};

/// For whom, when, and under which ids an operation is executed.
pub struct Context<'c> {
    /// The customer whose directory it is; every statement names it.
    pub tenant: &'c str,
    /// The time of the request.
    pub now: Instant,
    /// Makes an id that nothing has: a UUIDv7, so that ids sort by creation.
    pub new_id: &'c dyn Fn() -> String,
    /// The schemas.
    pub registry: &'c Registry,
}

impl Context<'_> {
    /// The resource type of that kind.
    pub(crate) fn of(&self, kind: Kind) -> &ResourceType {
        self.registry.resource_type(kind)
    }
}
