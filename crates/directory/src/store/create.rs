//! Creating one resource, with its members if it is a group.

use std::collections::BTreeSet;

use database::{Batch, Failure, Key, Params, Rows, Statement};
use scim::{Document, Kind, Resource, ScimError};
use serde_json::Value;

use super::changes::{self, Log, Of};
use super::quota::{self, Growth, Quota};
use super::record::{self, Record};
use super::{Commit, Effect, Returns, Write, members};
use crate::memberships;
use crate::refusal::{name_in_use, unknown_members};

/// A resource to create.
pub(crate) struct Create {
    kind: Kind,
    id: String,
    /// The columns, until the statement takes them.
    record: Option<Record>,
    name: String,
    /// All of its members, as a JSON array.
    members: Option<String>,
    /// How many members are named.
    count: usize,
    /// The members that must exist already, as a JSON array.
    others: String,
    /// How many memberships are created with it, and with the groups that are created together with it.
    memberships: i64,
    pub returns: Returns,
    keys: Keys,
}

#[derive(Default)]
struct Keys {
    inserted: Option<Key>,
    refused: Option<Key>,
    members: Option<Key>,
}

impl Create {
    /// Returns the resource as a row. `together` are the ids of groups that are created with it, and how many
    /// memberships all of them bring: they are created together or not at all, so each must leave room for the
    /// memberships of all.
    ///
    /// # Errors
    /// 413 if no row can hold it, 400 `tooMany` if it has more values than are read from one body.
    pub(crate) fn new(
        of: &scim::ResourceType,
        id: String,
        document: &Document,
        members: &[String],
        together: (&[&str], usize),
    ) -> Result<Create, ScimError> {
        let (ids, memberships) = together;
        let record = Record::new(of, &id, document)?;
        let others = members.iter().filter(|member| !ids.contains(&member.as_str())).map(String::as_str);
        Ok(Create {
            kind: of.kind,
            id,
            name: record.name.clone(),
            record: Some(record),
            others: Value::from_iter(others).to_string(),
            count: members.len(),
            members: (!members.is_empty()).then(|| Value::from(members.to_vec()).to_string()),
            memberships: i64::try_from(memberships).unwrap_or(i64::MAX),
            returns: Returns::default(),
            keys: Keys::default(),
        })
    }

    /// Counts the members that are named, each once.
    pub(crate) fn count(members: &[String]) -> usize {
        members.iter().collect::<BTreeSet<_>>().len()
    }

    /// Returns SQL of the quota that the resource would exceed.
    fn exceeded(&self, params: &mut Params, bytes: i64) -> String {
        let mut growth: Vec<Growth> =
            Quota::of(self.kind).map(|quota| Growth::by(quota, "1")).into_iter().collect();
        if self.memberships > 0 {
            growth.push(Growth::by(Quota::Memberships, params.add(self.memberships)));
        }
        growth.push(Growth::by(Quota::Bytes, params.add(bytes)));
        quota::exceeded(&growth, None)
    }

    /// Returns the parameters that both statements have, and SQL that names the members which must exist, if there are
    /// any. `?1` is the tenant, `?2` the type, `?3` the id, `?4` the name's key.
    fn params(&self, write: &Write<'_>, record: &Record) -> (Params, Option<String>) {
        let mut params = Params::default();
        for key in [write.context.tenant, self.kind.name(), &self.id, &record.unique_key] {
            params.add(key);
        }
        let others = self.members.is_some().then(|| params.add(self.others.as_str()));
        (params, others)
    }

    /// Inserts the row unless its name is taken, a member is unknown, or a quota does not allow it. It returns a row
    /// if it was inserted.
    fn insert(&self, write: &Write<'_>, record: Record) -> Statement {
        let (mut params, others) = self.params(write, &record);
        let exceeded = self.exceeded(&mut params, record.bytes());
        let unknown = others.map(|others| members::unknown(&write.context.member_types(), &others));
        let unknown = unknown.map(|unknown| format!("NOT EXISTS ({unknown}) AND ")).unwrap_or_default();
        let now = params.add(write.context.now.0);
        let revision = params.add(write.revision.as_str());
        let [_, rest @ ..] = record.into_params();
        let rest = rest.map(|value| params.add(value)).join(", ");
        let sql = format!(
            "{} SELECT ?1, ?2, ?3, 1, {revision}, {now}, {now}, ?4, {rest} WHERE {unknown}{exceeded} IS NULL \
             ON CONFLICT DO NOTHING RETURNING {}",
            record::INTO,
            if self.returns.resource { "document" } else { "id" }
        );
        Statement::new(sql, params.into())
    }

    /// Selects why the row was not inserted, if it was not: the members that are unknown, or the quota that forbids it if
    /// its name is free.
    fn refused(&self, write: &Write<'_>, record: &Record) -> Statement {
        let (mut params, others) = self.params(write, record);
        let exceeded = self.exceeded(&mut params, record.bytes());
        let unknown = match others {
            Some(others) => members::some_unknown(&write.context.member_types(), &others),
            None => "NULL".to_string(),
        };
        let resource = "SELECT 1 FROM resources AS r WHERE r.tenant = +?1 AND r.type = +?2";
        let sql = format!(
            "SELECT {unknown} AS unknown, CASE WHEN NOT EXISTS ({resource} AND r.unique_key = +?4) THEN {exceeded} END AS quota \
             WHERE NOT EXISTS ({resource} AND r.id = +?3)"
        );
        Statement::new(sql, params.into())
    }
}

impl Effect for Create {
    type Answer = Commit;

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let Some(record) = self.record.take() else { return };
        let refused = self.refused(write, &record);
        self.keys.inserted = Some(batch.add(self.insert(write, record)));
        self.keys.refused = Some(batch.add(refused));
    }

    fn log(&self, batch: &mut Batch, write: &Write<'_>) {
        let mut params = Params::default();
        for key in [write.context.tenant, self.kind.name(), &self.id, &write.revision] {
            params.add(key);
        }
        let came = self.members.as_ref().map(|members| {
            let members = params.add(members.as_str());
            format!("SELECT DISTINCT value AS id FROM json_each({members})")
        });
        let members = came.map(|came| match self.count > changes::MEMBERS {
            true => changes::Members::Many { came: Some(came), went: None },
            false => changes::Members::Few { came: Some(came), went: None },
        });
        let here = "r.tenant = +?1 AND r.type = +?2 AND r.id = +?3 AND r.revision = +?4";
        let of = Of { tables: "resources AS r", conditions: here };
        batch.add(Log::new(write, params).created(&of, members.as_ref()).statement());
    }

    fn write_memberships(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let Some(members) = self.members.take() else { return };
        let tenant = write.context.tenant;
        let params =
            vec![tenant.into(), self.id.as_str().into(), write.revision.as_str().into(), members.into()];
        batch.add(Statement::new(members::insert(&write.context.member_types()), params));
        batch.add(members::count_inserted(tenant));
    }

    fn read(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let read = || memberships::read_one(self.kind, write.context.tenant, &self.id);
        self.keys.members = self.returns.members.then(|| batch.add(read()));
    }

    fn answer(self, write: &Write<'_>, rows: &Rows) -> Result<Commit, Failure> {
        let Some(row) = rows.first(self.keys.inserted) else {
            let refused = rows.first(self.keys.refused);
            let unknown = refused.map(|row| row.texts("unknown")).transpose()?.unwrap_or_default();
            let refusal = unknown_members(&unknown).or_else(|| quota::refusal(refused));
            return Err(refusal.unwrap_or_else(|| name_in_use(self.kind, &self.name)).into());
        };
        if !self.returns.resource {
            return Ok(Commit::Done { version: 1, resource: None });
        }
        let (created, document) = (write.context.now, record::document(row)?);
        let mut resource = Resource {
            kind: self.kind,
            id: self.id,
            version: 1,
            created,
            last_modified: created,
            document,
            members: None,
            groups: None,
            more: false,
        };
        if self.returns.members {
            memberships::attach(&mut resource, rows.of(self.keys.members))?;
        }
        Ok(Commit::Done { version: 1, resource: Some(Box::new(resource)) })
    }

    fn creates(&self) -> Option<&str> {
        Some(&self.id)
    }
}
