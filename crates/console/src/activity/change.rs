//! One change, down to its exact difference.

use askama::Template;

use crate::filters;
use crate::frame::{Departures, Frame};
use crate::reference::Reference;
use crate::text::{encode, query};

/// The page of one change.
#[derive(Template)]
#[template(path = "activity/change.html")]
pub struct Change {
    /// What surrounds the page.
    pub frame: Frame,
    /// When it was made.
    pub at: i64,
    /// What was done: `created`, `updated`, `deleted`.
    pub operation: String,
    /// To whom.
    pub resource: Reference,
    /// The version that it led to.
    pub version: i64,
    /// Its place in the change log.
    pub sequence: i64,
    /// By which credential: its name.
    pub actor: String,
    /// The request that it came with.
    pub correlation_id: String,
    /// The values that changed.
    pub changes: Vec<Difference>,
    /// The members that came.
    pub came: Vec<Reference>,
    /// The members that went.
    pub went: Vec<Reference>,
    /// How many members came and went beyond those.
    pub more_members: i64,
    /// What the guard says, if it is a row of the guard: how many users went.
    pub departures: Option<Departures>,
    /// Whether the change is so large that its values are left out, and only paths are shown.
    pub are_values_left_out: bool,
}

/// A value that changed.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Its path.
    pub path: String,
    /// What it was; `None` if it was not there.
    pub old: Option<String>,
    /// What it is; `None` if it was taken away.
    pub new: Option<String>,
}

/// A change within the history of one user or group.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// What its page is called in addresses.
    pub id: String,
    /// When it was made.
    pub at: i64,
    /// What was done.
    pub operation: String,
    /// By which credential: its name.
    pub actor: String,
    /// The values that changed.
    pub changes: Vec<Difference>,
    /// How many values changed besides.
    pub left_out: usize,
    /// How many members came.
    pub came: i64,
    /// How many members went.
    pub went: i64,
}

impl Change {
    /// Returns the address of everything that came with the same request.
    fn request(&self) -> String {
        format!("{}/activity{}", self.frame.base(), query(&[("request", &self.correlation_id)]))
    }
}

impl HistoryRow {
    /// Values that a row shows; the page of the change has all.
    const SHOWN: usize = 5;

    pub(crate) fn address(&self, base: &str) -> String {
        format!("{base}/activity/{}", encode(&self.id))
    }

    pub(crate) fn shown(&self) -> impl Iterator<Item = &Difference> {
        self.changes.iter().take(Self::SHOWN)
    }

    /// Returns whether it is a creation of which nothing else is shown.
    pub(crate) fn is_bare(&self) -> bool {
        self.operation == "created" && self.changes.is_empty() && self.left_out == 0 && self.came == 0
    }

    pub(crate) fn more(&self) -> usize {
        self.changes.len().saturating_sub(Self::SHOWN) + self.left_out
    }
}
