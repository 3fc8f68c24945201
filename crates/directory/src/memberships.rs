//! Members of groups and groups of users: reading them. What changes them is in `store`.

use std::collections::BTreeMap;

use database::{Failure, Row, Statement};
use scim::{GroupRef, Kind, Member, Resource, limits};

/// Returns SQL with one row for each owner: its list as JSON, which costs a fraction of one row for each membership,
/// in the database and on the way. `memberships` is a SELECT of `owner`, `id`, `fact` and `display`. The list has no
/// order.
///
/// A text of D1 has 2,000,000 bytes at most. Short memberships go into one text, even [`limits::PAGE_MEMBERSHIPS`] of
/// them; long ones are spread over several texts by the end of their ids, which is random.
fn lists(memberships: &str) -> String {
    format!("SELECT {LIST} AS list FROM ({memberships}) GROUP BY {LISTED_BY}")
}

/// The list that [`lists`] makes of `id`, `fact` and `display`.
pub(crate) const LIST: &str = "json_group_array(json_array(id, fact, display))";
/// What puts memberships into the same list.
pub(crate) const LISTED_BY: &str = "owner, iif(octet_length(json_quote(display)) > 100, substr(id, -2), '')";

/// Returns SQL of the displayName of the resource `r` of a membership, which is NULL if it is longer than an element
/// shows.
pub(crate) fn display() -> String {
    format!(
        "iif(octet_length(r.document->>'$.displayName') <= {}, r.document->>'$.displayName', NULL)",
        limits::DISPLAY
    )
}

/// Reads the members of a group, or the groups of a user, in the order of their ids: those after the id `after`, `most` of
/// them, and one more that shows whether there are others. [`members`] and [`groups`] parse the rows.
pub(crate) fn read_part(kind: Kind, tenant: &str, owner: &str, after: &str, most: usize) -> Statement {
    let most = i64::try_from(most).unwrap_or_default();
    let params = vec![tenant.into(), owner.into(), after.into(), most.into()];
    Statement::new(part(kind, "+?2", "> ?3", "+?4"), params)
}

/// Returns SQL of the memberships of a resource of the tenant `?1`, whose id is the expression `owner`: `most` of the
/// memberships whose ids are as `asked`, and one more.
pub(crate) fn part(kind: Kind, owner: &str, asked: &str, most: &str) -> String {
    let display = display();
    let type_of_member = type_of_member(kind);
    match kind.has_members() {
        true => lists(&format!(
            "SELECT '' AS owner, m.member_id AS id, {type_of_member} AS fact, {display} AS display \
             FROM memberships AS m LEFT JOIN resources AS r \
             ON r.tenant = +?1 AND r.type = m.member_type AND r.id = m.member_id \
             WHERE m.tenant = +?1 AND m.group_id = {owner} AND m.member_id {asked} ORDER BY m.member_id LIMIT {most} + 1"
        )),
        false => format!(
            "WITH RECURSIVE {}, part (id, fact) AS (\
             SELECT id, max(direct) FROM up WHERE id {asked} GROUP BY id ORDER BY id LIMIT {most} + 1) {}",
            up(owner),
            lists(&format!(
                "SELECT '' AS owner, part.id AS id, part.fact AS fact, {display} AS display \
                 FROM part CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = part.id"
            ))
        ),
    }
}

/// Returns the table `up` of the groups of a member, whose id is the expression `member`: up from group to group until there
/// is no new one, which ends in a cycle too. A group may be in it twice, as a direct one and as another.
pub(crate) fn up(member: &str) -> String {
    format!(
        "up (id, direct) AS (\
         SELECT m.group_id, 1 FROM memberships AS m WHERE m.tenant = +?1 AND m.member_id = {member} \
         UNION SELECT m.group_id, 0 FROM up CROSS JOIN memberships AS m ON m.tenant = +?1 AND m.member_id = up.id)"
    )
}

/// Returns the table `down` of groups: those that the SELECT `groups` has as `id`, and the groups in them, down from group to group until
/// it finds none that is new, or has found `most` and one more, which shows that there are others. It reads groups alone, by their index, and at
/// most `most` of one group: how many users are in them does not matter.
pub(crate) fn down(groups: &str, most: usize) -> String {
    format!(
        "down (id) AS ({groups} UNION SELECT within.value FROM down CROSS JOIN json_each((\
         SELECT json_group_array(member_id) FROM (SELECT m.member_id FROM memberships AS m INDEXED BY memberships_of_groups \
         WHERE m.tenant = +?1 AND m.group_id = down.id AND m.member_type = 'Group' LIMIT {most}))) AS within LIMIT {most} + 1)"
    )
}

/// Reads the first memberships of one resource: as many as a page may hold. [`attach`] parses the rows.
pub(crate) fn read_one(kind: Kind, tenant: &str, id: &str) -> Statement {
    read_part(kind, tenant, id, "", limits::PAGE_MEMBERSHIPS)
}

/// Returns the members in the rows of [`read_part`], `most` of them, and whether there are more.
pub(crate) fn members<'r>(
    group: Kind,
    rows: impl IntoIterator<Item = &'r Row>,
    most: usize,
) -> Result<(Vec<Member>, bool), Failure> {
    let (items, more) = first(items(rows)?, most);
    let types: Vec<Kind> = group.member_types().collect();
    Ok((items.into_iter().map(|item| member(item, group, &types)).collect(), more))
}

/// Returns the groups in the rows of [`read_part`], `most` of them, and whether there are more.
pub(crate) fn groups<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    most: usize,
) -> Result<(Vec<GroupRef>, bool), Failure> {
    let (items, more) = first(items(rows)?, most);
    Ok((items.into_iter().map(group).collect(), more))
}

/// Returns the memberships of a page, by the id of their resource, which a row has as `id` beside its list.
pub(crate) fn by_owner<'r>(rows: &[&'r Row]) -> Result<BTreeMap<&'r str, Vec<Item>>, Failure> {
    let mut rows_of: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        rows_of.entry(row.text("id")?).or_default().push(row);
    }
    rows_of.into_iter().map(|(owner, rows)| Ok((owner, items(rows)?))).collect()
}

/// Adds memberships to the resource that they belong to.
pub(crate) fn attach_items(resource: &mut Resource, items: Vec<Item>) {
    let kind = resource.kind;
    if kind.has_members() {
        let types: Vec<Kind> = kind.member_types().collect();
        resource.members = Some(items.into_iter().map(|item| member(item, kind, &types)).collect());
    } else {
        resource.groups = Some(items.into_iter().map(group).collect());
    }
}

/// Adds the rows of [`read_one`] to the resource that they belong to.
pub(crate) fn attach<'r>(
    resource: &mut Resource,
    rows: impl IntoIterator<Item = &'r Row>,
) -> Result<(), Failure> {
    let (items, more) = first(items(rows)?, limits::PAGE_MEMBERSHIPS);
    attach_items(resource, items);
    resource.more = more;
    Ok(())
}

/// A membership as a list has it: the id of the member or group; the index of the member's type, or whether the
/// resource is a direct member; the displayName.
pub(crate) type Item = (String, u8, Option<String>);

/// Returns SQL of the index of the member `m`'s type among the types that members of a group have.
pub(crate) fn type_of_member(any: Kind) -> String {
    let place = |(at, kind): (usize, Kind)| format!("WHEN '{}' THEN {at} ", kind.name());
    let places: String = any.member_types().enumerate().map(place).collect();
    if places.is_empty() { "0".to_string() } else { format!("CASE m.member_type {places}END") }
}

/// Returns the member of an item. `types` are the types that members have.
fn member((id, of, display): Item, group: Kind, types: &[Kind]) -> Member {
    Member { id, kind: types.get(usize::from(of)).copied().unwrap_or(group), display }
}

fn group((id, direct, display): Item) -> GroupRef {
    GroupRef { id, display, direct: direct == 1 }
}

/// Returns the items of the lists, in the order of their ids.
pub(crate) fn items<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = Vec::new();
    for row in rows {
        let list: Vec<Item> = serde_json::from_str(row.text("list")?)
            .map_err(|_| Failure::corrupt("column `list` holds no memberships"))?;
        items.extend(list);
    }
    items.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
    Ok(items)
}

/// Returns the first of them, and whether there are more.
fn first(mut items: Vec<Item>, most: usize) -> (Vec<Item>, bool) {
    let more = items.len() > most;
    items.truncate(most);
    (items, more)
}
