//! The list of tenants, and the form that creates one.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::state::State;
use crate::text::{encode, query};

/// The list of tenants. Its form is sent to `/console` with `id` and `name`.
#[derive(Template)]
#[template(path = "tenants.html")]
pub struct Tenants {
    /// What surrounds the page.
    pub frame: Frame,
    /// The tenants, in the order of their ids.
    pub tenants: Vec<TenantRow>,
    /// The id after which the next page begins, if there is one.
    pub next: Option<String>,
    /// Why no tenant was created, in words.
    pub problem: Option<String>,
    /// What was entered as the id, to be mended.
    pub id: String,
    /// What was entered as the name.
    pub name: String,
}

/// A tenant in the list.
pub struct TenantRow {
    /// Its id, as in addresses.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// How many users it has.
    pub users: i64,
    /// How many groups it has.
    pub groups: i64,
    /// When its client last sent a request.
    pub last_request: Option<i64>,
    /// `active`, `suspended`, `being deleted`, or what is the matter with it.
    pub state: State,
    /// The share of the fullest quota that is used, in percent, and its name: `users`.
    pub quota: Option<(i64, String)>,
}

impl Tenants {
    fn next_page(&self) -> Option<String> {
        self.next.as_ref().map(|after| format!("/console{}", query(&[("after", after)])))
    }
}

impl TenantRow {
    fn address(&self) -> String {
        format!("/console/{}/connect", encode(&self.id))
    }

    fn is_nearly_full(&self) -> bool {
        self.quota.as_ref().is_some_and(|(percent, _)| *percent >= 90)
    }
}
