//! Tenants: creating, listing, showing, changing, recounting, deleting.

use database::{Batch, Failure, Statement};
use directory::activity::{self, Retention, RetentionChanges, set_retention, set_retention_of_tenant};
use directory::{Overview, QuotaChanges, Usage};
use scim::Dialect;
use tenants::{Changes, DEFAULT, NewTenant, Removal, Tenant, Token};

use super::edge;
use crate::auth::cache;
use crate::context::RequestContext;

/// Tenants in a page.
const PAGE: i64 = 500;
/// Days for which the change log is kept: by default, and at most, which holds for the activity too.
pub const RETENTION_DAYS: (i64, i64) = (90, 3_650);
/// The jurisdictions that D1 and Durable Objects know.
pub const RESIDENCIES: [&str; 3] = ["eu", "us", "fedramp"];
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
/// If the database did not answer.
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
/// If the database did not answer.
pub async fn overview(
    context: &RequestContext,
    after: &str,
    most: usize,
) -> Result<(Vec<Listed>, bool), Failure> {
    let limit = i64::try_from(most).unwrap_or_default() + 1;
    let mut rows = tenants::list(context.accounts(), after, limit).await?;
    let has_more = rows.len() > most;
    rows.truncate(most);
    let default = after.is_empty().then_some(DEFAULT);
    let ids: Vec<&str> = default.into_iter().chain(rows.iter().map(|tenant| tenant.id.as_str())).collect();
    let overviews = directory::overviews(context.directory(), &ids, context.now).await?;
    let rows = default.map(|_| None).into_iter().chain(rows.into_iter().map(Some));
    let listed = rows.zip(overviews).map(|(row, overview)| Listed { row, overview });
    Ok((listed.collect(), has_more))
}

/// Returns the display name of a tenant.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn name(context: &RequestContext, id: &str) -> Result<String, Failure> {
    match id {
        DEFAULT => Ok(DEFAULT.to_string()),
        id => Ok(tenants::show(context.accounts(), id).await?.name),
    }
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
pub async fn create(context: &RequestContext, create: CreateTenant<'_>) -> Result<Tenant, Failure> {
    let new = NewTenant {
        id: create.id.to_string(),
        name: create.name.unwrap_or(create.id).to_string(),
        dialect: create.dialect.unwrap_or(Dialect::TOLERANT),
        log_retention_days: create.log_retention_days.unwrap_or(RETENTION_DAYS.0),
    };
    let tenant = tenants::create(context.accounts(), new, context.now).await?;
    let retention = RetentionChanges { log_days: None, activity_days: create.activity_retention_days };
    set_retention(context.accounts(), &tenant.id, retention).await?;
    Ok(tenant)
}

/// Everything that is shown of a tenant.
pub struct TenantDetails {
    /// Its settings and tokens. None for `default`, which has no row: it is configured at the Worker.
    pub row: Option<(Tenant, Vec<Token>)>,
    /// What it uses, and its quotas.
    pub usage: Vec<Usage>,
    /// For how long its rows are kept.
    pub retention: Retention,
    /// How far its edge copy is; None if it has none.
    pub edge: Option<directory::edge::Status>,
    /// How many users may be disabled or deleted in a cycle; None: the rule that is built in.
    pub mass_deprovisioning: Option<i64>,
}

/// Returns everything that is shown of a tenant.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn show(context: &RequestContext, id: &str) -> Result<TenantDetails, Failure> {
    let row = match id {
        DEFAULT => None,
        id => {
            let tenant = tenants::show(context.accounts(), id).await?;
            Some((tenant, tenants::list_tokens(context.accounts(), id).await?))
        }
    };
    let usage = directory::usage(context.accounts(), id).await?;
    let database = context.directory();
    let edge = directory::edge::status(database, id).await?;
    let (retention, mass_deprovisioning) = activity::settings(context.accounts(), id).await?;
    Ok(TenantDetails { row, usage, retention, edge, mass_deprovisioning })
}

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
    fn statements(&self, context: &RequestContext, id: &str) -> Vec<Statement> {
        let mut statements = directory::set_quotas_of_tenant(id, &self.quotas);
        statements.extend(set_retention_of_tenant(id, self.retention));
        statements.extend(edge::statements(context, id, self.has_edge));
        statements.extend(self.mass_deprovisioning.map(|most| directory::set_guard_of_tenant(id, most)));
        statements
    }
}

/// Changes settings of a tenant and of its directory.
///
/// # Errors
/// 404 if the tenant does not exist, or is being deleted. 409 if it would have an edge copy and a residency.
pub async fn update(
    context: &RequestContext,
    id: &str,
    changes: Changes,
    of_directory: &DirectoryChanges,
) -> Result<Tenant, Failure> {
    edge::check(context, id, of_directory.has_edge, changes.residency.as_ref()).await?;
    let more = of_directory.statements(context, id);
    let tenant = tenants::update(context.accounts(), id, changes, more, context.now).await?;
    cache::clear();
    edge::switched(context, id);
    Ok(tenant)
}

/// Changes settings of the directory of `default`; everything else of it is configured at the Worker.
///
/// # Errors
/// If the database did not answer.
pub async fn update_default(
    context: &RequestContext,
    of_directory: &DirectoryChanges,
) -> Result<(), Failure> {
    let mut batch = Batch::new();
    batch.extend(of_directory.statements(context, DEFAULT));
    batch.run(context.accounts()).await?;
    edge::switched(context, DEFAULT);
    Ok(())
}

/// Counts again what a tenant has.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn recount(context: &RequestContext, id: &str) -> Result<(), Failure> {
    if id != DEFAULT {
        tenants::show(context.accounts(), id).await?;
    }
    directory::recount(context.accounts(), id).await
}

/// Deletes a part of a tenant and returns what is left. The caller repeats it.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn delete(context: &RequestContext, id: &str) -> Result<Removal, Failure> {
    cache::clear();
    let mut left = Removal::Left(0);
    for _ in 0..ROUNDS {
        left = tenants::remove(context.accounts(), id, directory::empty(id), context.now).await?;
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
    Ok(left)
}
