//! POST (RFC 7644 s3.3): one round trip.

use database::{Database, Failure};
use scim::{Document, Kind, Outcome, Projection};

use crate::Context;
use crate::refusal::busy;
use crate::store::{Commit, Create, Returns, commit_one};

pub(crate) async fn create(
    database: &impl Database,
    context: &Context<'_>,
    id: String,
    kind: Kind,
    document: Document,
    members: Vec<String>,
    projection: &Projection,
) -> Result<Outcome, Failure> {
    let is_empty = members.is_empty();
    let mut create = Create::new(context.of(kind), id, &document, &members, (&[], Create::count(&members)))?;
    let shows_members = projection.includes_memberships(kind) && kind.has_members() && !is_empty;
    create.returns = Returns { resource: true, members: shows_members };
    // It is part of the answer: many of these may wait for the database at once.
    drop((document, members));
    let Commit::Done { resource: Some(mut resource), .. } = commit_one(database, context, create).await?
    else {
        return Err(busy().into());
    };
    if is_empty && kind.has_members() {
        // A new resource is in no group, so this is known without reading it.
        resource.members = Some(Vec::new());
    }
    Ok(Outcome::Created(*resource))
}
