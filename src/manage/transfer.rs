//! A tenant's directory as SCIM JSON lines, exported and imported; also that of the default tenant, which has no row.

use database::Failure;
use directory::{Exported, Imported};
use scim::ScimError;
use serde_json::json;
use tenants::DEFAULT;

use super::by::{By, Deed};
use crate::context::RequestContext;
use crate::followers;
use crate::registry::registry;

/// Returns a page of the directory, from the cursor on.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn export(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    cursor: Option<&str>,
) -> Result<Exported, Failure> {
    check(context, tenant).await?;
    let page = directory::export(context.directory(), registry()?, tenant, cursor).await?;
    let deed = Deed::of(tenant, "directory", "exported", tenant);
    match cursor {
        None => by.record(context, deed).await?,
        Some(_) => by.record_part(context, deed).await?,
    }
    Ok(page)
}

/// Creates the resources of the lines that the directory lacks.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted, 400 if the lines are not UTF-8.
pub async fn import(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    lines: &[u8],
) -> Result<Imported, Failure> {
    check(context, tenant).await?;
    let lines = std::str::from_utf8(lines).map_err(|_| ScimError::new(400, "the body is not UTF-8"))?;
    let of_directory = context.of_directory(tenant, By::ACTOR)?;
    let imported = directory::import(context.directory(), &of_directory, lines).await?;
    context.entry.note(|facts| facts.limited = imported.limited);
    followers::changed(context, tenant);
    let detail = json!({"created": imported.created, "present": imported.present});
    by.record(context, Deed::of(tenant, "directory", "imported", tenant).with(detail)).await?;
    Ok(imported)
}

/// Refuses a tenant that does not exist (any more).
///
/// # Errors
/// 404 if it does not exist, 409 if it is being deleted.
pub(super) async fn check(context: &RequestContext, tenant: &str) -> Result<(), Failure> {
    if tenant == DEFAULT {
        return Ok(());
    }
    let found = tenants::show(context.accounts(), tenant).await?;
    match found.deleted {
        Some(_) => Err(ScimError::new(409, format!("the tenant `{tenant}` is being deleted")).into()),
        None => Ok(()),
    }
}
