//! The mappings of a tenant: listing them, mapping a group, and taking that back.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, Registry, ScimError, fold};

use crate::Context;
use crate::store::roles::{self, MOST, NewMapping};

/// A group that is mapped to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The id of the mapping.
    pub id: String,
    /// The id of the group.
    pub group_id: String,
    /// The displayName that the group has now.
    pub group_name: Option<String>,
    /// The role.
    pub role: String,
    /// When it was made.
    pub created: Instant,
    /// Who made it.
    pub maker: String,
}

/// What became of a group that was to be mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The mapping.
    pub mapping: Mapping,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// The columns of a mapping `g` whose group is `r`.
pub(super) const COLUMNS: &str =
    "g.id, g.group_id, r.document->>'$.displayName' AS group_name, g.role, g.created, g.maker";
/// The mappings `g` of the tenant `?1`, each with its group `r`.
pub(super) const FROM: &str = "FROM group_roles AS g CROSS JOIN resources AS r \
    ON r.tenant = +?1 AND r.type = 'Group' AND r.id = g.group_id WHERE g.tenant = +?1";

/// Returns all mappings of a tenant, the oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(database: &impl Database, tenant: &str) -> Result<Vec<Mapping>, Failure> {
    let mut batch = Batch::new();
    let found =
        batch.add(Statement::new(format!("SELECT {COLUMNS} {FROM} ORDER BY g.id"), vec![tenant.into()]));
    batch.query(database).await?.of(found).iter().map(mapping).collect()
}

/// Returns the id and the displayName of a group that is given by its id or its displayName.
///
/// # Errors
/// 404 if there is no such group.
pub async fn find_group(
    database: &impl Database,
    registry: &Registry,
    tenant: &str,
    group: &str,
) -> Result<(String, Option<String>), Failure> {
    let found = database.query_one(select_group(registry, tenant, group)).await?;
    found.as_ref().map_or_else(|| Err(no_group(group).into()), read_group)
}

/// Selects that group. [`read_group`] reads the row.
pub(super) fn select_group(registry: &Registry, tenant: &str, group: &str) -> Statement {
    let sql = format!(
        "SELECT r.id, r.document->>'$.displayName' AS name FROM resources AS r WHERE r.tenant = +?1 AND r.type = 'Group' AND r.id = {}",
        roles::group("+?2", "+?3")
    );
    Statement::new(sql, vec![tenant.into(), group.into(), name_key(registry, group).into()])
}

/// Returns the id and the displayName of the group in a row.
pub(super) fn read_group(row: &Row) -> Result<(String, Option<String>), Failure> {
    Ok((row.text("id")?.to_string(), row.optional_text("name").map(str::to_string)))
}

/// Maps the group with that id to a role. One that is mapped to it already stays so.
///
/// # Errors
/// 404 if there is no such group, 409 if the tenant has too many mappings.
pub async fn map(
    database: &impl Database,
    context: &Context<'_>,
    group: &str,
    role: &str,
    maker: &str,
) -> Result<Made, Failure> {
    let id = (context.new_id)();
    let new = NewMapping { group, role, id: &id, maker };
    let mut batch = Batch::new();
    batch.extend(roles::map(context, &new));
    let sql = format!(
        "SELECT {COLUMNS} FROM resources AS r LEFT JOIN group_roles AS g ON g.tenant = +?1 AND g.group_id = r.id AND g.role = +?3 \
         WHERE r.tenant = +?1 AND r.type = 'Group' AND r.id = +?2"
    );
    let params = vec![context.tenant.into(), group.into(), role.into()];
    let outcome = batch.add(Statement::new(sql, params));
    let rows = batch.run(database).await?;
    let row = rows.first(outcome).ok_or_else(|| no_group(group))?;
    if row.optional_text("id").is_none() {
        let detail = format!("the tenant has {MOST} groups mapped to roles, which is as many as it may have");
        return Err(ScimError::new(409, detail).into());
    }
    let mapping = mapping(row)?;
    Ok(Made { is_new: mapping.id == id, mapping })
}

/// Ends a mapping. Returns it as it was.
///
/// # Errors
/// 404 if the tenant does not have it.
pub async fn unmap(database: &impl Database, context: &Context<'_>, id: &str) -> Result<Mapping, Failure> {
    let mut batch = Batch::new();
    let params = vec![context.tenant.into(), id.into()];
    let found = batch.add(Statement::new(format!("SELECT {COLUMNS} {FROM} AND g.id = +?2"), params));
    batch.extend(roles::unmap(context, id));
    let rows = batch.run(database).await?;
    rows.first(found).ok_or_else(|| no_mapping(id).into()).and_then(mapping)
}

/// Returns the refusal of a mapping that the tenant does not have.
pub fn no_mapping(id: &str) -> ScimError {
    ScimError::not_found(format!("the tenant has no group mapped to a role by `{id}`"))
}

/// Returns the refusal of a group that the tenant does not have.
pub fn no_group(group: &str) -> ScimError {
    ScimError::not_found(format!("the tenant has no group with the name or id `{group}`"))
}

/// Returns a displayName of a group as the directory compares it.
pub(super) fn name_key(registry: &Registry, name: &str) -> String {
    let group = registry.kind("Group").and_then(|kind| registry.resource_type(kind).unique());
    if group.is_some_and(|attribute| attribute.case_exact) { name.to_string() } else { fold(name) }
}

/// Returns the mapping in a row.
pub(super) fn mapping(row: &Row) -> Result<Mapping, Failure> {
    let text = |name| row.text(name).map(str::to_string);
    Ok(Mapping {
        id: text("id")?,
        group_id: text("group_id")?,
        group_name: row.optional_text("group_name").map(str::to_string),
        role: text("role")?,
        created: Instant(row.integer("created")?),
        maker: text("maker")?,
    })
}
