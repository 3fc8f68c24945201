//! The settings of one tenant: its name, how its requests are read, what is kept for how long, its quotas.

use askama::Template;

use crate::filters;
use crate::frame::Frame;
use crate::text::count;

/// The settings of a tenant. The form is sent to `settings`; those of its state to `suspend` and `resume`.
#[derive(Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// What surrounds the page.
    pub frame: Frame,
    /// Whether it takes requests.
    pub state: TenantState,
    /// Whether this is the tenant `default`, whose name, dialect, residency and state are configured at the Worker.
    pub is_default: bool,
    /// Its display name.
    pub name: String,
    /// Whether its requests are read as RFC 7644 has them, without the habits of identity providers.
    pub is_strict: bool,
    /// Where its data must stay: `eu`, `us`, `fedramp`.
    pub residency: Option<String>,
    /// Whether it has an edge copy.
    pub has_edge: bool,
    /// For how many days the change log is kept.
    pub log_days: i64,
    /// For how many days refusals and counts are kept.
    pub activity_days: i64,
    /// How many users may be disabled or deleted in a cycle; `None`: more than 20 and more than 10 % of them, at most 2,000.
    pub mass_deprovisioning: Option<i64>,
    /// Its quotas.
    pub quotas: Vec<QuotaField>,
    /// When it was created.
    pub created: Option<i64>,
    /// Why nothing was changed, in words.
    pub problem: Option<String>,
}

/// Whether a tenant takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// It does.
    Active,
    /// Every token of it is refused, until it is resumed.
    Suspended,
    /// It is being deleted.
    Deleting,
}

/// A quota, and what is used of it.
pub struct QuotaField {
    /// The name of the setting, which is the name of the field: `maxUsers`.
    pub setting: String,
    /// What it limits, as a label: `Users`.
    pub label: String,
    /// How much is used.
    pub used: i64,
    /// How much may be used.
    pub most: i64,
    /// Whether that is the default, which an empty field keeps.
    pub is_default: bool,
}

impl QuotaField {
    fn usage(&self) -> String {
        let percent = i128::from(self.used) * 100 / i128::from(self.most.max(1));
        format!("{} used, {percent} % of {}", count(self.used), count(self.most))
    }
}

impl Settings {
    fn is_in(&self, region: &str) -> bool {
        self.residency.as_deref() == Some(region)
    }
}
