//! What is changed of the settings of a tenant: which bounds they have, what `default` has of them, and where each is kept. How they are called and shown:
//! `settings`.

use database::Statement;
use directory::activity::{MOST_DEPARTURES, RetentionChanges, set_retention_of_tenant};
use directory::{QuotaChanges, set_guard_of_tenant, set_quotas_of_tenant};
use scim::{Dialect, ScimError};
use tenants::{Changes, DEFAULT};

use super::bounds::Bounds;
use super::edge;
use crate::context::RequestContext;

/// Days for which the change log, and the activity, may be kept.
pub const RETENTION_DAYS: Bounds = Bounds { least: 1, most: 3_650 };
/// How much of a kind a directory may hold: D1 binds numbers as doubles, which are exact up to 2^53.
pub const QUOTA: Bounds = Bounds { least: 0, most: 1 << 50 };
/// How many users may be disabled or deleted in a cycle.
pub const DEPARTURES: Bounds = Bounds { least: 0, most: MOST_DEPARTURES };
/// The jurisdictions that D1 and Durable Objects know.
pub const RESIDENCIES: [&str; 3] = ["eu", "us", "fedramp"];

/// What is set of a tenant; the default leaves everything as it is. Name, dialect and residency stand in the row of the tenant:
/// `default` has no row, and none of them.
#[derive(Default)]
pub struct SettingChanges {
    /// Its name for people.
    pub name: Option<String>,
    /// Whether its clients are served.
    pub enabled: Option<bool>,
    /// How the requests of its client are read.
    pub dialect: Option<Dialect>,
    /// Where its data must stay; Some(None) for anywhere.
    pub residency: Option<Option<String>>,
    /// For how many days its change log is kept.
    pub log_days: Option<i64>,
    /// For how many days its activity is kept.
    pub activity_days: Option<i64>,
    /// How much its directory may hold.
    pub quotas: QuotaChanges,
    /// Whether it has an edge copy.
    pub has_edge: Option<bool>,
    /// How many users may be disabled or deleted in a cycle; Some(None) for the rule that is built in.
    pub mass_deprovisioning: Option<Option<i64>>,
}

impl SettingChanges {
    /// Checks that the tenant has what is set.
    ///
    /// # Errors
    /// 409 if `default` would be suspended, which is configured at the Worker.
    pub fn check(&self, id: &str) -> Result<(), ScimError> {
        match self.enabled {
            Some(_) if id == DEFAULT => Err(ScimError::new(409, "the tenant `default` cannot be suspended")),
            _ => Ok(()),
        }
    }

    /// Returns what is changed of the row of a tenant.
    pub(super) fn of_row(self) -> Changes {
        let SettingChanges { name, enabled, dialect, residency, log_days, .. } = self;
        Changes { name, enabled, dialect, log_retention_days: log_days, residency }
    }

    /// Returns the statements that change the directory of a tenant, which do nothing if the tenant does not exist.
    pub(super) fn of_directory(&self, context: &RequestContext, id: &str) -> Vec<Statement> {
        // Of the others the row has for how long the change log is kept.
        let log_days = self.log_days.filter(|_| id == DEFAULT);
        let retention = RetentionChanges { log_days, activity_days: self.activity_days };
        let mut statements = set_quotas_of_tenant(id, &self.quotas);
        statements.extend(set_retention_of_tenant(id, retention));
        statements.extend(edge::statements(context, id, self.has_edge));
        statements.extend(self.mass_deprovisioning.map(|most| set_guard_of_tenant(id, most)));
        statements
    }
}

/// Returns whether a tenant has a row of its own, with its name, its dialect and its residency. `default` has none.
pub fn has_row(id: &str) -> bool {
    id != DEFAULT
}
