//! GET of one resource (RFC 7644 s3.4.1): one round trip.

use database::{Batch, Database, Failure};
use scim::{Kind, Outcome, Precondition, Projection};

use crate::refusal::not_found;
use crate::store::record;
use crate::{Context, whole};

pub(crate) async fn read(
    database: &impl Database,
    context: &Context<'_>,
    kind: Kind,
    id: &str,
    projection: &Projection,
    precondition: &Precondition,
) -> Result<Outcome, Failure> {
    let includes_memberships = projection.includes_memberships(kind);
    let mut batch = Batch::new();
    let found = batch.add(match includes_memberships {
        true => whole::select(kind, context.tenant, id),
        false => record::select(context.tenant, kind, id),
    });
    let rows = batch.query(database).await?;
    let resource = match includes_memberships {
        true => whole::read(database, context.tenant, kind, rows.of(found))
            .await?
            .ok_or_else(|| not_found(kind, id))?,
        false => record::found(rows.of(found), kind, id)?,
    };
    match precondition.is_not_modified(resource.version)? {
        true => Ok(Outcome::NotModified { version: resource.version }),
        false => Ok(Outcome::Found(resource)),
    }
}
