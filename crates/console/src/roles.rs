//! Groups mapped to roles of the vendor's application, and who gets which role by that.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::reference::Reference;
use crate::text::encode;

/// Groups mapped to roles. The form is sent to `roles` (`group`: its displayName or id, `role`), and to `roles/<id>/delete`.
#[derive(Template)]
#[template(path = "roles.html")]
pub struct Roles {
    /// What surrounds the page.
    pub frame: Frame,
    /// The mappings.
    pub rows: Vec<RoleRow>,
    /// Who gets what: the first of them, by name.
    pub preview: Vec<PreviewRow>,
    /// How many people get a role in all.
    pub people: i64,
    /// The group that was entered, to be mended.
    pub group: String,
    /// The role that was entered.
    pub role: String,
    /// Why nothing was mapped, in words.
    pub problem: Option<String>,
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
    pub people: i64,
}

/// A person, with every role.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// The person.
    pub user: Reference,
    /// The roles, and the group that each comes from.
    pub roles: Vec<(String, String)>,
}

impl RoleRow {
    fn address(&self, frame: &Frame) -> String {
        format!("{}/roles/{}/delete", frame.base(), encode(&self.id))
    }
}
