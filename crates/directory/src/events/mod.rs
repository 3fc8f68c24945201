//! Events: the change log as applications read it. A row of the log is one event or several: one of the resource, and one
//! for each member that came or went, and for each role that a group gives or does not give any more.
//!
//! What lives here: `page` reads rows from a cursor on, `row` makes events of a row, `finer` makes changes of lists
//! finer, `names` finds how members are called and which roles a group gives, `cursor` is the place of an event, `security` has events as the claims of
//! Security Event Tokens, and `readers` is how far each reader of those has acknowledged them; `digest` is what a reader compares its copy with. What does not: writing the log
//! (`store::changes`), and who may read it (the Worker).

mod cursor;
mod digest;
mod finer;
mod names;
mod page;
mod readers;
mod row;
mod security;

use scim::{Registry, ScimError};
use serde_json::Value;

use crate::store::{DIRECTORY, MASS_DEPROVISIONING};

pub use cursor::Cursor;
pub use digest::{Bucket, Digest, digest};
pub(crate) use page::LATEST;
pub use page::{Page, events, latest};
pub use readers::{ReaderPlace, forget_reader, reader, save_reader};
pub use security::SECURITY_EVENTS;

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
    fn is_of_type(&self, event_type: &str) -> bool {
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
    let is_of = |name: &str| row::lower_camel(name) == kind;
    match is_of(DIRECTORY) {
        true => is_known(&MASS_DEPROVISIONING),
        false => HAPPENED.iter().any(is_known) && registry.kinds().any(|known| is_of(known.name())),
    }
}

/// Returns the refusal of a cursor whose events were trimmed: 410 with the sequence from which on they are kept.
fn gone(oldest: i64) -> ScimError {
    ScimError::new(
        410,
        format!(
            "events after this one were deleted, since they are older than they are kept; the oldest sequence is {oldest}: begin with a snapshot"
        ),
    )
}
