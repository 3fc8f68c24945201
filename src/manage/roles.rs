//! Groups mapped to roles of the vendor's application: listing, mapping, ending a mapping, and a page with who gets what.

use database::Failure;
use directory::roles::{self, Made, Mapping, MappingsQuery, Page, no_mapping};

use super::by::{By, Deed};
use super::lines;
use super::transfer::check;
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
/// If the database fails.
pub async fn page(
    context: &RequestContext,
    tenant: &str,
    asked: &MappingsQuery<'_>,
) -> Result<Page, Failure> {
    roles::page(context.directory(), registry()?, tenant, asked).await
}

/// Maps a group, given by its displayName or id, to a role.
///
/// # Errors
/// 404 if the tenant or the group does not exist, 400 if the role is not one line of 1 to 200 characters, 409 if the tenant is being deleted or
/// has too many mappings.
pub async fn map(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    (group, role): (&str, &str),
) -> Result<Made, Failure> {
    let role = lines::name("role", role)?;
    check(context, tenant).await?;
    let of_directory = context.of_directory(tenant, By::ACTOR)?;
    let (group, display) = roles::find_group(context.directory(), registry()?, tenant, group).await?;
    let name = format!("{} to {role}", display.as_ref().unwrap_or(&group));
    let database = by.recorded(context, Deed::of(tenant, "role", "mapped", &group).named(&name));
    let made = roles::map(&database, &of_directory, &group, role, by.person).await?;
    if made.is_new {
        followers::changed(context, tenant);
    }
    Ok(made)
}

/// Ends a mapping. Returns it as it was.
///
/// # Errors
/// 404 if the tenant does not exist or does not have the mapping, 409 if the tenant is being deleted.
pub async fn unmap(context: &RequestContext, by: By<'_>, tenant: &str, id: &str) -> Result<Mapping, Failure> {
    let mapping = list(context, tenant).await?.into_iter().find(|mapping| mapping.id == id);
    let mapping = mapping.ok_or_else(|| no_mapping(id))?;
    let group = mapping.group_name.as_ref().unwrap_or(&mapping.group_id);
    let name = format!("{group} to {}", mapping.role);
    let of_directory = context.of_directory(tenant, By::ACTOR)?;
    let database = by.recorded(context, Deed::of(tenant, "role", "unmapped", &mapping.group_id).named(&name));
    let mapping = roles::unmap(&database, &of_directory, id).await?;
    followers::changed(context, tenant);
    Ok(mapping)
}
