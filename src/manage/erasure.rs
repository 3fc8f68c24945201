//! Erasing a person from a tenant: from its directory and the change log. The activity holds no names, and the copy in KV follows the
//! deletion.

use database::Failure;
use directory::Erasure;

use super::by::{By, Deed};
use super::transfer::check;
use crate::context::RequestContext;
use crate::followers;

/// Erases a user, from that row of the log on; the caller repeats it while rows are left.
///
/// # Errors
/// 404 if the tenant does not exist or nothing is known about the user, 409 if the tenant is being deleted.
pub async fn erase(
    context: &RequestContext,
    by: By<'_>,
    tenant: &str,
    user: &str,
    after: i64,
) -> Result<Erasure, Failure> {
    check(context, tenant).await?;
    let of_directory = context.of_directory(tenant, By::ACTOR)?;
    let erasure = directory::erase(context.directory(), &of_directory, user, after).await?;
    followers::changed(context, tenant);
    // Each call that erases something, wherever the caller lets it begin; and the first one, also if it is repeated.
    if after == 0 || erasure.was_deleted || erasure.blanked > 0 {
        // The id alone: the name is what is erased.
        by.record(context, Deed::of(tenant, "user", "erased", user)).await?;
    }
    Ok(erasure)
}
