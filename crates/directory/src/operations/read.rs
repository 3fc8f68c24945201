//! GET of one resource (RFC 7644 s3.4.1): one round trip.

use database::{Database, Failure, Row, Statement};
use scim::{Kind, Outcome, Precondition, Projection, Resource};

use crate::record::{self, COLUMNS};
use crate::refusal::not_found;
use crate::{Context, memberships};

pub(crate) async fn read(
    database: &impl Database,
    context: &Context<'_>,
    kind: Kind,
    id: &str,
    projection: &Projection,
    precondition: &Precondition,
) -> Result<Outcome, Failure> {
    let shows_relation = projection.shows_relation(kind);
    let mut statements = vec![select(context.tenant, kind, id)];
    if shows_relation {
        statements.push(memberships::read_one(kind, context.tenant, id));
    }
    let mut answers = database.query(statements).await?.into_iter();
    let mut resource = found(&answers.next().unwrap_or_default(), kind, id)?;
    if precondition.is_not_modified(resource.version)? {
        return Ok(Outcome::NotModified { version: resource.version });
    }
    if shows_relation {
        memberships::attach(kind, std::slice::from_mut(&mut resource), &answers.next().unwrap_or_default())?;
    }
    Ok(Outcome::Found(resource))
}

/// Selects one resource.
pub(crate) fn select(tenant: &str, kind: Kind, id: &str) -> Statement {
    let sql =
        format!("SELECT {COLUMNS} FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3");
    Statement::new(sql, vec![tenant.into(), kind.name().into(), id.into()])
}

/// Selects the version of one resource.
pub(crate) fn select_version(tenant: &str, kind: Kind, id: &str) -> Statement {
    let sql = "SELECT r.version FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3";
    Statement::new(sql, vec![tenant.into(), kind.name().into(), id.into()])
}

/// The resource that [`select`] found, or 404.
pub(crate) fn found(rows: &[Row], kind: Kind, id: &str) -> Result<Resource, Failure> {
    rows.first().map(record::resource).unwrap_or_else(|| Err(not_found(kind, id)))
}
