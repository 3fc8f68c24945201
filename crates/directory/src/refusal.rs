//! Refusals that several operations have in common, with the texts that a client reads.

use scim::{Document, Kind, ScimError};

/// Returns the refusal of an operation on a resource that does not exist.
pub(crate) fn not_found(kind: Kind, id: &str) -> ScimError {
    ScimError::not_found(format!("there is no {} `{id}`", kind.name()))
}

/// Returns the refusal of members that are neither users nor groups of this directory, for some of their ids; None if
/// there are no such members.
pub(crate) fn unknown_members(ids: &[String]) -> Option<ScimError> {
    if ids.is_empty() {
        return None;
    }
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    Some(ScimError::invalid_value(format!(
        "no user or group has the id of these members: {}",
        ids.join(", ")
    )))
}

/// Returns the refusal of a name that another resource has (RFC 7644 s3.3 for userName). For a group's displayName
/// the RFC demands nothing, but Entra matches groups by it, and fails permanently if two have the same name.
pub(crate) fn name_in_use(kind: Kind, name: &str) -> ScimError {
    let attribute = name_of(kind);
    let detail = format!("another {} has the {attribute} `{name}`", kind.name());
    ScimError::uniqueness(kind, name, detail)
}

/// Returns the refusal of a group that would be its own member.
pub(crate) fn member_of_itself() -> ScimError {
    ScimError::invalid_value("a group cannot be a member of itself")
}

/// Returns the refusal of a write that lost every race.
pub(crate) fn busy() -> ScimError {
    ScimError::busy("too many requests change this resource at once")
}

/// Returns the unique name of a resource, as the client wrote it.
pub(crate) fn name(kind: Kind, document: &Document) -> &str {
    document.text(name_of(kind)).unwrap_or_default()
}

fn name_of(kind: Kind) -> &'static str {
    kind.unique().unwrap_or("id")
}
