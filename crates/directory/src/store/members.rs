//! The SQL that changes memberships. `crate::memberships` reads them.

use database::Statement;

/// Returns SQL of the ids of the JSON array `ids` (an expression) that are not ids of resources of the `types`, a
/// list in SQL, of the tenant `?1`.
pub(crate) fn unknown(types: &str, ids: &str) -> String {
    format!(
        "SELECT wanted.value AS id FROM json_each({ids}) AS wanted WHERE NOT EXISTS (\
         SELECT 1 FROM resources AS r WHERE r.tenant = +?1 AND r.type IN ({types}) AND r.id = wanted.value)"
    )
}

/// Returns SQL of up to ten of these ids, as a JSON array.
pub(super) fn some_unknown(types: &str, ids: &str) -> String {
    format!("(SELECT json_group_array(id) FROM ({} LIMIT 10))", unknown(types, ids))
}

/// SQL of whether the group `?2` has the revision `?3`, which it has if, and only if, this write has written it.
pub(super) const WRITTEN: &str =
    "EXISTS (SELECT 1 FROM resources WHERE tenant = +?1 AND type = 'Group' AND id = +?2 AND revision = +?3)";

/// Makes the ids of the JSON array `?4` that are of the `types`, a list in SQL, members of the group `?2`, if it was
/// written; those that are members stay members.
pub(super) fn insert(types: &str) -> String {
    format!(
        "INSERT INTO memberships (tenant, group_id, member_id, member_type) \
         SELECT ?1, ?2, r.id, r.type FROM json_each(?4) AS wanted CROSS JOIN resources AS r \
         ON r.tenant = +?1 AND r.type IN ({types}) AND r.id = wanted.value \
         WHERE {WRITTEN} ON CONFLICT DO NOTHING"
    )
}

/// Counts what the statement just before has inserted into `memberships`, in the same transaction.
pub(super) fn count_inserted(tenant: &str) -> Statement {
    let sql = "INSERT INTO totals (tenant, type, total) SELECT ?1, 'Membership', changes() WHERE changes() > 0 \
        ON CONFLICT (tenant, type) DO UPDATE SET total = total + excluded.total";
    Statement::new(sql, vec![tenant.into()])
}

/// Counts what the statement just before has deleted from `memberships`, in the same transaction.
pub(super) fn count_deleted(tenant: &str) -> Statement {
    let sql = "UPDATE totals SET total = total - changes() \
        WHERE tenant = +?1 AND type = 'Membership' AND changes() > 0";
    Statement::new(sql, vec![tenant.into()])
}
