//! POST (RFC 7644 s3.3): one round trip.

use scim::{Document, Kind, Outcome, Projection, Resource, ScimError};
use serde_json::Value;

use crate::record::Record;
use crate::write::{name_in_use, unknown_members};
use crate::{Context, Database, Failure, Statement, relations};

pub(crate) async fn create(
    database: &impl Database,
    context: &Context<'_>,
    id: String,
    kind: Kind,
    document: Document,
    members: Vec<String>,
    projection: &Projection,
) -> Result<Outcome, Failure> {
    let ids = Value::from(members.clone()).to_string();
    let shows_relation = projection.shows_relation(kind) && kind == Kind::Group && !members.is_empty();
    let mut statements = vec![insert(context, kind, &id, &document, &ids)?];
    if !members.is_empty() {
        statements.push(self::members(context, &id, &ids));
        statements.push(unknown(context, &ids));
    }
    if shows_relation {
        statements.push(relations::read_one(kind, context.tenant, &id));
    }
    let mut answers = database.run(statements).await?.into_iter();
    let inserted = answers.next().unwrap_or_default();
    if !members.is_empty() {
        let _inserted_members = answers.next();
        unknown_members(&answers.next().unwrap_or_default())?;
    }
    if inserted.is_empty() {
        return Err(name_in_use(kind, &document).into());
    }
    let mut resource = created(context, kind, id, document);
    if shows_relation {
        relations::attach(kind, std::slice::from_mut(&mut resource), &answers.next().unwrap_or_default())?;
    } else if members.is_empty() && kind == Kind::Group {
        // Known without being read.
        resource.members = Some(Vec::new());
    }
    Ok(Outcome::Created(resource))
}

/// A resource that was created now.
pub(crate) fn created(context: &Context<'_>, kind: Kind, id: String, document: Document) -> Resource {
    let (created, last_modified) = (context.now, context.now);
    Resource {
        kind,
        id,
        version: 1,
        created,
        last_modified,
        document,
        members: None,
        groups: None,
        more: false,
    }
}

/// Gives the group that was created its members.
pub(crate) fn members(context: &Context<'_>, id: &str, members: &str) -> Statement {
    let made = "EXISTS (SELECT 1 FROM resources WHERE tenant = ?1 AND type = 'Group' AND id = ?2)";
    let params = vec![context.tenant.into(), id.into(), members.into()];
    Statement::new(relations::insert("?2", "?3", made), params)
}

/// Some of the members that are nobody.
pub(crate) fn unknown(context: &Context<'_>, members: &str) -> Statement {
    let sql = format!("{} LIMIT 10", relations::unknown("?2"));
    Statement::new(sql, vec![context.tenant.into(), members.into()])
}

/// Inserts the resource, unless its name is taken or a member is nobody. A row comes back where it was done.
pub(crate) fn insert(
    context: &Context<'_>,
    kind: Kind,
    id: &str,
    document: &Document,
    members: &str,
) -> Result<Statement, ScimError> {
    let sql = format!(
        "INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, \
         unique_key, display_key, external_id, document, search) \
         SELECT ?1, ?2, ?3, 1, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS ({}) \
         ON CONFLICT DO NOTHING RETURNING id",
        relations::unknown("?10")
    );
    let mut params = vec![context.tenant.into(), kind.name().into(), id.into(), context.now.0.into()];
    params.extend(Record::new(context.of(kind), document)?.into_params());
    params.push(members.into());
    Ok(Statement::new(sql, params))
}
