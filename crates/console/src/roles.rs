//! Groups mapped to roles of the vendor's application, and who gets which role by that.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::reference::Reference;
use crate::text::{count, encode, query};

/// Groups mapped to roles. Who would get a role is asked for by the query `group` (its displayName or id) and `role`, and one person by `person`. A
/// mapping is made by a form that is sent to `roles` (`group`, `role`), and ended by one that is sent to `roles/<id>/delete`.
#[derive(Template)]
#[template(path = "roles.html")]
pub struct Roles {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whether the person may map groups.
    pub may_map: bool,
    /// The mappings.
    pub rows: Vec<RoleRow>,
    /// The mapping after which the next page begins, if there is one.
    pub next: Option<String>,
    /// Whose roles are shown.
    pub shown: Shown,
    /// The first of these people.
    pub preview: Vec<PreviewRow>,
    /// How many they are.
    pub reach: Reach,
    /// The group that was entered, to be mended.
    pub group: String,
    /// The role that was entered.
    pub role: String,
    /// The person who was entered.
    pub person: String,
    /// Why nothing was mapped or shown, in words.
    pub problem: Option<String>,
}

/// Whose roles are shown.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Those of everyone who gets a role.
    All,
    /// Those of the people in a group that may be mapped.
    Group(Reference),
    /// Those of one person.
    Person,
}

/// A group mapped to a role.
#[derive(Debug, Clone)]
pub struct RoleRow {
    /// The id of the mapping.
    pub id: String,
    /// The group.
    pub group: Reference,
    /// The role.
    pub role: String,
    /// How many people get it by this group.
    pub reach: Reach,
    /// When it was mapped.
    pub created: i64,
    /// Who mapped it, if that may be seen.
    pub maker: Option<String>,
}

/// How many people there are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reach {
    /// So many were counted.
    pub people: i64,
    /// Whether there may be more.
    pub is_least: bool,
}

/// A person, with the roles.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// The person.
    pub user: Reference,
    /// The roles, and the group that each comes from; `None` for what the identity provider has sent as an attribute.
    pub roles: Vec<(String, Option<String>)>,
    /// How many roles the person has beyond those.
    pub more: usize,
}

impl Reach {
    /// Returns the number in words: `1,000 or more`.
    pub(crate) fn words(&self) -> String {
        format!("{}{}", count(self.people), if self.is_least { " or more" } else { "" })
    }

    /// Returns the number with what it counts: `1 person`.
    pub(crate) fn people(&self) -> String {
        let is_one = self.people == 1 && !self.is_least;
        format!("{} {}", self.words(), if is_one { "person" } else { "people" })
    }
}

impl RoleRow {
    fn address(&self, frame: &Frame) -> String {
        format!("{}/roles/{}/delete", frame.base(), encode(&self.id))
    }
}

impl Roles {
    fn next_page(&self) -> Option<String> {
        let address = |after: &String| format!("{}/roles{}", self.frame.base(), query(&[("after", after)]));
        self.next.as_ref().map(address)
    }

    fn is_of_all(&self) -> bool {
        matches!(self.shown, Shown::All)
    }
}
