//! What an operation needs beside itself. Time and ids are given, so that the outcome follows from its inputs.

use scim::{Instant, Kind, Registry, ResourceType};

/// For whom, by whom, when, and under which ids an operation is executed.
pub struct Context<'c> {
    /// The customer whose directory it is; every statement names it.
    pub tenant: &'c str,
    /// The time of the request.
    pub now: Instant,
    /// Who acts: the id of the credential that the request was authenticated by.
    pub actor: &'c str,
    /// The request that the log knows under this id.
    pub correlation_id: &'c str,
    /// Makes an id that nothing has: a UUIDv7, so that ids sort by creation.
    pub new_id: &'c dyn Fn() -> String,
    /// Makes the revision of a write: an id that no other write has. Apart from `new_id`, so that the ids of resources follow
    /// from what is created alone.
    pub new_revision: &'c dyn Fn() -> String,
    /// The schemas.
    pub registry: &'c Registry,
}

impl Context<'_> {
    /// Returns the resource type of that kind.
    pub(crate) fn of(&self, kind: Kind) -> &ResourceType {
        self.registry.resource_type(kind)
    }

    /// Returns the names of the types that members are of, as a list in SQL: `'User', 'Group'`.
    pub(crate) fn member_types(&self) -> String {
        let owner = self.registry.kinds().find(|kind| kind.has_members());
        let names = owner.into_iter().flat_map(Kind::member_types).map(|kind| format!("'{}'", kind.name()));
        names.collect::<Vec<_>>().join(", ")
    }
}
