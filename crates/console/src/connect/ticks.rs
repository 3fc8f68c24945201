//! How far the connection is: ticks that go on by themselves where scripts run.

use askama::Template;

use crate::filters;

/// How far the connection is. Rendered on its own it is the fragment that the script of the page fetches from
/// `connect/ticks`.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/ticks.html")]
pub struct Ticks {
    /// The address of the fragment: `/console/acme/connect/ticks`.
    pub address: String,
    /// The present time.
    pub now: i64,
    /// When a request with a credential of the tenant first, or last, came.
    pub credential: Option<i64>,
    /// When Test Connection last came.
    pub test_connection: Option<i64>,
    /// When the first user was created.
    pub first_user: Option<i64>,
    /// When the first group was created.
    pub first_group: Option<i64>,
    /// When the first cycle was over.
    pub first_cycle: Option<i64>,
    /// How many users there are.
    pub users: i64,
    /// How many groups there are.
    pub groups: i64,
}

// Its template escapes what it shows.
impl askama::filters::HtmlSafe for Ticks {}

pub(crate) struct Tick {
    pub label: &'static str,
    pub at: Option<i64>,
    pub next: &'static str,
}

impl Ticks {
    pub(crate) fn all(&self) -> [Tick; 5] {
        let tick = |label, at, next| Tick { label, at, next };
        [
            tick("Credential seen", self.credential, "no request with a token of this tenant has come"),
            tick("Test Connection", self.test_connection, "press it in the identity provider"),
            tick("First user", self.first_user, "start provisioning, or provision one person on demand"),
            tick("First group", self.first_group, "assign a group; leave it out if you map none"),
            tick(
                "First cycle done",
                self.first_cycle,
                "the client rests after it; Entra begins the next one 40 minutes later",
            ),
        ]
    }

    /// Returns the address of the page that the fragment is a part of.
    fn page(&self) -> &str {
        self.address.strip_suffix("/ticks").unwrap_or(&self.address)
    }

    /// Returns whether nothing is left to wait for. An application without groups is complete too.
    pub fn is_complete(&self) -> bool {
        self.first_cycle.is_some() && self.first_user.is_some()
    }
}
