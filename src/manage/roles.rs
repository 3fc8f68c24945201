//! Groups mapped to roles of the vendor's application: listing, mapping, ending a mapping, and a page with who gets what.

use database::Failure;
use directory::roles::{self, Made, Mapping, Page, PageAsked};

use super::lines;
use super::transfer::{ADMINISTRATOR, check};
use crate::context::RequestContext;
use crate::followers;
use crate::registry::registry;

/// Returns the mappings of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist, 409 if it is being deleted.
pub async fn list(context: &RequestContext, tenant: &str) -> Result<Vec<Mapping>, Failure> {
    check(context, tenant).await?;
    roles::list(context.directory(), tenant).await
}

/// Returns a page of the mappings with who gets what. That the tenant exists is known.
///
/// # Errors
/// Those of the database.
pub async fn page(context: &RequestContext, tenant: &str, asked: &PageAsked<'_>) -> Result<Page, Failure> {
    roles::page(context.directory(), registry()?, tenant, asked).await
}

/// Maps a group, given by its displayName or id, to a role. `maker` is the person who does it; None: an administrator by the Admin API.
///
/// # Errors
/// 404 if the tenant or the group does not exist, 400 if the role is not one line of 1 to 200 characters, 409 if the tenant is being deleted or
/// has too many mappings.
pub async fn map(
    context: &RequestContext,
    tenant: &str,
    (group, role): (&str, &str),
    maker: Option<&str>,
) -> Result<Made, Failure> {
    let role = lines::name("role", role)?;
    check(context, tenant).await?;
    let of_directory = context.of_directory(tenant, ADMINISTRATOR)?;
    let maker = maker.unwrap_or(ADMINISTRATOR);
    let made = roles::map(context.directory(), &of_directory, group, role, maker).await?;
    if made.is_new {
        followers::changed(context, tenant);
    }
    Ok(made)
}

/// Ends a mapping. Returns it as it was.
///
/// # Errors
/// 404 if the tenant does not exist or does not have the mapping, 409 if the tenant is being deleted.
pub async fn unmap(context: &RequestContext, tenant: &str, id: &str) -> Result<Mapping, Failure> {
    check(context, tenant).await?;
    let of_directory = context.of_directory(tenant, ADMINISTRATOR)?;
    let mapping = roles::unmap(context.directory(), &of_directory, id).await?;
    followers::changed(context, tenant);
    Ok(mapping)
}
