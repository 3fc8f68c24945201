//! What events are: which are wanted, what happened, and what an event says of a resource. How they are made of a row of the log:
//! `row`.

use scim::{Registry, ScimError};
use serde_json::{Map, Value};

use super::Cursor;
use crate::change_log::{DIRECTORY, MASS_DEPROVISIONING};

/// Which events are wanted, and in which form.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Their types: `user.created`, or `user.*` for all of users. Empty: all.
    pub types: Vec<String>,
    /// The id of the resource that has changed.
    pub resource: Option<String>,
    /// Whether they hold ids, versions and paths alone.
    pub thin: bool,
    /// Whether they are the claims of Security Event Tokens, of which a thin one is a `notice` (RFC 9967 s2.2).
    pub security: bool,
    /// How many events at most.
    pub limit: usize,
    /// How many bytes of the log are read at most. One row is read in any case.
    pub bytes: usize,
}

impl Wanted {
    /// Returns whether events of that type are wanted.
    pub(super) fn is_of_type(&self, event_type: &str) -> bool {
        let matches = |wanted: &String| match wanted.strip_suffix('*') {
            Some(prefix) => event_type.starts_with(prefix),
            None => wanted == event_type,
        };
        self.types.is_empty() || self.types.iter().any(matches)
    }
}

/// What happened to a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place in the log.
    pub cursor: Cursor,
    /// Its id, which is the same whenever it is read.
    pub id: String,
    /// Its type, such as `user.created`.
    pub event_type: String,
    /// The event as it is sent.
    pub body: Value,
}

/// What happened, before it is written down.
pub(super) enum Happened<'e> {
    /// To the resource itself, with changes of its attributes.
    Resource(&'static str, Vec<Value>),
    /// To a membership.
    Member(&'static str, &'e str),
    /// To the roles that a group gives.
    Role(&'static str, &'e str),
    /// To the directory as a whole.
    Directory(&'static str),
}

/// What may have happened to a resource, to one of its members, or to the roles that it gives, as the end of an event's type.
const HAPPENED: [&str; 10] = [
    "created",
    "updated",
    "disabled",
    "enabled",
    "deleted",
    "erased",
    "member_added",
    "member_removed",
    "role_added",
    "role_removed",
];

/// Returns whether there are events of that type: `user.created`, or `user.*` for all of users. A reader that asks for another type
/// would silently get nothing.
pub fn is_event_type(registry: &Registry, name: &str) -> bool {
    let Some((kind, happened)) = name.split_once('.') else { return false };
    let prefix = happened.strip_suffix('*');
    let is_known = |known: &&str| prefix.map_or(*known == happened, |prefix| known.starts_with(prefix));
    let is_of = |name: &str| lower_camel(name) == kind;
    match is_of(DIRECTORY) {
        true => is_known(&MASS_DEPROVISIONING),
        false => HAPPENED.iter().any(is_known) && registry.kinds().any(|known| is_of(known.name())),
    }
}

/// Checks that there are events of these types, which were named in that parameter or field.
///
/// # Errors
/// 400 `invalidValue` if one of them is not a type of events.
pub fn check_event_types(registry: &Registry, field: &str, names: &[String]) -> Result<(), ScimError> {
    match names.iter().find(|name| !is_event_type(registry, name)) {
        None => Ok(()),
        Some(name) => Err(ScimError::invalid_value(format!(
            "`{field}`: there are no events of the type `{name}`; such are `user.created` and `group.*`"
        ))),
    }
}

/// Returns what an event says of a resource, without what it does not have.
pub(super) fn summary(resource: Option<&Value>) -> Map<String, Value> {
    let resource = resource.and_then(Value::as_object).cloned().unwrap_or_default();
    resource.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Returns the name of a type as it begins an event's: `User` is `user`.
pub(super) fn lower_camel(kind: &str) -> String {
    let mut letters = kind.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
