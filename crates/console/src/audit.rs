//! What people did in the console and in the administration.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::text::query;

/// What people did: sign-ins, credentials made and ended, settings, exports and the rest.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Audit {
    /// What surrounds the page.
    pub frame: Frame,
    /// What was done, newest first.
    pub rows: Vec<AuditRow>,
    /// The cursor of the next page, if there is one.
    pub older: Option<String>,
}

/// One thing that a person did.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// When.
    pub at: i64,
    /// Who: a person, or as much as is known of the person.
    pub actor: String,
    /// What, in words: `revoked a token`.
    pub what: String,
    /// To what: a name.
    pub target: String,
}

impl Audit {
    fn older_page(&self) -> Option<String> {
        let query = |cursor: &String| query(&[("cursor", cursor)]);
        self.older.as_ref().map(|cursor| format!("{}/audit{}", self.frame.base(), query(cursor)))
    }
}
