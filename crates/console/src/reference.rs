//! A user or a group that another page leads to.

use crate::frame::Frame;
use crate::text::encode;

/// Whether it is users or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Users.
    Users,
    /// Groups.
    Groups,
}

/// A user or a group that another page leads to.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Which it is; `None` for a resource of another type, which has no page.
    pub kind: Option<Kind>,
    /// Its id.
    pub id: String,
    /// Its name, if it is known.
    pub name: Option<String>,
}

impl Kind {
    /// Returns the word in addresses: `users`.
    pub fn path(self) -> &'static str {
        match self {
            Kind::Users => "users",
            Kind::Groups => "groups",
        }
    }

    pub(crate) fn one(self) -> &'static str {
        match self {
            Kind::Users => "user",
            Kind::Groups => "group",
        }
    }
}

impl Reference {
    pub(crate) fn address(&self, frame: &Frame) -> Option<String> {
        self.kind.map(|kind| format!("{}/{}/{}", frame.base(), kind.path(), encode(&self.id)))
    }

    pub(crate) fn label(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.id)
    }
}
