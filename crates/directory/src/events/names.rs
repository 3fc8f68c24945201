//! How the members of a membership are called: what their resources say now, or, of those that were deleted, what the log says
//! of them; and the roles that the group gives.

use std::collections::{BTreeMap, BTreeSet};

use database::{Batch, Database, Failure, Statement};
use serde_json::{Map, Value};

use super::event::summary;
use crate::memberships::up;

/// What events of memberships say besides ids.
#[derive(Default)]
pub(super) struct Names {
    /// The types of members, and what events say of them, by id.
    pub members: BTreeMap<String, (String, Map<String, Value>)>,
    /// The roles that members of a group get, by the group's id; not of groups that give none.
    pub roles: BTreeMap<String, Vec<String>>,
}

/// Returns what is known of these members and groups.
pub(super) async fn names(
    database: &impl Database,
    tenant: &str,
    types: &str,
    members: BTreeSet<&str>,
    groups: BTreeSet<&str>,
) -> Result<Names, Failure> {
    let mut names = Names::default();
    if members.is_empty() {
        return Ok(names);
    }
    let mut batch = Batch::new();
    let (members, roles) =
        (batch.add(select_members(tenant, types, members)), batch.add(select_roles(tenant, groups)));
    let rows = batch.query(database).await?;
    for row in rows.of(members) {
        let parsed = |column: &str| {
            row.optional_text(column).and_then(|text| serde_json::from_str::<Value>(text).ok())
        };
        let (kind, resource) = match (row.optional_text("type"), parsed("last")) {
            (Some(kind), _) => (kind.to_string(), parsed("resource")),
            (None, Some(last)) => {
                let kind = last.get(0).and_then(Value::as_str).unwrap_or_default().to_string();
                (kind, last.get(1).cloned())
            }
            (None, None) => continue,
        };
        names.members.insert(row.text("id")?.to_string(), (kind, summary(resource.as_ref())));
    }
    for row in rows.of(roles) {
        let mut roles = row.texts("roles")?;
        roles.sort_unstable();
        names.roles.insert(row.text("id")?.to_string(), roles);
    }
    Ok(names)
}

fn list(ids: BTreeSet<&str>) -> String {
    Value::from_iter(ids).to_string()
}

fn select_members(tenant: &str, types: &str, ids: BTreeSet<&str>) -> Statement {
    let sql = format!(
        "SELECT wanted.value AS id, r.type, json_object('userName', r.document->'$.userName', \
         'displayName', r.document->'$.displayName', 'externalId', r.document->'$.externalId', \
         'active', r.document->'$.active') AS resource, \
         CASE WHEN r.id IS NULL THEN (SELECT json_array(c.resource_type, c.change->'$.resource') FROM changes AS c \
         WHERE c.tenant = +?1 AND c.resource_id = wanted.value ORDER BY c.seq DESC LIMIT 1) END AS last \
         FROM json_each(?2) AS wanted LEFT JOIN resources AS r \
         ON r.tenant = +?1 AND r.type IN ({types}) AND r.id = wanted.value"
    );
    Statement::new(sql, vec![tenant.into(), list(ids).into()])
}

/// Selects the roles that members of these groups get: by the group itself, and by those that it is in.
fn select_roles(tenant: &str, groups: BTreeSet<&str>) -> Statement {
    let sql = format!(
        "SELECT id, roles FROM (SELECT wanted.value AS id, (WITH RECURSIVE {} SELECT json_group_array(DISTINCT g.role) \
         FROM (SELECT wanted.value AS id UNION SELECT id FROM up) AS part CROSS JOIN group_roles AS g \
         ON g.tenant = +?1 AND g.group_id = part.id) AS roles FROM json_each(?2) AS wanted) WHERE roles <> '[]'",
        up("wanted.value")
    );
    Statement::new(sql, vec![tenant.into(), list(groups).into()])
}
