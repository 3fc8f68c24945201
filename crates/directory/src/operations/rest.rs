//! The rest of a response with more members, or groups, than are read at once: a part of it with each round trip.
//!
//! Parts are read in the order of ids, so that each member that stays is shown once, whichever others are added or
//! removed meanwhile.

use database::{Batch, Database, Failure};
use scim::{Rest, limits};

use crate::memberships;

/// Reads the next part. Returns its text, and whether the response goes on; after the last part it is complete.
///
/// # Errors
/// The errors of the database. The response must be broken off then.
pub async fn read_rest(
    database: &impl Database,
    tenant: &str,
    rest: &mut Rest,
) -> Result<(String, bool), Failure> {
    let most = match rest.kind.has_members() {
        true => limits::REST_MEMBERS,
        // Each part walks up through all groups again.
        false => limits::PAGE_MEMBERSHIPS,
    };
    let part = memberships::read_part(rest.kind, tenant, &rest.id, &rest.after, most);
    let mut batch = Batch::new();
    let part = batch.add(part);
    let rows = batch.query(database).await?;
    let rows = rows.of(part);
    let (mut text, more) = match rest.kind.has_members() {
        true => memberships::members(rest.kind, rows, most)
            .map(|(members, more)| (rest.members(&members), more))?,
        false => memberships::groups(rows, most).map(|(groups, more)| (rest.groups(&groups), more))?,
    };
    if !more {
        text.push_str(rest.end());
    }
    Ok((text, more))
}
