//! What is changed of the directory of a tenant as its settings: quotas, retention, the edge copy, the guard. What is changed of the tenant itself:
//! `tenants::Changes`.

use database::Statement;
use directory::QuotaChanges;
use directory::activity::{RetentionChanges, set_retention_of_tenant};

use super::edge;
use crate::context::RequestContext;

/// What is set of the directory of a tenant; the default leaves everything as it is.
#[derive(Default)]
pub struct DirectoryChanges {
    /// How much it may hold.
    pub quotas: QuotaChanges,
    /// For how long its rows are kept.
    pub retention: RetentionChanges,
    /// Whether it has an edge copy.
    pub has_edge: Option<bool>,
    /// How many users may be disabled or deleted in a cycle; Some(None) for the rule that is built in.
    pub mass_deprovisioning: Option<Option<i64>>,
}

impl DirectoryChanges {
    /// Returns the statements that change it, which do nothing if the tenant does not exist.
    pub fn statements(&self, context: &RequestContext, id: &str) -> Vec<Statement> {
        let mut statements = directory::set_quotas_of_tenant(id, &self.quotas);
        statements.extend(set_retention_of_tenant(id, self.retention));
        statements.extend(edge::statements(context, id, self.has_edge));
        statements.extend(self.mass_deprovisioning.map(|most| directory::set_guard_of_tenant(id, most)));
        statements
    }
}
