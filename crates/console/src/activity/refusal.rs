//! One refusal: what arrived, why it was refused, what Entra shows, what to do.

use askama::Template;

use super::advice::{Advice, advice};
use crate::filters;
use crate::frame::Frame;
use crate::reference::Reference;

/// The page of one refusal.
#[derive(Template)]
#[template(path = "activity/refusal.html")]
pub struct Refusal {
    /// What surrounds the page.
    pub frame: Frame,
    /// When it came.
    pub at: i64,
    /// The method and the kind of path: `PATCH /Users/{id}`.
    pub operation: String,
    /// The status of the answer.
    pub status: u16,
    /// The `scimType` of the answer.
    pub scim_type: Option<String>,
    /// The `detail` of the answer.
    pub detail: String,
    /// Whom it was about.
    pub resource: Option<Reference>,
    /// By which credential: its name.
    pub actor: String,
    /// The request.
    pub correlation_id: String,
    /// How often the same was refused within the time that the caller looked at.
    pub times: i64,
}

impl Refusal {
    fn advice(&self) -> Advice {
        advice(self.status, self.scim_type.as_deref(), &self.operation)
    }
}
