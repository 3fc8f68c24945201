//! The statements of an import: rows, and the members of groups once all resources that may be members exist.

use std::collections::{BTreeMap, BTreeSet};

use database::{Batch, Failure, Key, Params, Rows, Statement};
use scim::ScimError;

use super::changes::{Log, MEMBERS, Members, Of};
use super::quota::{self, Growth, Quota};
use super::rows::{TypedId, typed_id};
use super::{Effect, Inserted, NewRows, Write, members};

/// Lines of an import, each list as JSON arrays of about a megabyte.
#[derive(Default)]
pub(crate) struct Lines {
    /// The rows that are not written yet.
    pub rows: Vec<NewRows>,
    /// Groups with their members: `{"id": .., "members": [..]}`.
    pub members: Vec<String>,
    /// The type and id of every line, to ask which of them exist.
    pub ids: Vec<String>,
    keys: Keys,
}

#[derive(Default)]
struct Keys {
    present: Vec<Key>,
    incomplete: Vec<Key>,
    lacking: Vec<Key>,
}

/// The results of lines.
pub(crate) struct Stored {
    /// The results of the rows.
    pub inserted: Inserted,
    /// The resources that exist now.
    pub present: BTreeSet<TypedId>,
    /// Groups with a member that does not exist.
    pub incomplete: BTreeSet<String>,
    /// Groups that lack members because of the quota.
    pub lacking: BTreeMap<String, ScimError>,
}

/// `?2` are pairs of type and id; the result has those that exist.
const PRESENT: &str = "SELECT r.type, r.id FROM json_each(?2) AS wanted CROSS JOIN resources AS r ON r.tenant = +?1 \
    AND r.type = json_extract(wanted.value, '$[0]') AND r.id = json_extract(wanted.value, '$[1]')";

/// Returns the rows of groups and of their members in `?2` that do not exist yet.
fn new_members(types: &str) -> String {
    format!(
        "json_each(?2) AS line \
    CROSS JOIN resources AS g ON g.tenant = +?1 AND g.type = 'Group' AND g.id = json_extract(line.value, '$.id') \
    CROSS JOIN json_each(line.value, '$.members') AS member \
    CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type IN ({types}) AND r.id = member.value \
    WHERE NOT EXISTS (SELECT 1 FROM memberships AS m \
    WHERE m.tenant = +?1 AND m.group_id = g.id AND m.member_id = r.id)"
    )
}

/// Selects, of the groups with their members in `?2`, those that lack members because of the quota, which is the case
/// if there is no room left.
fn lacking(types: &str) -> String {
    format!(
        "SELECT DISTINCT g.id, {} AS quota FROM {} AND {} = 0",
        quota::exceeded(&[Growth::by(Quota::Memberships, "1")], None),
        new_members(types),
        quota::room(Quota::Memberships)
    )
}

/// Selects, of the groups with their members in `?2`, those with a member that does not exist.
fn incomplete(types: &str) -> String {
    format!(
        "SELECT DISTINCT json_extract(line.value, '$.id') AS id FROM json_each(?2) AS line \
    CROSS JOIN json_each(line.value, '$.members') AS member \
    WHERE NOT EXISTS (SELECT 1 FROM resources AS r WHERE r.tenant = +?1 AND r.type IN ({types}) \
    AND r.id = member.value)"
    )
}

/// The members in `?2` that are new, as many as the quota allows, as a SELECT of `group_id`, `member_id` and `member_type`. Every statement
/// that writes them takes them from here, and all find the same ones: the one that inserts them comes last.
struct Joining(String);

impl Joining {
    fn of(types: &str) -> Joining {
        Joining(format!(
            "SELECT g.id AS group_id, r.id AS member_id, r.type AS member_type FROM {} \
             GROUP BY g.id, r.id ORDER BY g.id, r.id LIMIT {}",
            new_members(types),
            quota::room(Quota::Memberships)
        ))
    }

    /// Adds the statements that mark the groups of a list, log its members, insert them, and count them.
    fn add(&self, batch: &mut Batch, write: &Write<'_>, list: &str) {
        batch.add(self.mark_groups(write, list));
        batch.add(self.log(write, list));
        batch.add(self.insert(write, list));
        batch.add(members::count_inserted(write.context.tenant));
    }

    /// Marks the groups that are about to get members as changed by this write, unless it has created or marked them already.
    fn mark_groups(&self, write: &Write<'_>, list: &str) -> Statement {
        let mut params = params(write, list);
        let revision = params.add(write.revision.as_str());
        let now = params.add(write.context.now.0);
        let sql = format!(
            "UPDATE resources SET version = version + 1, revision = {revision}, last_modified = {now} \
             WHERE tenant = +?1 AND type = 'Group' AND revision <> {revision} AND id IN (SELECT group_id FROM ({}))",
            self.0
        );
        Statement::new(sql, params.into())
    }

    /// Logs the members that are about to be inserted.
    fn log(&self, write: &Write<'_>, list: &str) -> Statement {
        let mut params = params(write, list);
        let revision = params.add(write.revision.as_str());
        let tables = format!(
            "(SELECT group_id, number, json_group_array(member_id) AS came FROM (SELECT group_id, member_id, \
             (row_number() OVER (PARTITION BY group_id ORDER BY member_id) - 1) / {MEMBERS} AS number FROM ({})) \
             GROUP BY group_id, number) AS chunk \
             CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = chunk.group_id",
            self.0
        );
        let of = Of { tables: &tables, conditions: &format!("r.revision = {revision}") };
        Log::new(write, params).updated(&of, None, Some(&Members::Joined)).statement()
    }

    /// Inserts the members.
    fn insert(&self, write: &Write<'_>, list: &str) -> Statement {
        let sql = format!(
            "INSERT INTO memberships (tenant, group_id, member_id, member_type) \
             SELECT ?1, group_id, member_id, member_type FROM ({}) WHERE true ON CONFLICT DO NOTHING",
            self.0
        );
        Statement::new(sql, params(write, list).into())
    }
}

/// Returns the parameters of a statement on a list: the tenant is `?1`, the list `?2`.
fn params(write: &Write<'_>, list: &str) -> Params {
    let mut params = Params::default();
    params.add(write.context.tenant);
    params.add(list);
    params
}

/// Adds the statement once for each list.
fn add_each(batch: &mut Batch, write: &Write<'_>, sql: &str, lists: &[String]) -> Vec<Key> {
    let statement = |list: &String| Statement::new(sql.to_string(), params(write, list).into());
    lists.iter().map(|list| batch.add(statement(list))).collect()
}

impl Effect for Lines {
    type Answer = Stored;

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        self.rows.iter_mut().for_each(|rows| rows.write_resources(batch, write));
    }

    fn log(&self, batch: &mut Batch, write: &Write<'_>) {
        self.rows.iter().for_each(|rows| rows.log(batch, write));
    }

    fn write_memberships(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let joining = Joining::of(&write.context.member_types());
        // One list after the other: a member may stand in two of them.
        self.members.iter().for_each(|list| joining.add(batch, write, list));
    }

    fn read(&mut self, batch: &mut Batch, write: &Write<'_>) {
        self.rows.iter_mut().for_each(|rows| rows.read(batch, write));
        let ids = std::mem::take(&mut self.ids);
        self.keys.present = add_each(batch, write, PRESENT, &ids);
        let members = std::mem::take(&mut self.members);
        let types = write.context.member_types();
        self.keys.incomplete = add_each(batch, write, &incomplete(&types), &members);
        self.keys.lacking = add_each(batch, write, &lacking(&types), &members);
    }

    fn answer(self, write: &Write<'_>, rows: &Rows) -> Result<Stored, Failure> {
        let mut inserted = Inserted::default();
        for new in self.rows {
            inserted.extend(new.answer(write, rows)?);
        }
        let present = rows.of_all(&self.keys.present).map(typed_id).collect::<Result<_, _>>()?;
        let incomplete = rows.of_all(&self.keys.incomplete).map(|row| row.text("id").map(str::to_string));
        let incomplete = incomplete.collect::<Result<_, _>>()?;
        let lacking = rows.of_all(&self.keys.lacking);
        let lacking = lacking
            .filter_map(|row| Some((row.optional_text("id")?.to_string(), quota::refusal(Some(row))?)));
        Ok(Stored { inserted, present, incomplete, lacking: lacking.collect() })
    }
}
