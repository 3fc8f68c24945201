//! Emptying the directory of a tenant that is removed (`tenants::remove`).

use database::{Emptying, Statement};

use super::changes::BLANK;
use super::members;
use crate::edge;

/// The tables that hold rows of tenants, each with its key: memberships and roles come before resources, since triggers look
/// for those of each resource.
pub const TABLES: [(&str, &str); 17] = [
    ("group_roles", "tenant, group_id, role"),
    ("memberships", "tenant, group_id, member_id"),
    ("emails", "tenant, value, resource_id"),
    ("resources", "tenant, type, id"),
    ("totals", "tenant, type"),
    ("quotas", "tenant"),
    ("changes", "seq"),
    ("logs", "tenant"),
    ("refusals", "id"),
    ("counters", "tenant, minute, operation, status"),
    ("marks", "tenant"),
    ("retention", "tenant"),
    ("guards", "tenant"),
    ("trimmings", "tenant, day"),
    ("webhook_endpoints", "id"),
    ("security_event_readers", "tenant, name"),
    (EDGE, "tenant"),
];

/// The table whose row of a tenant is deleted by what removes the edge copy, once nothing of the copy is left.
const EDGE: &str = "edge";

/// Returns statements that empty the directory of a tenant, a bounded number of rows at a time.
pub fn empty(tenant: &str) -> Emptying {
    let count = |table: &str| (table == "memberships").then(|| members::count_deleted(tenant));
    let mut statements = vec![Statement::new(BLANK, vec![tenant.into()])];
    let emptied: Vec<_> = TABLES.into_iter().filter(|(table, _)| *table != EDGE).collect();
    statements.extend(database::empty(tenant, &emptied, count));
    statements.push(edge::turn_off(tenant));
    Emptying {
        statements,
        any_row: database::any_row(&TABLES),
        resources: "coalesce((SELECT sum(total) FROM totals WHERE tenant = +?1 AND type <> 'Membership'), 0)",
    }
}
