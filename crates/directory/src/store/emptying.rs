//! Emptying the directory of a tenant that is removed (`tenants::remove`).

use database::Emptying;

use super::members;

/// The tables that hold rows of tenants, each with its key: memberships come before resources, since a trigger looks
/// for those of each resource.
pub const TABLES: [(&str, &str); 5] = [
    ("memberships", "tenant, group_id, member_id"),
    ("emails", "tenant, value, resource_id"),
    ("resources", "tenant, type, id"),
    ("totals", "tenant, type"),
    ("quotas", "tenant"),
];

/// Returns statements that empty the directory of a tenant, a bounded number of rows at a time.
pub fn empty(tenant: &str) -> Emptying {
    let count = |table: &str| (table == "memberships").then(|| members::count_deleted(tenant));
    Emptying {
        statements: database::empty(tenant, &TABLES, count),
        any_row: database::any_row(&TABLES),
        resources: "coalesce((SELECT sum(total) FROM totals WHERE tenant = ?1 AND type <> 'Membership'), 0)",
    }
}
