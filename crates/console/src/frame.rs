//! What surrounds every page: its title, the navigation, who is signed in, banners.

use std::fmt;

use crate::text::{count, encode};
use crate::time::exact;

/// What surrounds a page.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The title of the page.
    pub title: String,
    /// The page of the navigation that is marked as the current one: `tenants`, `connect`, `activity` ...
    pub section: &'static str,
    /// The tenant whose page it is.
    pub tenant: Option<Tenant>,
    /// The person who is signed in, as text; `None` before the sign-in.
    pub person: Option<String>,
    /// Whether that person belongs to the vendor and may see every tenant.
    pub is_vendor: bool,
    /// Whether that person may change anything.
    pub may_change: bool,
    /// The token that each form sends along (CSRF).
    pub form_token: String,
    /// The addresses of the sheet, the script and the icon, with a hash in their names.
    pub style: String,
    /// See `style`.
    pub script: String,
    /// See `style`.
    pub icon: String,
    /// The present time, in milliseconds since 1970: a time on the page is shown as the time that has passed until it.
    pub now: i64,
    /// What the page says before anything else.
    pub banners: Vec<Banner>,
}

/// A tenant in the navigation.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id, as in addresses.
    pub id: String,
    /// Its display name.
    pub name: String,
}

/// A sentence above the content of a page.
#[derive(Debug, Clone)]
pub struct Banner {
    /// Whether it must be heeded; otherwise it reports what was done.
    pub is_warning: bool,
    /// What it says.
    pub text: String,
    /// Where more is said: the words of the link, and its address.
    pub link: Option<(String, String)>,
}

/// Users that were disabled or deleted in one cycle.
#[derive(Debug, Clone, Copy)]
pub struct Departures {
    /// How many.
    pub users: i64,
    /// Of how many that there were before.
    pub of: i64,
    /// Since when they are counted: the beginning of the cycle, or an hour before.
    pub since: i64,
}

impl fmt::Display for Departures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (users, of, since) = (count(self.users), count(self.of), exact(self.since));
        write!(out, "{users} of {of} users were disabled or deleted since {since} UTC")
    }
}

/// A link of the navigation.
pub(crate) struct Link {
    pub section: &'static str,
    pub label: &'static str,
    pub is_current: bool,
}

/// The pages of a tenant: the section, its label, and whether only the vendor's staff see it.
const SECTIONS: [(&str, &str, bool); 9] = [
    ("connect", "Connect", false),
    ("activity", "Activity", false),
    ("users", "Users", false),
    ("groups", "Groups", false),
    ("roles", "Roles", false),
    ("deliveries", "Deliveries", true),
    ("health", "Health", false),
    ("audit", "Audit", false),
    ("settings", "Settings", true),
];

impl Frame {
    /// Returns the address below which the pages of the tenant are: `/console/acme`.
    pub fn base(&self) -> String {
        self.tenant.as_ref().map_or_else(|| "/console".to_string(), |tenant| tenant.address())
    }

    /// Returns the present time by value, as calls in templates want it.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn links(&self) -> Vec<Link> {
        let seen = SECTIONS.iter().filter(|(_, _, is_of_vendor)| self.is_vendor || !is_of_vendor);
        let link = |&(section, label, _)| Link { section, label, is_current: section == self.section };
        seen.map(link).collect()
    }
}

impl Tenant {
    /// Returns the address of its pages: `/console/acme`.
    pub fn address(&self) -> String {
        format!("/console/{}", encode(&self.id))
    }
}

impl Banner {
    /// Returns a report of what was done.
    pub fn notice(text: impl Into<String>) -> Banner {
        Banner { is_warning: false, text: text.into(), link: None }
    }

    /// Returns the warning that very many users went, on pages below that address.
    pub fn departures(gone: &Departures, base: &str) -> Banner {
        let text = format!(
            "{gone}: look at the scope of the provisioning, and stop it if this is a mistake; people who are disabled come back as they \
             were. Entra holds back such a cycle by its setting Prevent accidental deletions."
        );
        let link = Some(("Health".to_string(), format!("{base}/health")));
        Banner { is_warning: true, text, link }
    }

    /// Returns a sentence that must be heeded.
    pub fn warning(text: impl Into<String>) -> Banner {
        Banner { is_warning: true, text: text.into(), link: None }
    }
}
