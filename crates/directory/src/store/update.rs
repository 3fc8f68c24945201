//! Changing a resource: its document, its members, or both.
//!
//! The batch first reads the current state, so that every refusal and a lost race can be recognised from one answer.
//! Then the row of the resource is updated if nothing forbids it, under the revision of this write; the rows of
//! members are changed only if that revision is found. The document is read last, and only by the request whose
//! response contains it: it is large, and many requests may have lost the race.

use database::{Batch, Failure, Key, Param, Rows, Statement};
use scim::{Kind, MemberChange, Precondition, Resource};
use serde_json::Value;

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
    name: Option<String>,
    unique_key: Option<String>,
    resized: Option<Resized>,
    members: &'u MemberChange,
    add: String,
    remove: String,
    returns: Returns,
    keys: Keys,
}

#[derive(Default)]
struct Keys {
    before: Option<Key>,
    conflicts: Option<Key>,
    unknown: Option<Key>,
    updated: Option<Key>,
    exceeded: Option<Key>,
    resource: Option<Key>,
    members: Option<Key>,
}

/// What a new record means for the quota of bytes.
struct Resized {
    /// Its bytes without `active`.
    bytes: i64,
    /// SQL of whether it makes the row `r` inactive.
    deactivates: &'static str,
}

impl Resized {
    fn of(record: &Record) -> Resized {
        Resized { bytes: quota::lasting_bytes(record), deactivates: quota::deactivates(record) }
    }
}

/// SQL of whether another resource of the type has the name `?4`.
const CONFLICT: &str = "SELECT 1 AS taken FROM resources AS other \
    WHERE other.tenant = ?1 AND other.type = ?2 AND other.unique_key = ?4 AND other.id <> ?3";

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
            name: None,
            unique_key: None,
            resized: None,
            members,
            add: Value::from_iter(members.add.iter().map(String::as_str)).to_string(),
            remove: Value::from_iter(members.remove.iter().map(String::as_str)).to_string(),
            returns: Returns::default(),
            keys: Keys::default(),
        }
    }

    /// Adds a change of the document, if there is a record of a new one, on the condition that the version is still
    /// the one that was read.
    pub(crate) fn and_document(self, expected: i64, record: Option<Record>, returns: Returns) -> Update<'u> {
        Update {
            expected: Some(expected),
            name: record.as_ref().map(|record| record.name.clone()),
            unique_key: record.as_ref().map(|record| record.unique_key.clone()),
            resized: record.as_ref().map(Resized::of),
            returns: Returns { members: returns.members && self.kind.has_members(), ..returns },
            record,
            ..self
        }
    }

    fn resource(&self, write: &Write<'_>) -> Vec<Param> {
        vec![write.context.tenant.into(), self.kind.name().into(), self.id.into()]
    }

    fn conflicts(&self, write: &Write<'_>) -> Statement {
        let mut params = self.resource(write);
        params.push(self.unique_key.as_deref().into());
        Statement::new(CONFLICT, params)
    }

    /// Selects the resource, if this write has written it, or had nothing to write.
    fn written(&self, write: &Write<'_>) -> Statement {
        let Statement { sql, mut params } = record::select(write.context.tenant, self.kind, self.id);
        params.extend([write.revision.as_str().into(), self.expected.into()]);
        Statement::new(format!("{sql} AND (r.revision = ?4 OR r.version = ?5)"), params)
    }

    fn update(&self, write: &Write<'_>, record: Option<Record>) -> Statement {
        let (set, changes) = match record {
            Some(_) => (
                ", unique_key = ?4, display_key = ?11, external_id = ?12, document = ?13, search = ?14",
                format!("NOT EXISTS ({CONFLICT})"),
            ),
            None => ("", self.members_change()),
        };
        let sql = format!(
            "UPDATE resources AS r SET version = version + 1, revision = ?5, last_modified = ?6{set} \
             WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3 AND (?7 IS NULL OR r.version = ?7) \
             AND {} AND NOT EXISTS ({}) AND ?10 IS NOT NULL AND {changes} AND {} IS NULL RETURNING version",
            met("?8"),
            members::unknown(&write.context.member_types(), "?9"),
            self.growth("?9", "?10", "?15")
        );
        let mut params = self.resource(write);
        let [unique_key, rest @ ..] = match record {
            Some(record) => record.into_params().map(Some),
            None => [const { None }; 5],
        };
        params.push(unique_key.unwrap_or(Param::Null));
        params.extend([write.revision.as_str().into(), write.context.now.0.into(), self.expected.into()]);
        params.extend([versions(self.precondition), self.add.as_str().into(), self.remove.as_str().into()]);
        params.extend(rest.into_iter().flatten());
        params.extend(self.resized.as_ref().map(|resized| resized.bytes.into()));
        Statement::new(sql, params)
    }

    /// Selects which quota forbids the update, if the update was not made.
    fn exceeded(&self, write: &Write<'_>) -> Statement {
        let sql = format!(
            "SELECT {} AS quota FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3 \
             AND r.revision <> ?4 AND ?5 IS NOT NULL AND ?6 IS NOT NULL AND ?7 IS NOT NULL",
            self.growth("?5", "?6", "?7")
        );
        let mut params = self.resource(write);
        params.extend([
            write.revision.as_str().into(),
            self.add.as_str().into(),
            self.remove.as_str().into(),
        ]);
        params.push(self.resized.as_ref().map_or(0, |resized| resized.bytes).into());
        Statement::new(sql, params)
    }

    /// Returns what the update of the row `r` would add. `add`, `remove` and `bytes` are the parameters with the
    /// members to add, the members to remove, and the bytes of the record.
    fn growth(&self, add: &str, remove: &str, bytes: &str) -> String {
        let (mut growth, mut revokes) = (Vec::new(), vec!["0".to_string()]);
        if !self.members.is_empty() {
            let of_group = "SELECT count(*) FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id = ?3";
            let (gone, ids) = if self.members.only { ("NOT IN", add) } else { ("IN", remove) };
            let gone = format!("({of_group} AND m.member_id {gone} (SELECT value FROM json_each({ids})))");
            let kept = format!("({of_group} AND m.member_id IN (SELECT value FROM json_each({add})))");
            let most = format!("json_array_length({add})");
            growth.push(Growth::counted(Quota::Memberships, &most, format!("{most} - {kept} - {gone}")));
            revokes.push(format!("{gone} > 0"));
        }
        if let Some(resized) = &self.resized {
            growth.push(quota::resized(bytes));
            revokes.push(resized.deactivates.to_string());
        }
        match growth.is_empty() {
            true => "NULL".to_string(),
            false => quota::exceeded(&growth, Some(&revokes.join(" OR "))),
        }
    }

    /// Returns SQL of whether the members change: a change that changes nothing leaves version and lastModified alone
    /// (RFC 7644 s3.5.2.1). `?9` are the members to add, `?10` those to remove.
    fn members_change(&self) -> String {
        let mut changes = vec![
            "EXISTS (SELECT 1 FROM json_each(?9) AS wanted WHERE NOT EXISTS (SELECT 1 FROM memberships AS m \
             WHERE m.tenant = ?1 AND m.group_id = ?3 AND m.member_id = wanted.value))",
            "EXISTS (SELECT 1 FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id = ?3 \
             AND m.member_id IN (SELECT value FROM json_each(?10)))",
        ];
        if self.members.only {
            changes.push(
                "EXISTS (SELECT 1 FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id = ?3 \
                 AND m.member_id NOT IN (SELECT value FROM json_each(?9)))",
            );
        }
        format!("({})", changes.join(" OR "))
    }
}

impl Effect for Update<'_> {
    type Answer = Commit;

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let tenant = write.context.tenant;
        let record = self.record.take();
        self.keys.before = Some(batch.add(record::select_version(tenant, self.kind, self.id)));
        self.keys.conflicts = Some(batch.add(self.conflicts(write)));
        self.keys.unknown = Some(batch.add(members::select_unknown(write.context, &self.add)));
        self.keys.updated = Some(batch.add(self.update(write, record)));
        self.keys.exceeded = Some(batch.add(self.exceeded(write)));
    }

    fn write_memberships(&mut self, batch: &mut Batch, write: &Write<'_>) {
        if self.members.is_empty() {
            return;
        }
        let tenant = write.context.tenant;
        let params = |ids: &str| -> Vec<Param> {
            vec![tenant.into(), self.id.into(), write.revision.as_str().into(), ids.into()]
        };
        let (gone, ids) = if self.members.only { ("NOT IN", &self.add) } else { ("IN", &self.remove) };
        let delete = format!(
            "DELETE FROM memberships WHERE tenant = ?1 AND group_id = ?2 \
             AND member_id {gone} (SELECT value FROM json_each(?4)) AND {}",
            members::WRITTEN
        );
        batch.add(Statement::new(delete, params(ids)));
        batch.add(members::count_deleted(tenant));
        batch.add(Statement::new(members::insert(&write.context.member_types()), params(&self.add)));
        batch.add(members::count_inserted(tenant));
    }

    fn read(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let members = || memberships::read_one(self.kind, write.context.tenant, self.id);
        self.keys.resource = self.returns.resource.then(|| batch.add(self.written(write)));
        self.keys.members = self.returns.members.then(|| batch.add(members()));
    }

    fn answer(self, _: &Write<'_>, rows: &Rows) -> Result<Commit, Failure> {
        let before = rows.first(self.keys.before).ok_or_else(|| not_found(self.kind, self.id))?;
        let before = before.integer("version")?;
        let updated = rows.first(self.keys.updated).map(|row| row.integer("version")).transpose()?;
        if updated.is_none() {
            self.precondition.check(before)?;
            if self.expected.is_some_and(|expected| expected != before) {
                return Ok(Commit::Conflict);
            }
            self.refuse(rows)?;
        }
        let version = updated.unwrap_or(before);
        Ok(Commit::Done { version, resource: self.returned(rows)?.map(Box::new) })
    }
}

impl Update<'_> {
    /// Returns the refusal if the rows show one: the name is taken, members are unknown, a quota is exceeded.
    fn refuse(&self, rows: &Rows) -> Result<(), Failure> {
        if let Some(error) = unknown_members(rows.of(self.keys.unknown))? {
            return Err(error.into());
        }
        if let (Some(_), Some(name)) = (rows.first(self.keys.conflicts), &self.name) {
            return Err(name_in_use(self.kind, name).into());
        }
        match quota::refusal(rows.first(self.keys.exceeded)) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Returns the resource, and its members, if they were asked for.
    fn returned(&self, rows: &Rows) -> Result<Option<Resource>, Failure> {
        let Some(row) = rows.first(self.keys.resource) else { return Ok(None) };
        let mut resource = record::resource(row, self.kind)?;
        if self.keys.members.is_some() {
            memberships::attach(&mut resource, rows.of(self.keys.members))?;
        }
        Ok(Some(resource))
    }
}
