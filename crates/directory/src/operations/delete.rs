//! DELETE (RFC 7644 s3.6): one round trip.

use database::{Database, Failure};
use scim::{Kind, Outcome, Precondition};

use crate::Context;
use crate::store::{Delete, commit_one};

pub(crate) async fn delete(
    database: &impl Database,
    context: &Context<'_>,
    kind: Kind,
    id: &str,
    precondition: &Precondition,
) -> Result<Outcome, Failure> {
    commit_one(database, context, Delete::new(kind, id, precondition)).await?;
    Ok(Outcome::Deleted)
}
