//! POST (RFC 7644 s3.3): one round trip.

use std::collections::BTreeSet;

use database::{Database, Failure, Statement};
use scim::{Document, Kind, Outcome, Projection, Resource, ScimError};
use serde_json::Value;

use crate::quota::{self, Growth, Quota};
use crate::record::{self, Record};
use crate::refusal::{name, name_in_use, unknown_members};
use crate::{Context, memberships};

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
    let new = New::of(context, kind, &id, &document, members.iter().collect::<BTreeSet<_>>().len())?;
    let mut statements = new.into_statements(&ids).to_vec();
    if !members.is_empty() {
        statements.extend(self::members(context, &id, &ids));
        statements.push(unknown(context, &ids));
    }
    if shows_relation {
        statements.push(memberships::read_one(kind, context.tenant, &id));
    }
    // It comes back with the answer: many of these may wait for the database at once.
    let name = name(kind, &document).to_string();
    drop(document);
    let mut answers = database.run(statements).await?.into_iter();
    let inserted = answers.next().unwrap_or_default();
    let exceeded = answers.next().unwrap_or_default();
    if !members.is_empty() {
        let _inserted_and_counted = (answers.next(), answers.next());
        if let Some(error) = unknown_members(&answers.next().unwrap_or_default())? {
            return Err(error.into());
        }
    }
    let Some(row) = inserted.first() else {
        return Err(quota::refusal(exceeded.first()).unwrap_or_else(|| name_in_use(kind, &name)).into());
    };
    let mut resource = created(context, kind, id, record::document(row)?);
    if shows_relation {
        memberships::attach(kind, std::slice::from_mut(&mut resource), &answers.next().unwrap_or_default())?;
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

/// Gives the group that was created its members, and counts them.
pub(crate) fn members(context: &Context<'_>, id: &str, members: &str) -> [Statement; 2] {
    let made = "EXISTS (SELECT 1 FROM resources WHERE tenant = ?1 AND type = 'Group' AND id = ?2)";
    let params = vec![context.tenant.into(), id.into(), members.into()];
    [
        Statement::new(memberships::insert("?2", "?3", made), params),
        memberships::count_inserted(context.tenant),
    ]
}

/// Some of the members that are nobody.
pub(crate) fn unknown(context: &Context<'_>, members: &str) -> Statement {
    let sql = format!("{} LIMIT 10", memberships::unknown("?2"));
    Statement::new(sql, vec![context.tenant.into(), members.into()])
}

/// A resource to create, as a row.
pub(crate) struct New<'n> {
    context: &'n Context<'n>,
    kind: Kind,
    id: &'n str,
    record: Record,
    /// How many memberships come with it.
    memberships: i64,
}

impl<'n> New<'n> {
    /// # Errors
    /// 413 where no row can hold it.
    pub(crate) fn of(
        context: &'n Context<'n>,
        kind: Kind,
        id: &'n str,
        document: &Document,
        memberships: usize,
    ) -> Result<New<'n>, ScimError> {
        let record = Record::new(context.of(kind), document)?;
        Ok(New { context, kind, id, record, memberships: i64::try_from(memberships).unwrap_or(i64::MAX) })
    }

    /// Inserts it, unless its name is taken, a member is nobody, or a quota does not allow it: a row comes back where it
    /// was done. The second statement says which quota it was, where no other resource has its name.
    pub(crate) fn into_statements(self, members: &str) -> [Statement; 2] {
        let insert = format!(
            "INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, \
             unique_key, display_key, external_id, document, search) \
             SELECT ?1, ?2, ?3, 1, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS ({}) AND {} IS NULL \
             ON CONFLICT DO NOTHING RETURNING document",
            memberships::unknown("?10"),
            self.growth("?11", "?12")
        );
        let exceeded = format!(
            "SELECT {} AS quota WHERE NOT EXISTS (\
             SELECT 1 FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND r.unique_key = ?3)",
            self.growth("?4", "?5")
        );
        let resource = [self.context.tenant.into(), self.kind.name().into()];
        let growth = [self.memberships.into(), self.record.bytes().into()];
        let mut asked = resource.to_vec();
        asked.push(self.record.unique_key.as_str().into());
        asked.extend(growth.clone());
        let mut params = resource.to_vec();
        params.extend([self.id.into(), self.context.now.0.into()]);
        params.extend(self.record.into_params());
        params.push(members.into());
        params.extend(growth);
        [Statement::new(insert, params), Statement::new(exceeded, asked)]
    }

    fn growth(&self, memberships: &str, bytes: &str) -> String {
        let growth = [
            Growth::by(Quota::of(self.kind), "1"),
            Growth::by(Quota::Memberships, memberships),
            Growth::by(Quota::Bytes, bytes),
        ];
        quota::exceeded(&growth, None)
    }
}
