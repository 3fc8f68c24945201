//! Tenants: creating, listing, changing, recounting, deleting. What is shown of one: `details`.

use std::collections::BTreeMap;

use database::{Batch, Failure, Statement};
use directory::Overview;
use directory::activity::{Retention, RetentionChanges, set_retention};
use futures_util::future::try_join;
use scim::Dialect;
use serde_json::{Map, Value};
use tenants::{DEFAULT, NewTenant, Removal, Tenant};

use super::by::{By, Deed};
use super::changes::{SettingChanges, has_row};
use super::{details, edge, names, settings};
use crate::auth::cache;
use crate::context::RequestContext;
use crate::visitors;

/// Tenants in a page.
const PAGE: i64 = 500;
/// Round trips that one request spends on deleting.
const ROUNDS: usize = 10;

/// A page of tenants.
pub struct TenantPage {
    /// The tenants, in the order of their ids.
    pub tenants: Vec<Tenant>,
    /// Whether others follow.
    pub has_more: bool,
}

/// Returns the tenants after that id.
///
/// # Errors
/// If the database fails.
pub async fn list(context: &RequestContext, after: &str) -> Result<TenantPage, Failure> {
    let mut tenants = tenants::list(context.accounts(), after, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or_default();
    let has_more = tenants.len() > page;
    tenants.truncate(page);
    Ok(TenantPage { tenants, has_more })
}

/// A tenant in a list, with what it has.
pub struct Listed {
    /// Its settings; None for `default`.
    pub row: Option<Tenant>,
    /// What it has.
    pub overview: Overview,
}

/// Returns a page of tenants after that id, with what each has, and whether others follow. The first page begins with `default`.
///
/// # Errors
/// If the database fails.
pub async fn overview(
    context: &RequestContext,
    after: &str,
    most: usize,
) -> Result<(Vec<Listed>, bool), Failure> {
    let limit = i64::try_from(most).unwrap_or_default() + 1;
    let (rows, overviews) = try_join(
        tenants::list(context.accounts(), after, limit),
        directory::overviews(context.directory(), after, limit, context.now),
    )
    .await?;
    let has_more = rows.len() > most;
    let default = after.is_empty().then_some(None);
    let rows = default.into_iter().chain(rows.into_iter().take(most).map(Some));
    let mut overviews: BTreeMap<String, Overview> =
        overviews.into_iter().map(|overview| (overview.tenant.clone(), overview)).collect();
    // Both are of one transaction, so there is an overview for each row.
    let listed = rows.filter_map(|row| {
        let overview = overviews.remove(row.as_ref().map_or(DEFAULT, |row| row.id.as_str()))?;
        Some(Listed { row, overview })
    });
    Ok((listed.collect(), has_more))
}

/// A tenant to create.
pub struct CreateTenant<'a> {
    /// Its id, which its Tenant URL names.
    pub id: &'a str,
    /// Its name for people; the id by default.
    pub name: Option<&'a str>,
    /// How the requests of its client are read; tolerant by default.
    pub dialect: Option<Dialect>,
    /// For how many days its change log is kept.
    pub log_retention_days: Option<i64>,
    /// For how many days its activity is kept.
    pub activity_retention_days: Option<i64>,
}

/// Creates a tenant.
///
/// # Errors
/// 400 if the id is not allowed, 409 if it is taken.
pub async fn create(
    context: &RequestContext,
    by: By<'_>,
    create: CreateTenant<'_>,
) -> Result<Tenant, Failure> {
    let new = NewTenant {
        id: create.id.to_string(),
        name: create.name.unwrap_or(create.id).to_string(),
        dialect: create.dialect.unwrap_or(Dialect::TOLERANT),
        log_retention_days: create.log_retention_days.unwrap_or(Retention::default().log_days),
    };
    let deed = Deed::of(create.id, "tenant", "created", create.id).named(create.name.unwrap_or(create.id));
    let tenant = tenants::create(&by.recorded(context, deed), new, context.now).await?;
    let retention = RetentionChanges { log_days: None, activity_days: create.activity_retention_days };
    set_retention(context.directory(), &tenant.id, retention).await?;
    Ok(tenant)
}

/// Changes settings of a tenant. Returns the tenant as it is now; None for `default`, which has no row.
///
/// # Errors
/// 404 if the tenant does not exist, or is being deleted. 409 if it would have an edge copy and a residency, or if `default` would be
/// suspended.
pub async fn update(
    context: &RequestContext,
    by: By<'_>,
    id: &str,
    changes: SettingChanges,
) -> Result<Option<Tenant>, Failure> {
    changes.check(id)?;
    edge::check(context, id, changes.has_edge, changes.residency.as_ref()).await?;
    let mut statements = changes.of_directory(context, id);
    statements.extend(settings_deeds(context, by, id, settings::asked(&changes)).await?);
    let database = context.accounts();
    let tenant = if has_row(id) {
        let tenant = tenants::update(database, id, changes.of_row(), statements, context.now).await?;
        changed();
        Some(tenant)
    } else {
        let mut batch = Batch::new();
        batch.extend(statements);
        batch.run(database).await?;
        None
    };
    edge::switched(context, id);
    Ok(tenant)
}

/// Returns the statements that record which of these settings are changed, from which value to which.
async fn settings_deeds(
    context: &RequestContext,
    by: By<'_>,
    id: &str,
    asked: Map<String, Value>,
) -> Result<Vec<Statement>, Failure> {
    let mut changed = settings::changed(&settings::of_all("", id, &details::show(context, id).await?), asked);
    let enabled = changed.remove("enabled").map(|enabled| enabled.get("new") == Some(&Value::Bool(true)));
    let suspended = enabled.map(|on| Deed::of(id, "tenant", if on { "resumed" } else { "suspended" }, id));
    let settings =
        (!changed.is_empty()).then(|| Deed::of(id, "settings", "changed", id).with(Value::Object(changed)));
    Ok([suspended, settings].iter().flatten().map(|deed| by.of_tenant(context, deed)).collect())
}

/// Forgets what this instance remembers of tenants, so that a change holds here at once.
fn changed() {
    cache::clear();
    names::forget();
    visitors::forget_sessions();
}

/// Counts again what a tenant has.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn recount(context: &RequestContext, id: &str) -> Result<(), Failure> {
    if id != DEFAULT {
        tenants::show(context.accounts(), id).await?;
    }
    directory::recount(context.directory(), id).await
}

/// Deletes a part of a tenant and returns what is left. The caller repeats it.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn delete(context: &RequestContext, by: By<'_>, id: &str) -> Result<Removal, Failure> {
    let mut left = Removal::Left(0);
    for _ in 0..ROUNDS {
        let begun = Some(by.of_removal(context, id));
        let removed = tenants::remove(context.accounts(), id, begun, directory::empty(id), context.now).await;
        // Also if it failed: a lost answer may be that of a transaction which took effect.
        changed();
        left = removed?;
        if !matches!(left, Removal::Left(_)) {
            break;
        }
    }
    // Nothing but rows outside the directory, of which that of its copy may be one.
    if left == Removal::Left(0)
        && let Some(until) = edge::remove(context, id).await?
    {
        return Ok(Removal::Waiting(until));
    }
    if left == Removal::Done {
        // Rows of the tenant went with it.
        by.record(context, Deed::of_service("tenant", "deleted", id)).await?;
    }
    Ok(left)
}
