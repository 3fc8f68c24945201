//! The SELECTs of the parts of a query's result, and the walks from the resources of a page to their memberships.

use database::Row;
use scim::{Kind, limits};

use crate::memberships;

/// The largest number of rows of the walk from the users of a page to their groups: the users themselves are among
/// them, and a group may be there twice, as a direct and as an indirect one.
pub(super) const ROWS_OF_GROUPS: usize = 2 * limits::PAGE_MEMBERSHIPS + limits::PAGE_MAX + 2;
/// The fact of a row that is not a membership: a user as the first of its own groups, or a group whose members were
/// not read.
pub(super) const ITSELF: u8 = u8::MAX;

/// Returns the rows of that part.
pub(super) fn part<'r>(rows: &'r [Row], name: &'static str) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |row| row.optional_text("part") == Some(name))
}

/// The columns of all parts, in their order.
const ALL: [&str; 12] = [
    "part",
    "place",
    "owner",
    "type",
    "id",
    "version",
    "created",
    "last_modified",
    "sort_key",
    "size",
    "document",
    "list",
];

/// Returns the SELECT of a part; columns that it does not name are NULL.
pub(super) fn row(part: &str, columns: &[(&str, &str)], from: &str) -> String {
    let part = format!("'{part}'");
    let column = |name: &&str| {
        let given = columns.iter().find(|(column, _)| column == name).map(|(_, value)| *value);
        let value = if *name == "part" { part.as_str() } else { given.unwrap_or("NULL") };
        format!("{value} AS {name}")
    };
    format!("SELECT {} {from}", ALL.iter().map(column).collect::<Vec<_>>().join(", "))
}

/// The [`scim::limits::weight`] of the document of `r`.
const WEIGHT: &str =
    "octet_length(r.document) + 64 * (octet_length(r.document) - octet_length(replace(r.document, '{', '')))";

/// Returns the columns of the resource `r`. The document is among them if a page of such documents stays within its
/// limit; otherwise documents are read afterwards, as many as the page holds. `?2` is the largest number of
/// resources.
pub(super) fn of_resource(sort_key: &str) -> [(&str, &str); 8] {
    const { assert!(limits::PAGE_BYTES == 4 << 20) };
    [
        ("type", "r.type"),
        ("id", "r.id"),
        ("version", "r.version"),
        ("created", "r.created"),
        ("last_modified", "r.last_modified"),
        ("sort_key", sort_key),
        ("size", WEIGHT),
        ("document", "iif(octet_length(r.document) * ?2 <= 4194304, r.document, NULL)"),
    ]
}

/// Returns the SELECT of the resources of `page`.
pub(super) fn found() -> String {
    let mut columns = of_resource("page.sort_key").to_vec();
    columns.push(("place", "page.place"));
    row(
        "page",
        &columns,
        "FROM page CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = page.type AND r.id = page.id",
    )
}

/// Returns the table that leads from `page` to the memberships of its resources of that type, and the lists of them.
pub(super) fn memberships_of_page(kind: Kind) -> (String, String) {
    match kind.has_members() {
        true => (counted_members(), members_of_groups(kind)),
        false => (up_from_members(), groups_of_members()),
    }
}

/// Returns the walk up from the users of the page, each of which is its own first group, from group to group until
/// there is no new one, which ends in a cycle too. A recursive table with an order takes the users one after the
/// other, and LIMIT ends it.
fn up_from_members() -> String {
    format!(
        "up (place, owner, id, direct) AS (SELECT place, id, id, {ITSELF} FROM page WHERE type <> 'Group' \
         UNION SELECT up.place, up.owner, m.group_id, up.direct = {ITSELF} FROM up CROSS JOIN memberships AS m \
         ON m.tenant = +?1 AND m.member_id = up.id ORDER BY 1 LIMIT {ROWS_OF_GROUPS})"
    )
}

fn groups_of_members() -> String {
    let memberships = format!(
        "SELECT walked.owner AS owner, walked.id AS id, walked.fact AS fact, walked.rows AS rows, {} AS display \
         FROM (SELECT owner, id, max(direct) AS fact, count(*) AS rows FROM up GROUP BY owner, id) AS walked \
         LEFT JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = walked.id",
        memberships::display()
    );
    list("groups", "sum(rows)", &memberships)
}

/// Returns the groups of the page, counting their members one group after the other until there are too many.
fn counted_members() -> String {
    let most = limits::PAGE_MEMBERSHIPS;
    format!(
        "counted (place, related) AS MATERIALIZED (SELECT 0, 0 UNION ALL \
         SELECT page.place, counted.related + iif(page.type = 'Group', (SELECT count(*) FROM (\
         SELECT 1 FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = page.id LIMIT {most} + 1)), 0) \
         FROM counted CROSS JOIN page ON page.place = counted.place + 1 WHERE counted.related <= {most})"
    )
}

/// Returns the members of the groups whose members fit, and of the first group whose members do not, the group alone.
fn members_of_groups(group: Kind) -> String {
    let most = limits::PAGE_MEMBERSHIPS;
    let memberships = format!(
        "SELECT m.group_id AS owner, m.member_id AS id, {} AS fact, {} AS display \
         FROM counted CROSS JOIN page ON page.place = counted.place AND page.type = 'Group' \
         CROSS JOIN memberships AS m ON m.tenant = +?1 AND m.group_id = page.id \
         LEFT JOIN resources AS r ON r.tenant = +?1 AND r.type = m.member_type AND r.id = m.member_id \
         WHERE counted.related <= {most} \
         UNION ALL SELECT page.id, page.id, {ITSELF}, NULL FROM counted CROSS JOIN page \
         ON page.place = counted.place AND page.type = 'Group' WHERE counted.related > {most}",
        memberships::type_of_member(group),
        memberships::display()
    );
    list("members", "NULL", &memberships)
}

fn list(part: &str, size: &str, memberships: &str) -> String {
    let columns = [("owner", "owner"), ("list", memberships::LIST), ("size", size)];
    row(part, &columns, &format!("FROM ({memberships}) GROUP BY {}", memberships::LISTED_BY))
}
