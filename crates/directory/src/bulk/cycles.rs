//! Groups that are members of one another, in one transaction: a group that waited for its members alone would be
//! half of what was asked for, and stay so where the rest fails.

use database::{Database, Failure};
use scim::{Document, Done, Kind, ScimError};

use crate::Context;
use crate::store::{Create, Together, commit};

/// A group to create, with members that may come with it.
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
    // All of them come together or not at all, so each has to leave room for the memberships of all.
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
            Err(Failure::Refused(error)) => reasons.push(Some(error)),
            Err(failure) => return Err(failure),
        }
    }
    if reasons.iter().any(Option::is_some) {
        return Ok(refused(reasons));
    }
    Ok(reasons.iter().map(|_| Ok(Done { status: 201, version: Some(1) })).collect())
}

/// None is created. Each is told its own reason; RFC 7644 s3.7.1: those without one, that the cycle cannot be closed.
pub(super) fn refused(reasons: Vec<Option<ScimError>>) -> Vec<Result<Done, Failure>> {
    let other = || ScimError::new(409, "a group that this one is in a cycle with could not be created");
    reasons.into_iter().map(|reason| Err(reason.unwrap_or_else(other).into())).collect()
}
