//! GET of one resource (RFC 7644 s3.4.1): one round trip.

use database::{Batch, Database, Failure};
use scim::{Kind, Outcome, Precondition, Projection};

use crate::store::record;
use crate::{Context, memberships};

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
    let resource = batch.add(record::select(context.tenant, kind, id));
    let of_resource =
        includes_memberships.then(|| batch.add(memberships::read_one(kind, context.tenant, id)));
    let mut rows = batch.query(database).await?;
    let mut resource = record::found(&rows.take(resource), kind, id)?;
    if precondition.is_not_modified(resource.version)? {
        return Ok(Outcome::NotModified { version: resource.version });
    }
    if includes_memberships {
        memberships::attach(&mut resource, rows.of(of_resource))?;
    }
    Ok(Outcome::Found(resource))
}
