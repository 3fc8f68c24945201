//! The SELECTs of the parts of a query's result, and the walks from the resources of a page to their memberships.

use database::Row;
use scim::{Kind, limits};

use crate::memberships;

/// The largest number of rows of the walk from the users of a page to their groups: each of the users, and one more that shows whether
/// another page follows, is the first of its own groups, and a group may be there twice, as a direct and as an indirect one. So a walk that ends
/// here has found more groups than a page holds, and the page ends before the user at which it does.
const ROWS_OF_GROUPS: usize = 2 * limits::PAGE_MEMBERSHIPS + limits::PAGE_MAX + 2;
/// The fact of a row that is not a membership: a user as the first of its own groups, which no list has, or a group whose members
/// were not read.
pub(super) const ITSELF: u8 = u8::MAX;

/// Returns the rows of that part.
pub(super) fn part<'r>(rows: &'r [Row], name: &'static str) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |row| row.optional_text("part") == Some(name))
}

/// The columns of the parts, in their order. Each row that comes from the database has all columns of its statement, and each of
/// them costs time, so a column is left out if no part of the statement has it.
const COLUMNS: [&str; 10] =
    ["place", "type", "id", "version", "created", "last_modified", "sort_key", "size", "document", "list"];

/// The SELECT of a part: its columns with their values.
pub(super) struct Select {
    part: &'static str,
    columns: Vec<(&'static str, String)>,
    from: String,
    /// How its rows are ordered and limited.
    cut: Option<String>,
}

impl Select {
    /// Returns a SELECT without columns.
    pub(super) fn new(part: &'static str, from: impl Into<String>) -> Select {
        Select { part, columns: Vec::new(), from: from.into(), cut: None }
    }

    /// Adds a column.
    pub(super) fn with(mut self, column: &'static str, value: impl Into<String>) -> Select {
        self.columns.push((column, value.into()));
        self
    }

    /// Orders and limits the rows.
    pub(super) fn cut(self, cut: String) -> Select {
        Select { cut: Some(cut), ..self }
    }

    fn value(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, value)| value.as_str())
    }

    /// Returns its text, with NULL in the columns that only other parts have.
    fn text(&self, columns: &[&str]) -> String {
        let of_part =
            columns.iter().map(|name| format!(", {} AS {name}", self.value(name).unwrap_or("NULL")));
        let text = format!("SELECT '{}' AS part{} {}", self.part, of_part.collect::<String>(), self.from);
        match &self.cut {
            // As a part of a UNION, a SELECT may have an order and a limit only within another SELECT.
            Some(cut) => format!("SELECT * FROM ({text} {cut})"),
            None => text,
        }
    }
}

/// Returns SQL of the rows of all parts.
pub(super) fn union(selects: &[Select]) -> String {
    let is_used = |column: &&str| selects.iter().any(|select| select.value(column).is_some());
    let columns: Vec<&str> = COLUMNS.into_iter().filter(is_used).collect();
    selects.iter().map(|select| select.text(&columns)).collect::<Vec<_>>().join(" UNION ALL ")
}

/// The [`scim::limits::weight`] of the document of `r`.
const WEIGHT: &str =
    "octet_length(r.document) + 64 * (octet_length(r.document) - octet_length(replace(r.document, '{', '')))";

/// Returns the SELECT of the resources `r`. The document is among the columns if a page of such documents stays within its
/// limit; otherwise documents are read afterwards, as many as the page holds. `?2` is the largest number of
/// resources. `sort_key` is what they are sorted by, if they are.
pub(super) fn resources(sort_key: Option<&str>, from: impl Into<String>) -> Select {
    const { assert!(limits::PAGE_BYTES == 4 << 20) };
    let select = Select::new("page", from)
        .with("type", "r.type")
        .with("id", "r.id")
        .with("version", "r.version")
        .with("created", "r.created")
        .with("last_modified", "r.last_modified")
        .with("size", WEIGHT)
        .with("document", "iif(octet_length(r.document) * ?2 <= 4194304, r.document, NULL)");
    match sort_key {
        Some(key) => select.with("sort_key", key),
        None => select,
    }
}

/// Returns the SELECT of the resources of `page`, which are sorted, or in the order of their ids.
pub(super) fn found(is_sorted: bool) -> Select {
    let from =
        "FROM page CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = page.type AND r.id = page.id";
    resources(is_sorted.then_some("page.sort_key"), from).with("place", "page.place")
}

/// Returns the table that leads from `page` to the memberships of its resources of that type, and the lists of them.
pub(super) fn memberships_of_page(kind: Kind) -> (String, Select) {
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

fn groups_of_members() -> Select {
    let memberships = format!(
        "SELECT walked.owner AS owner, walked.id AS id, walked.fact AS fact, {} AS display \
         FROM (SELECT owner, id, max(direct) AS fact FROM up WHERE direct <> {ITSELF} GROUP BY owner, id) AS walked \
         LEFT JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = walked.id",
        memberships::display()
    );
    list("groups", &memberships)
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
fn members_of_groups(group: Kind) -> Select {
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
    list("members", &memberships)
}

/// Returns the SELECT of the lists, each with the id of the resource whose memberships it has.
fn list(part: &'static str, memberships: &str) -> Select {
    let from = format!("FROM ({memberships}) GROUP BY {}", memberships::LISTED_BY);
    Select::new(part, from).with("id", "owner").with("list", memberships::LIST)
}
