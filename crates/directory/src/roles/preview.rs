//! Who gets what: the mappings with how many people each reaches, the first of these people, those whom a group would give a role, and the roles
//! of one person. All of it is one round trip, and reads a bounded number of rows, however many people there are.

use database::{Batch, Database, Failure, Key, Params, Row, Rows, Statement};
use scim::Registry;

use super::mapping::{COLUMNS, FROM, Mapping, mapping, name_key, read_group, select_group};
use crate::edge::{self, Groups, PeopleQuery, Person, name_key as user_key};
use crate::memberships::down;
use crate::store::roles::group;

/// Mappings on a page.
const MAPPINGS: usize = 25;
/// People who are shown.
const PEOPLE: usize = 20;
/// Memberships that are counted for one mapping, and for all of them together.
const OF_ONE: usize = 1_000;
const OF_ALL: usize = 5_000;
/// Groups that are walked through for one mapping, and for all of them together: a tenant has at most 1,000.
const WITHIN_ONE: usize = 200;
const WITHIN_ALL: usize = 2_000;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct MappingsQuery<'a> {
    /// The mapping after which the page begins.
    pub after: &'a str,
    /// The name or id of a group, whose people are shown instead of all.
    pub group: Option<&'a str>,
    /// The userName, externalId or id of a person, who is shown instead.
    pub person: Option<&'a str>,
}

/// A page of mappings, and who gets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The mappings, the oldest first, each with how many people it reaches.
    pub mappings: Vec<(Mapping, Reach)>,
    /// The mapping after which the next page begins, if there is one.
    pub next: Option<String>,
    /// The group that was asked for; None if it is not there.
    pub group: Option<AskedGroup>,
    /// How many people get a role, or would get one by the group.
    pub reach: Reach,
    /// The first of them, with the roles that they have; or the person who was asked for.
    pub people: Vec<Holder>,
}

/// How many people there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// So many were counted.
    pub people: i64,
    /// Whether there may be more.
    pub is_least: bool,
}

/// A group that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedGroup {
    /// Its id.
    pub id: String,
    /// Its displayName.
    pub name: Option<String>,
}

/// A person, with the roles that the groups give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The id.
    pub id: String,
    /// The userName.
    pub user_name: String,
    /// The values of the attribute `roles`.
    pub own: Vec<String>,
    /// Each role that a group gives, and the name of the group, or its id.
    pub given: Vec<(String, String)>,
}

struct Keys {
    mappings: Key,
    group: Option<Key>,
    reach: Option<Key>,
    people: Key,
}

/// Reads a page.
///
/// # Errors
/// If the database fails.
pub async fn page(
    database: &impl Database,
    registry: &Registry,
    tenant: &str,
    asked: &MappingsQuery<'_>,
) -> Result<Page, Failure> {
    let mut batch = Batch::new();
    let keys = Keys {
        mappings: batch.add(mappings(tenant, asked.after)),
        group: asked.group.map(|group| batch.add(select_group(registry, tenant, group))),
        reach: asked.person.is_none().then(|| batch.add(reach(registry, tenant, asked.group))),
        people: batch.add(people(registry, tenant, asked)),
    };
    read(&batch.query(database).await?, &keys, asked)
}

/// Selects a page of mappings, with one more that shows whether there are others.
fn mappings(tenant: &str, after: &str) -> Statement {
    let people =
        format!("(WITH RECURSIVE {} {})", down("SELECT g.group_id", WITHIN_ONE), count(OF_ONE, WITHIN_ONE));
    let sql = format!(
        "SELECT {COLUMNS}, {people} AS reach {FROM} AND g.id > ?2 ORDER BY g.id LIMIT {}",
        MAPPINGS + 1
    );
    Statement::new(sql, vec![tenant.into(), after.into()])
}

/// Returns SQL of `most` memberships of the groups of the table `down`, and one more: `id` is that of a user, and NULL for another member.
fn members(most: usize) -> String {
    format!(
        "SELECT iif(m.member_type = 'User', m.member_id, NULL) AS id FROM down CROSS JOIN memberships AS m \
         ON m.tenant = +?1 AND m.group_id = down.id LIMIT {most} + 1"
    )
}

/// Returns SQL that counts the users in the groups of the table `down`, each once, as `[people, is_least]`: whether there may be more of
/// them, since memberships or groups are left.
fn count(most: usize, within: usize) -> String {
    format!(
        "SELECT json_array(count(DISTINCT id), count(*) > {most} OR (SELECT count(*) FROM down) > {within}) AS reach FROM ({})",
        members(most)
    )
}

/// Returns SQL of the group that was asked for, or of all groups that give a role, as `id`.
fn groups(registry: &Registry, asked: Option<&str>, params: &mut Params) -> String {
    match asked {
        Some(asked) => {
            let (id, name) = (params.add(asked), params.add(name_key(registry, asked)));
            format!("SELECT {} AS id", group(&id, &name))
        }
        None => "SELECT DISTINCT group_id FROM group_roles WHERE tenant = +?1".to_string(),
    }
}

fn reach(registry: &Registry, tenant: &str, asked: Option<&str>) -> Statement {
    let mut params = Params::default();
    params.add(tenant);
    let groups = groups(registry, asked, &mut params);
    let sql = format!("WITH RECURSIVE {} {}", down(&groups, WITHIN_ALL), count(OF_ALL, WITHIN_ALL));
    Statement::new(sql, params.into())
}

fn people(registry: &Registry, tenant: &str, asked: &MappingsQuery<'_>) -> Statement {
    if let Some(person) = asked.person {
        let asked = PeopleQuery {
            ids: vec![person.to_string()],
            names: vec![user_key(registry, person)],
            externals: vec![person.to_string()],
            ..PeopleQuery::default()
        };
        return edge::select_asked(tenant, &asked, Groups::Giving);
    }
    let mut params = Params::default();
    params.add(tenant);
    let first = format!(
        "WITH RECURSIVE {} SELECT DISTINCT id FROM ({}) WHERE id IS NOT NULL LIMIT {PEOPLE}",
        down(&groups(registry, asked.group, &mut params), WITHIN_ALL),
        members(OF_ALL)
    );
    Statement::new(edge::select(&first, Groups::Giving), params.into())
}

fn read(rows: &Rows, keys: &Keys, asked: &MappingsQuery<'_>) -> Result<Page, Failure> {
    let found = rows.of(keys.mappings);
    let shown = found.iter().take(MAPPINGS);
    let mappings = shown.map(|row| Ok((mapping(row)?, counted(row, OF_ONE)?)));
    let mappings = mappings.collect::<Result<Vec<_>, Failure>>()?;
    let last = mappings.last().filter(|_| found.len() > MAPPINGS).map(|(mapping, _)| mapping.id.clone());
    let group = rows.first(keys.group).map(|row| read_group(row).map(|(id, name)| AskedGroup { id, name }));
    let people = rows.of(keys.people).iter().map(edge::person).collect::<Result<Vec<_>, _>>()?;
    let people = match asked.person {
        Some(person) => the_one(person, people).into_iter().collect(),
        None => people,
    };
    Ok(Page {
        mappings,
        next: last,
        group: group.transpose()?,
        reach: rows.first(keys.reach).map_or(Ok(Reach::default()), |row| counted(row, OF_ALL))?,
        people: people.into_iter().map(holder).collect(),
    })
}

fn counted(row: &Row, most: usize) -> Result<Reach, Failure> {
    let counted: Option<(i64, i64)> = serde_json::from_str(row.text("reach")?).ok();
    let (people, is_least) = counted.ok_or_else(|| Failure::corrupt("column `reach` holds no counts"))?;
    let bound = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(Reach { people: people.min(bound), is_least: is_least != 0 })
}

/// Returns whom the text names: by id, else by userName, else by externalId.
fn the_one(text: &str, mut found: Vec<Person>) -> Option<Person> {
    let is_by_external = |person: &Person| person.external_id.as_deref() == Some(text);
    found.sort_by_key(|person| (person.id != text, is_by_external(person)));
    found.into_iter().next()
}

fn holder(person: Person) -> Holder {
    let given = person.groups.into_iter().flat_map(|group| {
        let name = group.display_name.unwrap_or(group.id);
        group.roles.into_iter().map(move |role| (role, name.clone()))
    });
    Holder { id: person.id, user_name: person.user_name, own: person.roles, given: given.collect() }
}
