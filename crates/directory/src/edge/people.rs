//! The state of people and of groups, as the copy holds it and a look-up answers it: read in one transaction, together with
//! the sequence up to which it is true.

use std::collections::BTreeSet;

use database::{Batch, Database, Failure, Key, Row, Rows, Statement};
use serde_json::Value;

use crate::change_log::LATEST;
use crate::memberships;

/// The groups of a person that are read at most.
pub const MOST_GROUPS: usize = 1_000;

/// What is read of a person's groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Groups {
    /// Their ids.
    Ids,
    /// Their names and roles too.
    Named,
    /// The same, and only of those that give a role.
    Giving,
}

/// Whom to read.
#[derive(Debug, Default, Clone)]
pub struct PeopleQuery {
    /// Users, by id.
    pub ids: Vec<String>,
    /// Users, by the name as `name_key` writes it.
    pub names: Vec<String>,
    /// Users, by external id. If several have the same, it is the one that was created first.
    pub externals: Vec<String>,
    /// Groups, by id.
    pub groups: Vec<String>,
    /// Whether the groups of people are wanted with their names and roles.
    pub with_names: bool,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The userName as it is compared.
    pub name_key: String,
    /// The userName.
    pub user_name: String,
    /// The externalId.
    pub external_id: Option<String>,
    /// Whether the externalId leads to this user: several may have the same.
    pub holds_external_id: bool,
    /// The displayName.
    pub display_name: Option<String>,
    /// False only if the directory says so: a user without the attribute is active.
    pub active: bool,
    /// The values of the attribute `roles`.
    pub roles: Vec<String>,
    /// The groups that the user is in, directly or through others, in the order of their ids.
    pub groups: Vec<GroupName>,
    /// Whether there are more groups than are read.
    pub more_groups: bool,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName {
    /// The id.
    pub id: String,
    /// The displayName, if it was asked for.
    pub display_name: Option<String>,
    /// The roles that its members get, if they were asked for.
    pub roles: Vec<String>,
}

/// Returns the roles that a person has: the own ones, and those that the groups give, each once.
pub fn all_roles<'r>(own: &'r [String], groups: &'r [GroupName]) -> Vec<&'r str> {
    let mut seen = BTreeSet::new();
    let all = own.iter().chain(groups.iter().flat_map(|group| &group.roles)).map(String::as_str);
    all.filter(|role| seen.insert(*role)).collect()
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// All changes up to here are in it, and none after.
    pub sequence: i64,
    /// Those of the users that exist, in the order of their ids.
    pub people: Vec<Person>,
    /// Those of the groups that exist.
    pub groups: Vec<GroupName>,
}

/// Reads people and groups.
///
/// # Errors
/// If the database fails.
pub async fn people(database: &impl Database, tenant: &str, asked: &PeopleQuery) -> Result<People, Failure> {
    let mut batch = Batch::new();
    let groups_of = if asked.with_names { Groups::Named } else { Groups::Ids };
    let keys = Keys {
        latest: batch.add(latest(tenant)),
        people: batch.add(select_asked(tenant, asked, groups_of)),
        groups: batch.add(groups(tenant, &list(&asked.groups))),
    };
    read(&batch.query(database).await?, keys)
}

/// Selects the users that are asked for. [`person`] parses a row.
pub(crate) fn select_asked(tenant: &str, asked: &PeopleQuery, groups: Groups) -> Statement {
    let user = "r.tenant = +?1 AND r.type = 'User'";
    let wanted = format!(
        "SELECT value AS id FROM json_each(?2) \
         UNION SELECT r.id FROM json_each(?3) AS name CROSS JOIN resources AS r ON {user} AND r.unique_key = name.value \
         UNION SELECT (SELECT min(+r.id) FROM resources AS r WHERE {user} AND r.external_id = external.value) \
         FROM json_each(?4) AS external"
    );
    let params = vec![
        tenant.into(),
        list(&asked.ids).into(),
        list(&asked.names).into(),
        list(&asked.externals).into(),
    ];
    Statement::new(select(&wanted, groups), params)
}

fn list(texts: &[String]) -> String {
    Value::from_iter(texts.iter().map(String::as_str)).to_string()
}

/// Reads the users, or the groups, after an id: `most` of them.
///
/// # Errors
/// If the database fails.
pub async fn fill(
    database: &impl Database,
    tenant: &str,
    of_groups: bool,
    after: &str,
    most: usize,
) -> Result<People, Failure> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let params = || vec![tenant.into(), after.into(), limit.into()];
    let part = |kind: &str| {
        format!(
            "SELECT id FROM resources WHERE tenant = +?1 AND type = '{kind}' AND id > ?2 ORDER BY id LIMIT +?3"
        )
    };
    let mut batch = Batch::new();
    let latest = batch.add(latest(tenant));
    let rows = batch.add(Statement::new(
        match of_groups {
            true => format!("{GROUPS} ({}) AS wanted {GROUPS_BY}", part("Group")),
            false => select(&part("User"), Groups::Ids),
        },
        params(),
    ));
    let none = batch.add(groups(tenant, "[]"));
    let keys = match of_groups {
        true => Keys { latest, people: none, groups: rows },
        false => Keys { latest, people: rows, groups: none },
    };
    read(&batch.query(database).await?, keys)
}

struct Keys {
    latest: Key,
    people: Key,
    groups: Key,
}

fn latest(tenant: &str) -> Statement {
    Statement::new(format!("SELECT {LATEST} AS latest"), vec![tenant.into()])
}

const GROUPS: &str = "SELECT r.id, r.document->>'$.displayName' AS display_name, \
    (SELECT json_group_array(g.role) FROM group_roles AS g WHERE g.tenant = +?1 AND g.group_id = r.id) AS roles FROM";
const GROUPS_BY: &str =
    "CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = wanted.id ORDER BY r.id";

fn groups(tenant: &str, ids: &str) -> Statement {
    let sql = format!("{GROUPS} (SELECT value AS id FROM json_each(?2)) AS wanted {GROUPS_BY}");
    Statement::new(sql, vec![tenant.into(), ids.into()])
}

/// Returns SQL of the users whose ids the SELECT `wanted` has. [`person`] parses a row.
pub(crate) fn select(wanted: &str, groups: Groups) -> String {
    let roles = "FROM group_roles AS g WHERE g.tenant = +?1 AND g.group_id = up.id";
    let named = |condition: &str| {
        format!(
            "SELECT DISTINCT up.id AS id, {} AS name, (SELECT json_group_array(g.role) {roles}) AS roles \
             FROM up CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = up.id{condition} ORDER BY up.id",
            memberships::display()
        )
    };
    let groups = match groups {
        Groups::Ids => {
            "SELECT DISTINCT up.id AS id, NULL AS name, NULL AS roles FROM up ORDER BY up.id".into()
        }
        Groups::Named => named(""),
        Groups::Giving => named(&format!(" WHERE EXISTS (SELECT 1 {roles})")),
    };
    format!(
        "SELECT r.id, r.unique_key, r.external_id, r.document->>'$.userName' AS user_name, \
         r.document->>'$.displayName' AS display_name, r.document->'$.active' AS active, r.document->'$.roles' AS roles, \
         (SELECT min(+other.id) FROM resources AS other WHERE other.tenant = +?1 AND other.type = 'User' \
         AND other.external_id = r.external_id) AS holder, \
         (WITH RECURSIVE {} SELECT json_group_array(json_array(id, name, json(roles))) FROM ({groups} LIMIT {})) AS groups \
         FROM ({wanted}) AS wanted CROSS JOIN resources AS r \
         ON r.tenant = +?1 AND r.type = 'User' AND r.id = wanted.id ORDER BY r.id",
        memberships::up("r.id"),
        MOST_GROUPS + 1
    )
}

fn read(rows: &Rows, keys: Keys) -> Result<People, Failure> {
    let latest = rows.first(keys.latest).ok_or_else(|| Failure::corrupt("the log has no latest row"))?;
    let group = |row: &Row| {
        let display_name = row.optional_text("display_name").map(str::to_string);
        Ok(GroupName { id: row.text("id")?.to_string(), display_name, roles: row.texts("roles")? })
    };
    Ok(People {
        sequence: latest.integer("latest")?,
        people: rows.of(keys.people).iter().map(person).collect::<Result<_, Failure>>()?,
        groups: rows.of(keys.groups).iter().map(group).collect::<Result<_, Failure>>()?,
    })
}

/// A group in the list of a person's groups.
type Listed = (String, Option<String>, Option<Vec<String>>);

/// Returns the user in a row.
///
/// # Errors
/// [`Failure::corrupt`] if it cannot be read.
pub(crate) fn person(row: &Row) -> Result<Person, Failure> {
    let id = row.text("id")?.to_string();
    let listed: Vec<Listed> = serde_json::from_str(row.text("groups")?)
        .map_err(|_| Failure::corrupt("column `groups` holds no groups"))?;
    let more_groups = listed.len() > MOST_GROUPS;
    let group =
        |(id, display_name, roles): Listed| GroupName { id, display_name, roles: roles.unwrap_or_default() };
    let groups = listed.into_iter().map(group);
    let roles = row.optional_text("roles").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let roles = roles.as_ref().and_then(Value::as_array).into_iter().flatten();
    let text = |name| row.optional_text(name).map(str::to_string);
    Ok(Person {
        name_key: row.text("unique_key")?.to_string(),
        user_name: text("user_name").unwrap_or_default(),
        external_id: text("external_id"),
        holds_external_id: row.optional_text("holder") == Some(id.as_str()),
        display_name: text("display_name"),
        active: row.optional_text("active") != Some("false"),
        roles: roles.filter_map(|role| Some(role.get("value")?.as_str()?.to_string())).collect(),
        groups: groups.take(MOST_GROUPS).collect(),
        more_groups,
        id,
    })
}
