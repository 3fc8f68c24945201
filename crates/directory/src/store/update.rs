//! Changing a resource: its document, its members, or both.
//!
//! Two statements at least. The first updates the row of the resource if nothing forbids it, under the revision of this
//! write; the second selects the current state and, if the row was not updated, why not. The rows of members are
//! changed only if that revision is found. A document is read only by the request whose response contains it: it is
//! large, and many requests may have lost the race.

use database::{Batch, Failure, Key, Param, Params, Row, Rows, Statement};
use scim::{Kind, MemberChange, Precondition, Resource};
use serde_json::Value;

use super::changes::{self, Log, Members, Of};
use super::precondition::{met, versions};
use super::quota::{self, Growth, Quota};
use super::record::{self, Record};
use super::{Commit, Effect, Returns, Write, members};
use crate::memberships;
use crate::refusal::{name_in_use, not_found, unknown_members};

/// The changes of a resource to write.
pub(crate) struct Update<'u> {
    kind: Kind,
    id: &'u str,
    precondition: &'u Precondition,
    /// The version that the resource must still have.
    expected: Option<i64>,
    /// The columns of the new document if it changes, until their statement takes them.
    record: Option<Record>,
    renamed: Option<Renamed>,
    /// What changes in the document, as JSON, if it changes.
    changes: Option<String>,
    members: &'u MemberChange,
    add: String,
    remove: String,
    returns: Returns,
    keys: Keys,
}

#[derive(Default)]
struct Keys {
    updated: Option<Key>,
    outcome: Option<Key>,
    members: Option<Key>,
}

/// What is needed of a new document once its statement holds it.
struct Renamed {
    name: String,
    unique_key: String,
    /// Its bytes without `active`.
    bytes: i64,
    /// SQL of whether it makes the row `r` inactive, if it may.
    deactivates: Option<&'static str>,
}

impl Renamed {
    fn of(record: &Record) -> Renamed {
        Renamed {
            name: record.name.clone(),
            unique_key: record.unique_key.clone(),
            bytes: quota::lasting_bytes(record),
            deactivates: quota::deactivates(record),
        }
    }
}

/// The row to update.
const HERE: &str = "r.tenant = +?1 AND r.type = +?2 AND r.id = +?3";

/// SQL that names the parameters which both statements have.
struct Named {
    revision: String,
    add: Option<String>,
    remove: Option<String>,
    unique_key: Option<String>,
    bytes: Option<String>,
}

impl<'u> Update<'u> {
    /// Returns the change of members of that resource.
    pub(crate) fn of_members(
        kind: Kind,
        id: &'u str,
        precondition: &'u Precondition,
        members: &'u MemberChange,
    ) -> Update<'u> {
        Update {
            kind,
            id,
            precondition,
            expected: None,
            record: None,
            renamed: None,
            changes: None,
            members,
            add: Value::from_iter(members.add.iter().map(String::as_str)).to_string(),
            remove: Value::from_iter(members.remove.iter().map(String::as_str)).to_string(),
            returns: Returns::default(),
            keys: Keys::default(),
        }
    }

    /// Adds a change of the document, if there is a record of a new one with its differences from the old one, on the
    /// condition that the version is still the one that was read.
    pub(crate) fn and_document(
        self,
        expected: i64,
        document: Option<(Record, String)>,
        returns: Returns,
    ) -> Update<'u> {
        let (record, changes) = document.unzip();
        Update {
            expected: Some(expected),
            renamed: record.as_ref().map(Renamed::of),
            changes,
            returns: Returns { members: returns.members && self.kind.has_members(), ..returns },
            record,
            ..self
        }
    }

    /// Returns the parameters that both statements have. A statement need not name each of them, but it must name the
    /// last one.
    fn named(&self, write: &Write<'_>) -> (Params, Named) {
        let mut params = Params::default();
        for key in [write.context.tenant, self.kind.name(), self.id] {
            params.add(key);
        }
        let MemberChange { add, remove, .. } = self.members;
        let renamed = self.renamed.as_ref();
        let named = Named {
            add: (!add.is_empty()).then(|| params.add(self.add.as_str())),
            remove: (!remove.is_empty()).then(|| params.add(self.remove.as_str())),
            unique_key: renamed.map(|renamed| params.add(renamed.unique_key.as_str())),
            bytes: renamed.map(|renamed| params.add(renamed.bytes)),
            revision: params.add(write.revision.as_str()),
        };
        (params, named)
    }

    /// Updates the row; it returns its version, or all of it for a request whose response contains it.
    fn update(&self, write: &Write<'_>, record: Option<Record>) -> Statement {
        let (mut params, named) = self.named(write);
        let mut set = vec![
            "version = version + 1".to_string(),
            format!("revision = {}", named.revision),
            format!("last_modified = {}", params.add(write.context.now.0)),
        ];
        let mut conditions = vec![HERE.to_string()];
        conditions.extend(self.expected.map(|expected| format!("r.version = {}", params.add(expected))));
        if *self.precondition != Precondition::default() {
            conditions.push(met(&params.add(versions(self.precondition))));
        }
        conditions.extend(
            named
                .add
                .as_ref()
                .map(|add| format!("NOT EXISTS ({})", members::unknown(&write.context.member_types(), add))),
        );
        conditions.push(match &named.unique_key {
            Some(unique_key) => format!("NOT EXISTS ({})", taken(unique_key)),
            None => self.members_change(&named),
        });
        conditions.extend(self.exceeded(&named).map(|exceeded| format!("{exceeded} IS NULL")));
        if let Some(record) = record {
            let columns = ["unique_key", "display_key", "external_id", "document", "search"];
            let values = columns.into_iter().zip(record.into_params());
            set.extend(values.map(|(column, value)| format!("{column} = {}", params.add(value))));
        }
        let returned = if self.returns.resource { RETURNED } else { "version" };
        let sql = format!(
            "UPDATE resources AS r SET {} WHERE {} RETURNING {returned}",
            set.join(", "),
            conditions.join(" AND ")
        );
        Statement::new(sql, params.into())
    }

    /// Selects the version of the row and, if it was not updated, why not.
    fn outcome(&self, write: &Write<'_>) -> Statement {
        let (mut params, named) = self.named(write);
        let types = write.context.member_types();
        let unknown = named.add.as_ref().map(|add| (members::some_unknown(&types, add), "unknown"));
        let taken = named.unique_key.as_ref().map(|key| (format!("EXISTS ({})", taken(key)), "taken"));
        let exceeded = self.exceeded(&named).map(|exceeded| (exceeded, "quota"));
        let reasons = [unknown, taken, exceeded].into_iter().flatten();
        let is_not_updated = format!("r.revision <> {}", named.revision);
        // Selected in any case, since the statement must name the revision, its last parameter.
        let mut columns = vec![format!("r.version, {is_not_updated} AS is_not_updated")];
        columns.extend(
            reasons.map(|(sql, name)| format!("CASE WHEN {is_not_updated} THEN {sql} END AS {name}")),
        );
        if self.returns.resource {
            // For a request that had nothing to write, and not for one that has lost the race.
            let is_unchanged = format!("{is_not_updated} AND r.version = {}", params.add(self.expected));
            let document = format!("CASE WHEN {is_unchanged} THEN r.document END AS document");
            columns.push(format!("r.type, r.id, r.created, r.last_modified, {document}"));
        }
        let sql = format!("SELECT {} FROM resources AS r WHERE {HERE}", columns.join(", "));
        Statement::new(sql, params.into())
    }

    /// Returns SQL of the quota that the update of the row `r` would exceed; None if it cannot exceed anything.
    fn exceeded(&self, named: &Named) -> Option<String> {
        let (mut growth, mut revokes) = (Vec::new(), Vec::new());
        let of_group = "SELECT count(*) FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = +?3";
        let gone = self.gone(named).map(|gone| format!("({of_group} AND m.member_id {gone})"));
        if let Some(add) = &named.add {
            let most = format!("json_array_length({add})");
            let gone = gone.as_deref().unwrap_or("0");
            growth.push(Growth::counted(
                Quota::Memberships,
                &most,
                format!("{most} - ({of_group} AND m.member_id {}) - {gone}", within(add)),
            ));
        }
        revokes.extend(gone.map(|gone| format!("{gone} > 0")));
        if let (Some(bytes), Some(renamed)) = (&named.bytes, &self.renamed) {
            growth.push(quota::resized(bytes));
            revokes.extend(renamed.deactivates.map(str::to_string));
        }
        let revokes = (!revokes.is_empty()).then(|| revokes.join(" OR "));
        (!growth.is_empty()).then(|| quota::exceeded(&growth, revokes.as_deref()))
    }

    /// Returns SQL that follows the id of a member, of whether it is one of those that go; None if none can.
    fn gone(&self, named: &Named) -> Option<String> {
        match self.members.only {
            true => Some(format!("NOT {}", within(named.add.as_deref().unwrap_or("'[]'")))),
            false => named.remove.as_deref().map(within),
        }
    }

    /// Returns SQL of whether the members change: a change that changes nothing leaves version and lastModified alone
    /// (RFC 7644 s3.5.2.1).
    fn members_change(&self, named: &Named) -> String {
        let of_group = "FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = +?3";
        let mut changes = Vec::new();
        changes.extend(named.add.as_ref().map(|add| {
            format!(
                "EXISTS (SELECT 1 FROM json_each({add}) AS wanted \
                 WHERE NOT EXISTS (SELECT 1 {of_group} AND m.member_id = wanted.value))"
            )
        }));
        let gone = self.gone(named);
        changes.extend(gone.map(|gone| format!("EXISTS (SELECT 1 {of_group} AND m.member_id {gone})")));
        match changes.is_empty() {
            true => "0".to_string(),
            false => format!("({})", changes.join(" OR ")),
        }
    }
}

/// The [`record::COLUMNS`] of the row that an UPDATE is about.
const RETURNED: &str = "type, id, version, created, last_modified, document";

/// Returns SQL that follows an id, of whether it is one of those of the JSON array `ids` (an expression).
fn within(ids: &str) -> String {
    format!("IN (SELECT value FROM json_each({ids}))")
}

/// Returns SQL that selects a row if another resource of the type has that name.
fn taken(unique_key: &str) -> String {
    format!(
        "SELECT 1 FROM resources AS other \
         WHERE other.tenant = +?1 AND other.type = +?2 AND other.unique_key = {unique_key} AND other.id <> ?3"
    )
}

impl Effect for Update<'_> {
    type Answer = Commit;

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let record = self.record.take();
        self.keys.updated = Some(batch.add(self.update(write, record)));
        self.keys.outcome = Some(batch.add(self.outcome(write)));
    }

    fn log(&self, batch: &mut Batch, write: &Write<'_>) {
        let (mut params, named) = self.named(write);
        let of_group = "FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = +?3 AND m.member_id";
        let came = named.add.as_ref().map(|add| {
            format!(
                "SELECT DISTINCT wanted.value AS id FROM json_each({add}) AS wanted \
                 WHERE NOT EXISTS (SELECT 1 {of_group} = wanted.value)"
            )
        });
        let went = self.gone(&named).map(|gone| format!("SELECT m.member_id AS id {of_group} {gone}"));
        let MemberChange { add, remove, only } = self.members;
        let members = match *only || add.len() + remove.len() > changes::MEMBERS {
            _ if self.members.is_empty() => None,
            true => Some(Members::Many { came, went }),
            false => Some(Members::Few { came, went }),
        };
        let changes = self.changes.as_ref().map(|changes| params.add(changes.as_str()));
        let conditions = format!("{HERE} AND r.revision = {}", named.revision);
        let of = Of { tables: "resources AS r", conditions: &conditions };
        batch.add(Log::new(write, params).updated(&of, changes.as_deref(), members.as_ref()).statement());
    }

    fn write_memberships(&mut self, batch: &mut Batch, write: &Write<'_>) {
        if self.members.is_empty() {
            return;
        }
        let tenant = write.context.tenant;
        let params = |ids: &str| -> Vec<Param> {
            vec![tenant.into(), self.id.into(), write.revision.as_str().into(), ids.into()]
        };
        if self.members.only || !self.members.remove.is_empty() {
            let (gone, ids) = if self.members.only { ("NOT IN", &self.add) } else { ("IN", &self.remove) };
            let delete = format!(
                "DELETE FROM memberships WHERE tenant = +?1 AND group_id = +?2 \
                 AND member_id {gone} (SELECT value FROM json_each(?4)) AND {}",
                members::WRITTEN
            );
            batch.add(Statement::new(delete, params(ids)));
            batch.add(members::count_deleted(tenant));
        }
        if !self.members.add.is_empty() {
            batch.add(Statement::new(members::insert(&write.context.member_types()), params(&self.add)));
            batch.add(members::count_inserted(tenant));
        }
    }

    fn read(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let members = || memberships::read_one(self.kind, write.context.tenant, self.id);
        self.keys.members = self.returns.members.then(|| batch.add(members()));
    }

    fn answer(self, _: &Write<'_>, rows: &Rows) -> Result<Commit, Failure> {
        let outcome = rows.first(self.keys.outcome).ok_or_else(|| not_found(self.kind, self.id))?;
        let updated = rows.first(self.keys.updated);
        let row = updated.unwrap_or(outcome);
        let version = row.integer("version")?;
        if updated.is_none() {
            self.precondition.check(version)?;
            if self.expected.is_some_and(|expected| expected != version) {
                return Ok(Commit::Conflict);
            }
            self.refuse(outcome)?;
        }
        let resource = self.returns.resource.then(|| self.returned(row, rows)).transpose()?;
        Ok(Commit::Done { version, resource: resource.map(Box::new) })
    }
}

impl Update<'_> {
    /// Returns the refusal if the row shows one: the name is taken, members are unknown, a quota is exceeded.
    fn refuse(&self, outcome: &Row) -> Result<(), Failure> {
        if let Some(error) = unknown_members(&outcome.texts("unknown")?) {
            return Err(error.into());
        }
        if let (Some(1), Some(renamed)) = (outcome.optional_integer("taken")?, &self.renamed) {
            return Err(name_in_use(self.kind, &renamed.name).into());
        }
        match quota::refusal(Some(outcome)) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Returns the resource, and its members if they were asked for.
    fn returned(&self, row: &Row, rows: &Rows) -> Result<Resource, Failure> {
        let mut resource = record::resource(row, self.kind)?;
        if self.keys.members.is_some() {
            memberships::attach(&mut resource, rows.of(self.keys.members))?;
        }
        Ok(resource)
    }
}
