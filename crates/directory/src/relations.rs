//! Members of groups and groups of users: reading them, and the SQL of changing them.

use std::collections::BTreeMap;

use scim::{GroupRef, Kind, Member, Resource};

use crate::{Failure, Param, Row, Statement};

/// Reads the relation of the resources whose ids `owners` selects: the members of groups, or the groups of
/// users. `owners` is a SELECT of one column `id`; `?1` is the tenant. It stands in FROM, since within an expression
/// SQLite would count its depth twice.
pub(crate) fn read(kind: Kind, owners: &str, params: Vec<Param>) -> Statement {
    let sql = match kind {
        Kind::Group => format!(
            "SELECT m.group_id AS owner, m.member_id AS id, m.member_type AS type, \
             json_extract(r.document, '$.displayName') AS display \
             FROM ({owners}) AS owner CROSS JOIN memberships AS m ON m.tenant = ?1 AND m.group_id = owner.id \
             LEFT JOIN resources AS r ON r.tenant = ?1 AND r.type = m.member_type AND r.id = m.member_id \
             ORDER BY m.group_id, m.member_id"
        ),
        // Groups within groups: up from group to group until no new one is met, which ends in a circle too.
        Kind::User => format!(
            "WITH RECURSIVE up (owner, group_id, direct) AS (\
             SELECT m.member_id, m.group_id, 1 FROM ({owners}) AS owner CROSS JOIN memberships AS m \
             ON m.tenant = ?1 AND m.member_id = owner.id \
             UNION SELECT up.owner, m.group_id, 0 FROM up CROSS JOIN memberships AS m \
             ON m.tenant = ?1 AND m.member_id = up.group_id) \
             SELECT up.owner AS owner, up.group_id AS id, max(up.direct) AS direct, \
             json_extract(r.document, '$.displayName') AS display \
             FROM up CROSS JOIN resources AS r ON r.tenant = ?1 AND r.type = 'Group' AND r.id = up.group_id \
             GROUP BY up.owner, up.group_id ORDER BY up.owner, up.group_id"
        ),
    };
    Statement::new(sql, params)
}

/// Reads the relation of one resource.
pub(crate) fn read_one(kind: Kind, tenant: &str, id: &str) -> Statement {
    read(kind, "SELECT ?2 AS id", vec![tenant.into(), id.into()])
}

/// Hands the rows of [`read`] to the resources of that kind, which they are about.
pub(crate) fn attach(kind: Kind, resources: &mut [Resource], rows: &[Row]) -> Result<(), Failure> {
    let mut by_owner: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_owner.entry(row.text("owner")?).or_default().push(row);
    }
    for resource in resources.iter_mut().filter(|resource| resource.kind == kind) {
        let rows = by_owner.remove(resource.id.as_str()).unwrap_or_default();
        match kind {
            Kind::Group => resource.members = Some(rows.into_iter().map(member).collect::<Result<_, _>>()?),
            Kind::User => resource.groups = Some(rows.into_iter().map(group).collect::<Result<_, _>>()?),
        }
    }
    Ok(())
}

/// Reads one member from a row of [`read`].
pub(crate) fn member(row: &Row) -> Result<Member, Failure> {
    let kind = row.text("type")?;
    let kind =
        Kind::from_name(kind).ok_or_else(|| Failure::Corrupt(format!("`{kind}` is no resource type")))?;
    Ok(Member { id: row.text("id")?.into(), kind, display: row.optional_text("display").map(str::to_string) })
}

fn group(row: &Row) -> Result<GroupRef, Failure> {
    let display = row.optional_text("display").map(str::to_string);
    Ok(GroupRef { id: row.text("id")?.into(), display, direct: row.integer("direct")? == 1 })
}

/// The ids of the JSON array `ids` (an expression) that name neither a user nor a group of the tenant `?1`.
pub(crate) fn unknown(ids: &str) -> String {
    format!(
        "SELECT wanted.value AS id FROM json_each({ids}) AS wanted WHERE NOT EXISTS (\
         SELECT 1 FROM resources AS r WHERE r.tenant = ?1 AND r.type IN ('User', 'Group') AND r.id = wanted.value)"
    )
}

/// Makes the ids of the JSON array `ids` members of `group`, where `condition` holds; those that are stay so.
pub(crate) fn insert(group: &str, ids: &str, condition: &str) -> String {
    format!(
        "INSERT INTO memberships (tenant, group_id, member_id, member_type) \
         SELECT ?1, {group}, r.id, r.type FROM json_each({ids}) AS wanted CROSS JOIN resources AS r \
         ON r.tenant = ?1 AND r.type IN ('User', 'Group') AND r.id = wanted.value \
         WHERE {condition} ON CONFLICT DO NOTHING"
    )
}

/// Counts what the statement just before has inserted into `memberships`, in the same transaction.
pub(crate) fn count_inserted(tenant: &str) -> Statement {
    let sql = "INSERT INTO totals (tenant, type, total) SELECT ?1, 'Membership', changes() WHERE changes() > 0 \
        ON CONFLICT (tenant, type) DO UPDATE SET total = total + excluded.total";
    Statement::new(sql, vec![tenant.into()])
}

/// Counts what the statement just before has deleted from `memberships`, in the same transaction.
pub(crate) fn count_deleted(tenant: &str) -> Statement {
    let sql = "UPDATE totals SET total = total - changes() \
        WHERE tenant = ?1 AND type = 'Membership' AND changes() > 0";
    Statement::new(sql, vec![tenant.into()])
}
