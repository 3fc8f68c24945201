//! Who may enter the console: making and revoking links, and ending sessions.

use database::Failure;
use tenants::Secret;
use tenants::console::{self as entry, Link, NewLink, Role, SignIn};

use super::by::{By, Deed};
use crate::context::RequestContext;
use crate::ids;
use crate::visitors;

/// A new link, whose code cannot be retrieved again.
pub struct IssuedLink {
    /// The link.
    pub link: Link,
    /// What opens it.
    pub code: Secret,
}

/// A link to create: for a customer's administrator a set-up link, for the vendor's staff one that works once.
pub struct CreateLink<'a> {
    /// What it opens.
    pub role: Role,
    /// Whom it is for, as the console and the audit show it.
    pub person: Option<&'a str>,
}

/// Creates a link.
///
/// # Errors
/// 404 if the tenant of the role does not exist.
pub async fn create_link(
    context: &RequestContext,
    by: By<'_>,
    CreateLink { role, person }: CreateLink<'_>,
) -> Result<IssuedLink, Failure> {
    let code = Secret::of_link(&ids::random()?);
    let by_default = match role {
        Role::Customer(_) => "the tenant's administrator",
        Role::Admin | Role::Viewer => "the holder of a one-time link",
    };
    let (id, person) = (ids::new_id(), person.unwrap_or(by_default));
    let tenant = role.tenant().map(str::to_string);
    let kind = if tenant.is_some() { "set-up link" } else { "one-time link" };
    let deed = Deed { tenant: tenant.as_deref(), ..Deed::of_service(kind, "created", &id).named(person) };
    let database = by.recorded(context, deed);
    let new = NewLink { id: id.clone(), code: &code, role, person, maker: by.person };
    let link = entry::create_link(&database, new, context.now).await?;
    context.entry.note_credential(&link.id);
    Ok(IssuedLink { link, code })
}

/// Returns the set-up links of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list_links(context: &RequestContext, tenant: &str) -> Result<Vec<Link>, Failure> {
    entry::list_links(context.accounts(), tenant).await
}

/// Revokes a set-up link, and ends every session that it has made.
///
/// # Errors
/// 404 if the tenant does not have the link.
pub async fn revoke_link(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    id: &str,
) -> Result<Link, Failure> {
    let database = by.recorded(context, Deed::of(tenant, "set-up link", "revoked", id));
    let link = entry::revoke_link(&database, tenant, id, context.now).await?;
    visitors::forget_sessions();
    context.entry.note_credential(&link.id);
    Ok(link)
}

/// Returns the latest sign-ins, the newest first: those of one tenant's administrators, or of all people.
///
/// # Errors
/// If the database fails.
pub async fn list_sign_ins(context: &RequestContext, tenant: Option<&str>) -> Result<Vec<SignIn>, Failure> {
    entry::list_sign_ins(context.accounts(), tenant).await
}

/// Ends a session.
///
/// # Errors
/// 404 if it does not exist.
pub async fn revoke_session(context: &RequestContext, by: By<'_>, id: &str) -> Result<SignIn, Failure> {
    let found = entry::find_sign_in(context.accounts(), id).await?;
    let deed = Deed { tenant: found.session.role.tenant(), ..Deed::of_service("session", "ended", id) };
    let ended = entry::revoke_session(&by.recorded(context, deed), id, context.now).await?;
    visitors::forget_sessions();
    context.entry.note_credential(&ended.session.id);
    Ok(ended)
}
