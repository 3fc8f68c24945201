//! The table `tenants`: creating, listing, showing and changing tenants. `removal` deletes them.

use database::{Batch, Database, Failure, Param, Row, Statement};
use scim::{Dialect, Instant, ScimError};

use crate::DEFAULT;
use crate::slug::check_new;

/// A tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// The slug that its Tenant URL names.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// When it was suspended; None if it is served.
    pub suspended: Option<Instant>,
    /// When its deletion began.
    pub deleted: Option<Instant>,
    /// How the requests of its client are read.
    pub dialect: Dialect,
    /// For how many days its log is kept.
    pub log_retention_days: i64,
    /// Where its data must stay, such as `eu`; None: anywhere.
    pub residency: Option<String>,
    /// When it was made.
    pub created: Instant,
}

/// A tenant to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTenant {
    /// See [`Tenant`].
    pub id: String,
    /// See [`Tenant`].
    pub name: String,
    /// See [`Tenant`].
    pub dialect: Dialect,
    /// See [`Tenant`].
    pub log_retention_days: i64,
}

/// The changes of a tenant; None leaves a setting as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// See [`Tenant`].
    pub name: Option<String>,
    /// Whether its tokens are accepted.
    pub enabled: Option<bool>,
    /// See [`Tenant`].
    pub dialect: Option<Dialect>,
    /// See [`Tenant`].
    pub log_retention_days: Option<i64>,
    /// See [`Tenant`]; Some(None) for anywhere.
    pub residency: Option<Option<String>>,
}

const COLUMNS: &str = "id, name, suspended, deleted, dialect, log_retention_days, created";
/// What a tenant has besides what it is created with.
const MORE: &str = "residency";

/// Creates a tenant.
///
/// # Errors
/// 400 if the name is not allowed, 409 if it is taken.
pub async fn create(database: &impl Database, new: NewTenant, now: Instant) -> Result<Tenant, Failure> {
    check_new(&new.id)?;
    let sql = format!(
        "INSERT INTO tenants ({COLUMNS}) VALUES (?1, ?2, NULL, NULL, ?3, ?4, ?5) ON CONFLICT DO NOTHING RETURNING {COLUMNS}, {MORE}"
    );
    let params = vec![
        new.id.as_str().into(),
        new.name.into(),
        new.dialect.name().into(),
        new.log_retention_days.into(),
        now.0.into(),
    ];
    let taken = "SELECT deleted FROM tenants WHERE id = +?1";
    let taken = Statement::new(taken, vec![new.id.as_str().into()]);
    let mut batch = Batch::new();
    let (created, taken) = (batch.add(Statement::new(sql, params)), batch.add(taken));
    let rows = batch.run(database).await?;
    if let Some(row) = rows.first(created) {
        return tenant(row);
    }
    let deleted = match rows.first(taken) {
        Some(row) => row.optional_integer("deleted")?.is_some(),
        None => false,
    };
    let state = if deleted { "is still being deleted" } else { "exists already" };
    Err(ScimError::new(409, format!("the tenant `{}` {state}", new.id)).into())
}

/// Returns the tenants after that name, in the order of their names.
///
/// # Errors
/// If the database fails.
pub async fn list(database: &impl Database, after: &str, most: i64) -> Result<Vec<Tenant>, Failure> {
    let sql = format!("SELECT {COLUMNS}, {MORE} FROM tenants WHERE id > ?1 ORDER BY id LIMIT +?2");
    let mut batch = Batch::new();
    let page = batch.add(Statement::new(sql, vec![after.into(), most.into()]));
    batch.query(database).await?.of(page).iter().map(tenant).collect()
}

/// Returns one tenant.
///
/// # Errors
/// 404 if it does not exist.
pub async fn show(database: &impl Database, id: &str) -> Result<Tenant, Failure> {
    let found = database.query_one(select(id)).await?;
    found.as_ref().map_or_else(|| Err(not_found(id)), tenant)
}

/// Changes a tenant. `more` are statements of other tables of the tenant, which run afterwards in the same
/// transaction.
///
/// # Errors
/// 404 if it does not exist, or is being deleted.
pub async fn update(
    database: &impl Database,
    id: &str,
    changes: Changes,
    more: Vec<Statement>,
    now: Instant,
) -> Result<Tenant, Failure> {
    let sql = format!(
        "UPDATE tenants SET name = coalesce(?2, name), dialect = coalesce(?3, dialect), \
         log_retention_days = coalesce(?4, log_retention_days), residency = iif(?7 = 1, ?8, residency), \
         suspended = CASE WHEN ?5 IS NULL THEN suspended WHEN ?5 = 1 THEN NULL ELSE coalesce(suspended, ?6) END \
         WHERE id = +?1 AND deleted IS NULL RETURNING {COLUMNS}, {MORE}"
    );
    let params: Vec<Param> = vec![
        id.into(),
        changes.name.into(),
        changes.dialect.map(Dialect::name).into(),
        changes.log_retention_days.into(),
        changes.enabled.map(i64::from).into(),
        now.0.into(),
        i64::from(changes.residency.is_some()).into(),
        changes.residency.flatten().into(),
    ];
    let mut batch = Batch::new();
    let changed = batch.add(Statement::new(sql, params));
    batch.extend(more);
    batch.run(database).await?.first(changed).map_or_else(|| Err(not_found(id)), tenant)
}

/// Returns SQL of whether credentials may be created for the tenant in that parameter. The default one has no row.
pub(crate) fn takes_credentials(parameter: &str) -> String {
    format!(
        "({parameter} = '{DEFAULT}' OR EXISTS (SELECT 1 FROM tenants WHERE id = {parameter} AND deleted IS NULL))"
    )
}

/// Selects a row if the tenant exists; `default` always does.
pub(crate) fn exists(tenant: &str) -> Statement {
    let sql = format!("SELECT 1 WHERE ?1 = '{DEFAULT}' OR EXISTS (SELECT 1 FROM tenants WHERE id = +?1)");
    Statement::new(sql, vec![tenant.into()])
}

/// Returns SQL of whether the tenant of the alias is served; `t` is its row, which `default` does not have.
pub(crate) fn served(alias: &str) -> String {
    format!(
        "({alias}.tenant = '{DEFAULT}' OR (t.id IS NOT NULL AND t.suspended IS NULL AND t.deleted IS NULL))"
    )
}

fn select(id: &str) -> Statement {
    Statement::new(format!("SELECT {COLUMNS}, {MORE} FROM tenants WHERE id = +?1"), vec![id.into()])
}

pub(crate) fn not_found(id: &str) -> Failure {
    ScimError::not_found(format!("there is no tenant `{id}`")).into()
}

fn tenant(row: &Row) -> Result<Tenant, Failure> {
    Ok(Tenant {
        id: row.text("id")?.to_string(),
        name: row.text("name")?.to_string(),
        suspended: row.optional_integer("suspended")?.map(Instant),
        deleted: row.optional_integer("deleted")?.map(Instant),
        dialect: dialect(row.text("dialect")?)?,
        log_retention_days: row.integer("log_retention_days")?,
        residency: row.optional_text("residency").map(str::to_string),
        created: Instant(row.integer("created")?),
    })
}

pub(crate) fn dialect(name: &str) -> Result<Dialect, Failure> {
    Dialect::from_name(name).ok_or_else(|| Failure::corrupt(format!("`{name}` is not a dialect")))
}
