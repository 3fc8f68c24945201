//! What an operation needs besides its own parts. Time and ids are given, so that the outcome depends only on the
//! inputs.

use scim::{Instant, Kind, Registry, ResourceType};

/// The tenant, the actor, the time and the ids with which an operation is executed.
pub struct Context<'c> {
    /// The tenant whose directory it is; every statement names it.
    pub tenant: &'c str,
    /// The time of the request.
    pub now: Instant,
    /// The id of the credential that authenticated the request.
    pub actor: &'c str,
    /// The id of the request in the log.
    pub correlation_id: &'c str,
    /// Makes a new id: a UUIDv7, so that ids sort by creation.
    pub new_id: &'c dyn Fn() -> String,
    /// Makes the revision of a write: an id that no other write has. It is separate from `new_id`, so that the ids of
    /// resources depend only on what is created.
    pub new_revision: &'c dyn Fn() -> String,
    /// The schemas and resource types.
    pub registry: &'c Registry,
}

impl Context<'_> {
    /// Returns the resource type of that handle.
    pub(crate) fn of(&self, kind: Kind) -> &ResourceType {
        self.registry.resource_type(kind)
    }

    /// Returns the names of the types that members are of, as a list in SQL: `'User', 'Group'`.
    pub(crate) fn member_types(&self) -> String {
        member_types(self.registry)
    }
}

/// Returns the names of the types that members are of, as a list in SQL.
pub(crate) fn member_types(registry: &Registry) -> String {
    let owner = registry.kinds().find(|kind| kind.has_members());
    let names = owner.into_iter().flat_map(Kind::member_types).map(|kind| format!("'{}'", kind.name()));
    names.collect::<Vec<_>>().join(", ")
}
