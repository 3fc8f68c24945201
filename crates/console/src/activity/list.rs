//! The list of changes and refusals.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::marked::Marked;
use crate::reference::Reference;
use crate::text::{clip, encode, query};

/// The list of changes and refusals, newest first. Its filters are the query `outcome`, `operation`, `resource`, `actor`, `request`,
/// `from`, `to`; those of the download, at `activity/export`, too.
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
    /// What was done: `created`, `updated`, `deleted`, `roles`.
    pub operation: String,
    /// The id of a credential.
    pub actor: String,
    /// The id of a request.
    pub request: String,
    /// From which day on, and until the end of which day (UTC): `2026-11-26`.
    pub from: String,
    /// See `from`.
    pub to: String,
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
    /// Whether it is the guard that says that too many users went.
    pub is_warning: bool,
    /// To whom.
    pub resource: Option<Reference>,
    /// The paths that changed, or the detail of the refusal.
    pub summary: String,
    /// By which credential: its name.
    pub actor: String,
    /// The id of that credential.
    pub actor_id: String,
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
const OPERATIONS: [(&str, &str); 5] = [
    ("", "any"),
    ("created", "created"),
    ("updated", "updated"),
    ("deleted", "deleted"),
    ("roles", "roles changed"),
];

impl ActivityRow {
    fn shown(&self) -> Marked {
        Marked(clip(&self.summary, 80))
    }
}

impl Filters {
    /// Returns each filter with its name in addresses.
    fn all(&self) -> [(&'static str, &str); 7] {
        [
            ("outcome", &self.outcome),
            ("operation", &self.operation),
            ("resource", &self.resource),
            ("actor", &self.actor),
            ("request", &self.request),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }
}

impl Activity {
    fn older_page(&self) -> Option<String> {
        let address = |cursor: &String| {
            let query = query(&[self.filters.all().as_slice(), &[("cursor", cursor)]].concat());
            format!("{}/activity{query}", self.frame.base())
        };
        self.older.as_ref().map(address)
    }

    fn export(&self) -> String {
        format!("{}/activity/export{}", self.frame.base(), query(&self.filters.all()))
    }

    fn is_filtered(&self) -> bool {
        self.filters.all().iter().any(|(_, value)| !value.is_empty())
    }

    fn address(&self, row: &ActivityRow) -> String {
        format!("{}/activity/{}", self.frame.base(), encode(&row.id))
    }

    fn of_actor(&self, row: &ActivityRow) -> String {
        format!("{}/activity{}", self.frame.base(), query(&[("actor", &row.actor_id)]))
    }
}
