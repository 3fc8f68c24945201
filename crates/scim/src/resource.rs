//! A resource as the server knows it: what the client stores, and what the server adds, kept apart.

use serde_json::{Map, Value};

use crate::{Document, Instant, Kind};

/// A resource of the directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: Kind,
    /// The id that the server gave it (RFC 7643 s3.1).
    pub id: String,
    /// How many times it was written, which starts at 1.
    pub version: i64,
    /// When it was created.
    pub created: Instant,
    /// When it was last changed.
    pub last_modified: Instant,
    /// What the client stored.
    pub document: Document,
    /// The members of a group; None if they were not read.
    pub members: Option<Vec<Member>>,
    /// The groups that a user is in (RFC 7643 s4.1.2); None if they were not read.
    pub groups: Option<Vec<GroupRef>>,
    /// Whether there are more members, or groups, after the last one that was read; they are in the order of their ids.
    pub more: bool,
}

/// A member of a group (RFC 7643 s4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member's id.
    pub id: String,
    /// Its resource type.
    pub kind: Kind,
    /// Its current displayName.
    pub display: Option<String>,
}

/// A group that a user is in (RFC 7643 s4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group's id.
    pub id: String,
    /// Its current displayName.
    pub display: Option<String>,
    /// Whether the user itself is a member, and not only through a group within the group.
    pub direct: bool,
}

/// Returns the weak entity tag of a version (RFC 7644 s3.14).
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// Returns the URL of a resource, or of its endpoint if `id` is empty.
pub(crate) fn location(base: &str, kind: Kind, id: &str) -> String {
    format!("{base}/{}/{id}", kind.endpoint())
}

impl Member {
    /// Returns the element of `members` that a value path is matched against.
    pub(crate) fn to_json(&self, base: &str) -> Map<String, Value> {
        let mut json = Map::new();
        json.insert("value".into(), self.id.clone().into());
        json.insert("$ref".into(), location(base, self.kind, &self.id).into());
        json.insert("type".into(), self.kind.name().into());
        if let Some(display) = &self.display {
            json.insert("display".into(), display.clone().into());
        }
        json
    }
}
