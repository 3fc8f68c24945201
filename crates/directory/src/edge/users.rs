//! What is copied of users and groups: their state now, whatever the log says. So neither the order of parts nor their
//! repetition matters.

use std::collections::{BTreeMap, BTreeSet};

use database::{Batch, Database, Failure, Statement};
use scim::fold;
use serde_json::Value;

use crate::memberships;

/// A user as the copy has one.
#[derive(Debug, Clone, PartialEq)]
pub struct CopiedUser {
    /// The id.
    pub id: String,
    /// The userName.
    pub user_name: String,
    /// The externalId.
    pub external_id: Option<String>,
    /// The displayName.
    pub display_name: Option<String>,
    /// Whether the user may sign in.
    pub active: bool,
    /// The values of the attribute `roles`.
    pub roles: Vec<String>,
    /// The ids of all groups, direct ones and others.
    pub groups: Vec<String>,
}

/// Returns the users of these ids that exist, and the sequence of the tenant's last change as of the same moment.
///
/// # Errors
/// Those of the database.
pub async fn users(
    database: &impl Database,
    tenant: &str,
    ids: &BTreeSet<String>,
) -> Result<(Vec<CopiedUser>, i64), Failure> {
    let sql = format!(
        "SELECT r.id, r.external_id, r.document->>'$.userName' AS user_name, r.document->>'$.displayName' AS display_name, \
         coalesce(r.document->>'$.active', 1) AS active, \
         (SELECT json_group_array(role.value->>'value') FROM json_each(r.document, '$.roles') AS role) AS roles, \
         (WITH RECURSIVE {} SELECT json_group_array(id) FROM (SELECT DISTINCT id FROM up ORDER BY id)) AS groups \
         FROM json_each(?2) AS wanted CROSS JOIN resources AS r \
         ON r.tenant = ?1 AND r.type = 'User' AND r.id = wanted.value",
        memberships::up("r.id")
    );
    let ids = Value::from_iter(ids.iter().map(String::as_str)).to_string();
    let latest = "SELECT coalesce((SELECT max(seq) FROM changes WHERE tenant = ?1), 0) AS latest";
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![tenant.into(), ids.into()]));
    let latest = batch.add(Statement::new(latest, vec![tenant.into()]));
    let rows = batch.query(database).await?;
    let user = |row: &database::Row| {
        let text = |column: &str| row.optional_text(column).map(str::to_string);
        Ok::<_, Failure>(CopiedUser {
            id: row.text("id")?.to_string(),
            user_name: text("user_name").unwrap_or_default(),
            external_id: text("external_id"),
            display_name: text("display_name"),
            active: row.integer("active")? == 1,
            roles: row.texts("roles").unwrap_or_default(),
            groups: row.texts("groups")?,
        })
    };
    let users = rows.of(found).iter().map(user).collect::<Result<_, _>>()?;
    Ok((users, rows.first(latest).map_or(Ok(0), |row| row.integer("latest"))?))
}

/// Returns who has these names and external ids now: `(attribute, value)` and the id. Of several users with one external id it
/// is the one that was created first.
///
/// # Errors
/// Those of the database.
pub async fn holders(
    database: &impl Database,
    tenant: &str,
    former: &BTreeSet<(String, String)>,
) -> Result<BTreeMap<(String, String), String>, Failure> {
    let mut batch = Batch::new();
    let mut keys = Vec::new();
    for (attribute, value) in former {
        let (column, key) = match attribute.as_str() {
            "userName" => ("unique_key", fold(value)),
            _ => ("external_id", value.clone()),
        };
        let sql = format!(
            "SELECT id FROM resources WHERE tenant = ?1 AND type = 'User' AND {column} = ?2 ORDER BY id LIMIT 1"
        );
        keys.push(((attribute, value), batch.add(Statement::new(sql, vec![tenant.into(), key.into()]))));
    }
    let rows = batch.query(database).await?;
    let mut holders = BTreeMap::new();
    for ((attribute, value), key) in keys {
        if let Some(row) = rows.first(key) {
            holders.insert((attribute.clone(), value.clone()), row.text("id")?.to_string());
        }
    }
    Ok(holders)
}

/// Returns ids and names of groups after that id, at most `most`.
///
/// # Errors
/// Those of the database.
pub async fn group_names(
    database: &impl Database,
    tenant: &str,
    after: &str,
    most: i64,
) -> Result<Vec<(String, String)>, Failure> {
    let sql = "SELECT id, coalesce(document->>'$.displayName', '') AS name FROM resources \
        WHERE tenant = ?1 AND type = 'Group' AND id > ?2 ORDER BY id LIMIT ?3";
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![tenant.into(), after.into(), most.into()]));
    let rows = batch.query(database).await?;
    rows.of(found)
        .iter()
        .map(|row| Ok((row.text("id")?.to_string(), row.text("name")?.to_string())))
        .collect()
}
