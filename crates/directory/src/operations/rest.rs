//! The rest of an answer with more members, or groups, than are read at once: a part of it with each round trip.
//!
//! Parts are read by the order of ids, so that each member which stays one is shown once, whichever others come or go meanwhile.

use database::{Batch, Database, Failure};
use scim::{Rest, limits};

use crate::memberships;

/// Reads the next part: its text, and whether the answer goes on. After the last part it is whole.
///
/// # Errors
/// Those of the database. What was sent of the answer is then to be broken off.
pub async fn read_rest(
    database: &impl Database,
    tenant: &str,
    rest: &mut Rest,
) -> Result<(String, bool), Failure> {
    let most = match rest.kind.has_members() {
        true => limits::REST_MEMBERS,
        // Each part climbs through all groups anew.
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
