//! The one batch that changes a resource, whether its document, its members, or both; and what the operations
//! that write have in common.

use database::{Database, Failure, Param, Row, Statement};
use scim::{Kind, MemberChange, Precondition, Resource};
use serde_json::{Value, json};

use crate::operations::modify::Request;
use crate::quota::{self, Growth, Quota};
use crate::record::{self, Record};
use crate::refusal::{member_of_itself, name_in_use, not_found, unknown_members};
use crate::{Context, memberships, operations::create, operations::read};

/// What came of a batch that was not refused.
pub(crate) enum Written {
    /// The resource is as the request wants it. What was asked for of it is there.
    Done { version: i64, resource: Option<Box<Resource>> },
    /// Another request wrote first.
    Lost,
}

/// What of the resource is to be written.
#[derive(Default)]
pub(crate) struct Update {
    /// The version at which the resource has to be still.
    pub expected: Option<i64>,
    /// The columns of the new document, where it is another.
    pub record: Option<Record>,
}

/// What of the resource the batch reads when all is written.
#[derive(Default, Clone, Copy)]
pub(crate) struct Returns {
    pub resource: bool,
    pub members: bool,
}

/// Writes, in one round trip.
///
/// The batch first reads what there is, so that every refusal and a lost race are told from one answer. Then
/// the row of the resource is updated where nothing forbids it, under a revision of this request's own; the
/// rows of members follow where that revision is found. The document is read last, and only by the request that is
/// answered with it: it is large, and many requests may have lost the race.
pub(crate) async fn write(
    database: &impl Database,
    context: &Context<'_>,
    request: &Request<'_>,
    update: Update,
    members: &MemberChange,
    returns: Returns,
) -> Result<Written, Failure> {
    let (kind, id) = (request.kind, request.id);
    if members.add.contains(id) {
        return Err(member_of_itself().into());
    }
    let expected = update.expected;
    let name = update.record.as_ref().map(|record| record.name.clone());
    let returns = Returns { members: returns.members && kind == Kind::Group, ..returns };
    let batch = Batch {
        context,
        request,
        expected,
        unique_key: update.record.as_ref().map(|record| record.unique_key.clone()),
        resized: update.record.as_ref().map(Resized::of),
        members,
        add: Value::from_iter(members.add.iter().map(String::as_str)).to_string(),
        remove: Value::from_iter(members.remove.iter().map(String::as_str)).to_string(),
        revision: (context.new_id)(),
    };
    let mut answers = database.run(batch.statements(update.record, returns)).await?.into_iter();
    let [before, conflicts, unknown, updated, exceeded] =
        [(); 5].map(|()| answers.next().unwrap_or_default());

    let before = before.first().ok_or_else(|| not_found(kind, id))?.integer("version")?;
    let updated = updated.first().map(|row| row.integer("version")).transpose()?;
    if updated.is_none() {
        request.precondition.check(before)?;
        if expected.is_some_and(|expected| expected != before) {
            return Ok(Written::Lost);
        }
        refuse(kind, name.as_deref(), &conflicts, &unknown, &exceeded)?;
    }
    let last: Vec<Vec<Row>> = answers.collect();
    let version = updated.unwrap_or(before);
    Ok(Written::Done { version, resource: returns.resource(kind, &last)?.map(Box::new) })
}

/// Refuses what the rows say that was not done: the name is taken, members are unknown, a quota is exceeded.
fn refuse(
    kind: Kind,
    name: Option<&str>,
    taken: &[Row],
    unknown: &[Row],
    exceeded: &[Row],
) -> Result<(), Failure> {
    if let Some(error) = unknown_members(unknown)? {
        return Err(error.into());
    }
    if let (Some(_), Some(name)) = (taken.first(), name) {
        return Err(name_in_use(kind, name).into());
    }
    match quota::refusal(exceeded.first()) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

impl Returns {
    /// The resource out of the last answers of the batch: itself, and its members where they were asked for.
    fn resource(self, kind: Kind, answers: &[Vec<Row>]) -> Result<Option<Resource>, Failure> {
        let mut last = answers.iter().rev();
        let members = self.members.then(|| last.next()).flatten();
        let Some(row) = self.resource.then(|| last.next()).flatten().and_then(|rows| rows.first()) else {
            return Ok(None);
        };
        let mut resource = record::resource(row)?;
        if let Some(rows) = members {
            memberships::attach(kind, std::slice::from_mut(&mut resource), rows)?;
        }
        Ok(Some(resource))
    }
}

struct Batch<'b> {
    context: &'b Context<'b>,
    request: &'b Request<'b>,
    expected: Option<i64>,
    unique_key: Option<String>,
    resized: Option<Resized>,
    members: &'b MemberChange,
    add: String,
    remove: String,
    revision: String,
}

/// What a new record means to the quota of bytes.
struct Resized {
    /// Its bytes but for `active`.
    bytes: i64,
    /// SQL of whether it makes the row `r` inactive.
    deactivates: &'static str,
}

impl Resized {
    fn of(record: &Record) -> Resized {
        Resized { bytes: quota::lasting_bytes(record), deactivates: quota::deactivates(record) }
    }
}

/// Another resource of the type has the name `?4`.
const CONFLICT: &str = "SELECT 1 AS taken FROM resources AS other \
    WHERE other.tenant = ?1 AND other.type = ?2 AND other.unique_key = ?4 AND other.id <> ?3";

impl Batch<'_> {
    fn resource(&self) -> Vec<Param> {
        vec![self.context.tenant.into(), self.request.kind.name().into(), self.request.id.into()]
    }

    fn statements(&self, record: Option<Record>, returns: Returns) -> Vec<Statement> {
        let (tenant, kind, id) = (self.context.tenant, self.request.kind, self.request.id);
        let mut statements = vec![
            read::select_version(tenant, kind, id),
            self.conflicts(),
            create::unknown(self.context, &self.add),
            self.update(record),
            self.exceeded(),
        ];
        statements.extend(self.change_members());
        statements.extend(returns.resource.then(|| self.written()));
        statements.extend(returns.members.then(|| memberships::read_one(kind, tenant, id)));
        statements
    }

    /// The resource, if this request has written it, or had nothing to write.
    fn written(&self) -> Statement {
        let Statement { sql, mut params } =
            read::select(self.context.tenant, self.request.kind, self.request.id);
        params.extend([self.revision.as_str().into(), self.expected.into()]);
        Statement::new(format!("{sql} AND (r.revision = ?4 OR r.version = ?5)"), params)
    }

    fn conflicts(&self) -> Statement {
        let mut params = self.resource();
        params.push(self.unique_key.as_deref().into());
        Statement::new(CONFLICT, params)
    }

    fn update(&self, record: Option<Record>) -> Statement {
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
            memberships::unknown("?9"),
            self.growth("?9", "?10", "?15")
        );
        let mut params = self.resource();
        let [unique_key, rest @ ..] = match record {
            Some(record) => record.into_params().map(Some),
            None => [const { None }; 5],
        };
        params.push(unique_key.unwrap_or(Param::Null));
        params.extend([self.revision.as_str().into(), self.context.now.0.into(), self.expected.into()]);
        params.extend([
            versions(self.request.precondition),
            self.add.as_str().into(),
            self.remove.as_str().into(),
        ]);
        params.extend(rest.into_iter().flatten());
        params.extend(self.resized.as_ref().map(|resized| resized.bytes.into()));
        Statement::new(sql, params)
    }

    /// Says which quota forbids the update, where it was not made.
    fn exceeded(&self) -> Statement {
        let sql = format!(
            "SELECT {} AS quota FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3 \
             AND r.revision <> ?4 AND ?5 IS NOT NULL AND ?6 IS NOT NULL AND ?7 IS NOT NULL",
            self.growth("?5", "?6", "?7")
        );
        let mut params = self.resource();
        params.extend([self.revision.as_str().into(), self.add.as_str().into(), self.remove.as_str().into()]);
        params.push(self.resized.as_ref().map_or(0, |resized| resized.bytes).into());
        Statement::new(sql, params)
    }

    /// What the update of the row `r` would exceed. `add`, `remove` and `bytes` are the parameters that hold those who come,
    /// those who go, and what the record takes.
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

    /// Whether the members would be others afterwards: a change that changes nothing leaves version and
    /// lastModified alone (RFC 7644 s3.5.2.1). `?9` are those who come, `?10` those who go.
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

    fn change_members(&self) -> Vec<Statement> {
        if self.members.is_empty() {
            return Vec::new();
        }
        // The row carries this request's revision where, and only where, the update above was made.
        let made = "EXISTS (SELECT 1 FROM resources WHERE tenant = ?1 AND type = 'Group' AND id = ?2 AND revision = ?3)";
        let params = |ids: &str| -> Vec<Param> {
            vec![
                self.context.tenant.into(),
                self.request.id.into(),
                self.revision.as_str().into(),
                ids.into(),
            ]
        };
        let (gone, ids) = if self.members.only { ("NOT IN", &self.add) } else { ("IN", &self.remove) };
        let delete = format!(
            "DELETE FROM memberships WHERE tenant = ?1 AND group_id = ?2 \
             AND member_id {gone} (SELECT value FROM json_each(?4)) AND {made}"
        );
        let insert = memberships::insert("?2", "?4", made);
        let tenant = self.context.tenant;
        vec![
            Statement::new(delete, params(ids)),
            memberships::count_deleted(tenant),
            Statement::new(insert, params(&self.add)),
            memberships::count_inserted(tenant),
        ]
    }
}

/// A precondition as the JSON that [`met`] reads; NULL where there is none.
pub(crate) fn versions(precondition: &Precondition) -> Param {
    let is_none = *precondition == Precondition::default();
    let versions =
        || json!({"allowed": precondition.allowed(), "forbidden": precondition.forbidden()}).to_string();
    (!is_none).then(versions).into()
}

/// Whether the version of the row `r` meets the precondition in that parameter.
pub(crate) fn met(precondition: &str) -> String {
    format!(
        "({precondition} IS NULL OR ({precondition}->>'allowed' IS NULL \
         OR r.version IN (SELECT value FROM json_each({precondition}, '$.allowed'))) \
         AND r.version NOT IN (SELECT value FROM json_each({precondition}, '$.forbidden')))"
    )
}
