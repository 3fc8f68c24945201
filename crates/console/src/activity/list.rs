//! The list of changes and refusals.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::marked::Marked;
use crate::reference::Reference;
use crate::text::{clip, encode, query};

/// The list of changes and refusals, newest first. Its filters are the query `outcome`, `resource`, `operation`.
#[derive(Template)]
#[template(path = "activity/list.html")]
pub struct Activity {
    /// What surrounds the page.
    pub frame: Frame,
    /// What was chosen.
    pub filters: Filters,
    /// The changes and refusals.
    pub rows: Vec<ActivityRow>,
    /// The cursor of the next page, if there is one.
    pub older: Option<String>,
    /// Changes that came in one cycle after another.
    pub repeated: Vec<Repeated>,
    /// Why nothing is shown, in words.
    pub problem: Option<String>,
}

/// Which entries are shown. An empty text is any.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// `changed` or `refused`.
    pub outcome: String,
    /// The id of a user or a group.
    pub resource: String,
    /// What was done: `created`, `updated`, `deleted`.
    pub operation: String,
}

/// A change or a refusal.
#[derive(Debug, Clone)]
pub struct ActivityRow {
    /// What its page is called in addresses: `activity/<id>`.
    pub id: String,
    /// When it came.
    pub at: i64,
    /// The status and the `scimType` of a refusal, `409 uniqueness`; `None` for a change.
    pub refused: Option<String>,
    /// What was done.
    pub operation: String,
    /// To whom.
    pub resource: Option<Reference>,
    /// The paths that changed, or the detail of the refusal.
    pub summary: String,
    /// By which credential: its name.
    pub actor: String,
}

/// The same change, time after time.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// Whose.
    pub resource: Reference,
    /// Which value.
    pub path: String,
    /// How often, within the time that the caller looked at.
    pub times: i64,
}

const OUTCOMES: [(&str, &str); 3] = [("", "everything"), ("changed", "changes"), ("refused", "refusals")];
const OPERATIONS: [(&str, &str); 4] =
    [("", "any"), ("created", "created"), ("updated", "updated"), ("deleted", "deleted")];

impl ActivityRow {
    fn shown(&self) -> Marked {
        Marked(clip(&self.summary, 80))
    }
}

impl Activity {
    fn older_page(&self) -> Option<String> {
        let Filters { outcome, resource, operation } = &self.filters;
        let query = |cursor: &String| {
            let filters = [("outcome", outcome), ("resource", resource), ("operation", operation)];
            let filters = filters.map(|(name, value)| (name, value.as_str()));
            query(&[filters.as_slice(), &[("cursor", cursor)]].concat())
        };
        self.older.as_ref().map(|cursor| format!("{}/activity{}", self.frame.base(), query(cursor)))
    }

    fn is_filtered(&self) -> bool {
        let Filters { outcome, resource, operation } = &self.filters;
        ![outcome, resource, operation].iter().all(|filter| filter.is_empty())
    }

    fn address(&self, row: &ActivityRow) -> String {
        format!("{}/activity/{}", self.frame.base(), encode(&row.id))
    }
}
