//! The search of users, or of groups.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::reference::Kind;
use crate::state::State;
use crate::text::{encode, query};

/// The search of users, or of groups. What is looked for is the query `q`: a name, an e-mail address, or a filter of SCIM.
#[derive(Template)]
#[template(path = "directory/list.html")]
pub struct Resources {
    /// What surrounds the page.
    pub frame: Frame,
    /// Which of the two.
    pub kind: Kind,
    /// What is looked for.
    pub search: String,
    /// Why it cannot be looked for, in words: a filter that cannot be read.
    pub problem: Option<String>,
    /// How many there are of this kind, or how many fit the search; `None` if they were not counted.
    pub total: Option<i64>,
    /// Those that were found.
    pub rows: Vec<ResourceRow>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

/// A user or a group in the list.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    /// Its id.
    pub id: String,
    /// Its name for people: the displayName.
    pub name: String,
    /// A user's userName.
    pub user_name: Option<String>,
    /// Whether a user is active; `None` of a group.
    pub is_active: Option<bool>,
    /// How many members a group has, in words: `over 1,000`.
    pub members: Option<String>,
    /// When it last changed.
    pub changed: i64,
}

impl ResourceRow {
    fn state(&self) -> Option<State> {
        self.is_active.map(|is_active| if is_active { State::good("active") } else { State::off("disabled") })
    }
}

impl Resources {
    fn is_users(&self) -> bool {
        self.kind == Kind::Users
    }

    fn list(&self) -> String {
        format!("{}/{}", self.frame.base(), self.kind.path())
    }

    fn address(&self, row: &ResourceRow) -> String {
        format!("{}/{}", self.list(), encode(&row.id))
    }

    fn next_page(&self) -> Option<String> {
        let query = |cursor: &String| query(&[("q", &self.search), ("cursor", cursor)]);
        self.next.as_ref().map(|cursor| format!("{}{}", self.list(), query(cursor)))
    }
}
