//! One user or group: its attributes, memberships and history.

use askama::Template;

use crate::activity::HistoryRow;
use crate::filters;
use crate::frame::Frame;
use crate::reference::{Kind, Reference};
use crate::state::State;
use crate::text::{encode, query};

/// The page of one user or group. A user can be erased by a form that is sent to `erase` below its address (`confirm`: its
/// name).
#[derive(Template)]
#[template(path = "directory/resource.html")]
pub struct Resource {
    /// What surrounds the page.
    pub frame: Frame,
    /// Which it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its name: the userName of a user, the displayName of a group.
    pub name: String,
    /// `active`, `disabled`, or `deleted`.
    pub state: State,
    /// When it last changed.
    pub changed: Option<i64>,
    /// The attributes, each as a path and a value.
    pub attributes: Vec<(String, String)>,
    /// The groups of a user, or the members of a group.
    pub related: Vec<Reference>,
    /// How many there are of those beyond the ones above, in words: `over 900`.
    pub more_related: Option<String>,
    /// What changed, newest first.
    pub history: Vec<HistoryRow>,
    /// The cursor of older changes, if there are any.
    pub older: Option<String>,
    /// Why nothing was done, in words.
    pub problem: Option<String>,
}

impl Resource {
    fn is_user(&self) -> bool {
        self.kind == Kind::Users
    }

    fn address(&self) -> String {
        format!("{}/{}/{}", self.frame.base(), self.kind.path(), encode(&self.id))
    }

    fn older_page(&self) -> Option<String> {
        let query = |cursor: &String| query(&[("cursor", cursor)]);
        self.older.as_ref().map(|cursor| format!("{}{}#history", self.address(), query(cursor)))
    }
}
