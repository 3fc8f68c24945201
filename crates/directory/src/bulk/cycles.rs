//! Groups that are members of one another, created in one transaction: if they were created one after the other, a
//! failure would leave some of them with only a part of their members.

use database::{Database, Failure};
use scim::{Document, Done, Kind, ScimError};

use crate::Context;
use crate::store::{Create, Together, commit};

/// A group to create, with members that may be created together with it.
pub(super) struct NewGroup {
    pub kind: Kind,
    pub id: String,
    pub document: Document,
    pub members: Vec<String>,
}

/// Creates all of them, or none.
pub(super) async fn create_cycle(
    database: &impl Database,
    context: &Context<'_>,
    groups: Vec<NewGroup>,
) -> Result<Vec<Result<Done, Failure>>, Failure> {
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    // All of them are created together or none is, so each must leave room for the memberships of all.
    let memberships = groups.iter().map(|group| Create::count(&group.members)).sum();
    let create = |NewGroup { kind, id, document, members }: &NewGroup| {
        Create::new(context.of(*kind), id.clone(), document, members, (&ids, memberships))
    };
    let created: Vec<Result<Create, ScimError>> = groups.iter().map(create).collect();
    if created.iter().any(Result::is_err) {
        return Ok(refused(created.into_iter().map(Result::err).collect()));
    }
    drop(groups);
    let created = created.into_iter().flatten().collect();
    let mut reasons = Vec::new();
    for answer in commit(database, context, created, Together::AllOrNone).await? {
        match answer {
            Ok(_) => reasons.push(None),
            Err(failure) => reasons.push(Some(failure.into_refusal()?)),
        }
    }
    if reasons.iter().any(Option::is_some) {
        return Ok(refused(reasons));
    }
    Ok(reasons.iter().map(|_| Ok(Done { status: 201, version: Some(1) })).collect())
}

/// Returns the results if no group is created. Each group has its own reason; those without one are refused because
/// the cycle cannot be closed (RFC 7644 s3.7.1).
pub(super) fn refused(reasons: Vec<Option<ScimError>>) -> Vec<Result<Done, Failure>> {
    let other = || ScimError::new(409, "another group of its cycle could not be created");
    reasons.into_iter().map(|reason| Err(reason.unwrap_or_else(other).into())).collect()
}
