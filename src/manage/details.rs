//! Everything that is shown of one tenant: one call of the database.

use database::Failure;
use directory::Usage;
use directory::activity::{self, Retention};
use futures_util::future::{try_join, try_join4};
use tenants::{DEFAULT, Tenant, Token};

use crate::context::RequestContext;

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
    let database = context.directory();
    let (row, usage, edge, (retention, mass_deprovisioning)) = try_join4(
        row(context, id),
        directory::usage(database, id),
        directory::edge::status(database, id),
        activity::settings(database, id),
    )
    .await?;
    Ok(TenantDetails { row, usage, retention, edge, mass_deprovisioning })
}

/// Returns the settings and the tokens of a tenant; None for `default`.
async fn row(context: &RequestContext, id: &str) -> Result<Option<(Tenant, Vec<Token>)>, Failure> {
    if id == DEFAULT {
        return Ok(None);
    }
    let accounts = context.accounts();
    try_join(tenants::show(accounts, id), tenants::list_tokens(accounts, id)).await.map(Some)
}
