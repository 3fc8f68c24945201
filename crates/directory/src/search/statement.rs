//! The statement of a query. Its rows are of several parts, which the column `part` tells apart: `total` (how many match,
//! in `size`), `page` (the resources), `groups` and `members` (a list each owner).

use scim::{Branch, Kind, Paging, ScimError, Search, limits};

use super::order::Ordering;
use crate::selection::{Literals, condition};
use crate::{Context, Failure, Param, Row, Statement, relations};

/// Rows that the walk from the users of a page to their groups has at most: the users themselves are among them, and a
/// group may be there twice, as a direct one and as another.
const ROWS_OF_GROUPS: usize = 2 * limits::PAGE_MEMBERSHIPS + limits::PAGE_MAX + 2;
/// The owner that is walked from after all users, so that it is seen whether the walk came to its end.
pub(super) const END: &str = "";

/// The rows of that part.
pub(super) fn part<'r>(rows: &'r [Row], name: &'static str) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |row| row.optional_text("part") == Some(name))
}

pub(super) struct Query<'q> {
    context: &'q Context<'q>,
    search: &'q Search<'q>,
    /// Which rows `r` match.
    condition: String,
    order: Ordering,
    literals: Param,
}

impl<'q> Query<'q> {
    pub(super) fn new(context: &'q Context<'q>, search: &'q Search<'q>) -> Result<Query<'q>, Failure> {
        let mut literals = Literals::default();
        let mut branches = Vec::new();
        for Branch { kind, filter, .. } in &search.branches {
            let of_type = format!("r.type = '{}'", kind.name());
            branches.push(match filter {
                Some(filter) => format!("{of_type} AND ({})", condition(*kind, filter, &mut literals)),
                None => of_type,
            });
        }
        let is_filtered = search.branches.iter().any(|branch| branch.filter.is_some());
        let condition = match branches.len() {
            1 => branches.concat(),
            // All resources of the tenant, which the primary key has in the order of the page.
            count if count == Kind::ALL.len() && !is_filtered => "true".to_string(),
            _ => format!(
                "({})",
                branches.iter().map(|branch| format!("({branch})")).collect::<Vec<_>>().join(" OR ")
            ),
        };
        // It stands in the statement once, with little around it.
        if condition.len() > limits::FILTER_SQL {
            return Err(ScimError::too_many("the filter has more terms than one query can hold").into());
        }
        let order = Ordering::new(search, &mut literals);
        Ok(Query { context, search, condition, order, literals: literals.into_param() })
    }

    fn is_filtered(&self) -> bool {
        self.search.branches.iter().any(|branch| branch.filter.is_some())
    }

    /// Filtered matches are counted by looking at all of them, which no page but the first is worth.
    pub(super) fn is_counted(&self) -> bool {
        !self.is_filtered() || !matches!(self.search.paging, Paging::Cursor { after: Some(_), .. })
    }

    /// The kinds whose relation is shown.
    pub(super) fn shown(&self) -> Vec<Kind> {
        let kinds = self.search.branches.iter().map(|branch| branch.kind);
        kinds.filter(|kind| self.search.count > 0 && self.search.projection.shows_relation(*kind)).collect()
    }

    /// All that the answer needs.
    pub(super) fn statement(&self) -> Statement {
        let (is_filtered, is_counted) = (self.is_filtered(), self.is_counted());
        let shown = self.shown();
        let mut tables = Vec::new();
        let mut parts = Vec::new();
        let matches = if is_filtered && is_counted {
            tables.push(format!("hits AS MATERIALIZED ({})", self.matches()));
            "hits".to_string()
        } else {
            format!("({})", self.matches())
        };
        if is_counted {
            parts.push(if is_filtered { counted() } else { self.known_total() });
        }
        // What is neither filtered nor sorted is read as it is walked through.
        if self.search.count > 0 && shown.is_empty() && !is_filtered && self.search.order.is_none() {
            parts.push(self.walked());
        } else if self.search.count > 0 {
            let by = &self.order.by;
            tables.push(format!(
                "page AS MATERIALIZED (SELECT row_number() OVER (ORDER BY {by}) AS place, type, id, sort_key \
                 FROM (SELECT type, id, sort_key FROM {matches} ORDER BY {by} LIMIT ?2 OFFSET ?4))"
            ));
            parts.push(found(shown.contains(&Kind::Group)));
            for kind in shown {
                let (table, list) = match kind {
                    Kind::User => groups_of_users(),
                    Kind::Group => members_of_groups(),
                };
                tables.push(table);
                parts.push(list);
            }
        }
        let with = match tables.is_empty() {
            true => String::new(),
            false => format!("WITH RECURSIVE {} ", tables.join(", ")),
        };
        Statement::new(format!("{with}{}", parts.join(" UNION ALL ")), self.params())
    }

    fn params(&self) -> Vec<Param> {
        let (limit, offset) = match self.search.paging {
            Paging::Index(start_index) => (self.search.count, start_index.saturating_sub(1)),
            // A row more says whether a page follows.
            Paging::Cursor { .. } => (self.search.count.saturating_add(1), 0),
        };
        vec![self.context.tenant.into(), number(limit), self.literals.clone(), number(offset)]
    }

    /// The types and ids of what matches, and the values that they are sorted by. A query may speak of no literal or
    /// of no limit at all; all parameters have to occur all the same, since they are bound.
    fn matches(&self) -> String {
        let behind =
            self.order.behind.as_deref().map(|behind| format!(" AND ({behind})")).unwrap_or_default();
        format!(
            "SELECT r.type AS type, r.id AS id, {} AS sort_key FROM resources AS r \
             WHERE r.tenant = ?1 AND {}{behind} AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
            self.order.key, self.condition
        )
    }

    /// How many resources there are, which is counted already.
    fn known_total(&self) -> String {
        let types: Vec<String> =
            self.search.branches.iter().map(|branch| format!("'{}'", branch.kind.name())).collect();
        let size = "coalesce(sum(total), 0)";
        let from = format!(
            "FROM totals WHERE tenant = ?1 AND type IN ({}) AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
            types.join(", ")
        );
        row("total", &[("size", size)], &from)
    }

    fn walked(&self) -> String {
        let (condition, by) = (&self.condition, &self.order.by);
        let behind =
            self.order.behind.as_deref().map(|behind| format!(" AND ({behind})")).unwrap_or_default();
        let of_resource = of_resource();
        let mut columns = of_resource.to_vec();
        let document = document();
        columns.push(("document", document.as_str()));
        let from = format!(
            "FROM resources AS r WHERE r.tenant = ?1 AND {condition}{behind} ORDER BY {by} LIMIT ?2 OFFSET ?4"
        );
        format!("SELECT * FROM ({})", row("page", &columns, &from))
    }
}

/// The columns of all parts, in their order.
const ALL: [&str; 13] = [
    "part",
    "place",
    "related",
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

/// The SELECT of a part; columns that it does not speak of are NULL.
fn row(part: &str, columns: &[(&str, &str)], from: &str) -> String {
    let part = format!("'{part}'");
    let column = |name: &&str| {
        let given = columns.iter().find(|(column, _)| column == name).map(|(_, value)| *value);
        let value = if *name == "part" { part.as_str() } else { given.unwrap_or("NULL") };
        format!("{value} AS {name}")
    };
    format!("SELECT {} {from}", ALL.iter().map(column).collect::<Vec<_>>().join(", "))
}

fn of_resource() -> [(&'static str, &'static str); 6] {
    [
        ("type", "r.type"),
        ("id", "r.id"),
        ("version", "r.version"),
        ("created", "r.created"),
        ("last_modified", "r.last_modified"),
        ("size", "octet_length(r.document)"),
    ]
}

/// The document, where a page of such documents is within its bound; others are read afterwards, as many as are held.
fn document() -> String {
    format!("iif(octet_length(r.document) * ?2 <= {}, r.document, NULL)", limits::PAGE_BYTES)
}

/// How many hits there are.
fn counted() -> String {
    row("total", &[("size", "count(*)")], "FROM hits")
}

/// The resources of the page.
fn found(counts_members: bool) -> String {
    let document = document();
    let mut columns = of_resource().to_vec();
    columns.extend([
        ("place", "page.place"),
        ("sort_key", "page.sort_key"),
        ("document", document.as_str()),
        ("related", if counts_members { "counted.related" } else { "NULL" }),
    ]);
    let counted = if counts_members { " LEFT JOIN counted ON counted.place = page.place" } else { "" };
    let from = format!(
        "FROM page CROSS JOIN resources AS r ON r.tenant = ?1 AND r.type = page.type AND r.id = page.id{counted}"
    );
    row("page", &columns, &from)
}

/// Up from the users of the page, each of which is its own first group, from group to group until no new one is met, which
/// ends in a circle too. A recursive table with an order takes the users one after the other, and LIMIT ends it.
fn groups_of_users() -> (String, String) {
    let walk = format!(
        "up (place, owner, id, direct) AS (SELECT place, id, id, 2 FROM page WHERE type = 'User' \
         UNION SELECT 1e9, '{END}', '{END}', 2 UNION SELECT up.place, up.owner, m.group_id, up.direct = 2 FROM up CROSS JOIN memberships AS m \
         ON m.tenant = ?1 AND m.member_id = up.id ORDER BY 1 LIMIT {ROWS_OF_GROUPS})"
    );
    let memberships = format!(
        "SELECT part.owner AS owner, part.id AS id, part.fact AS fact, {} AS display \
         FROM (SELECT owner, id, max(direct) AS fact FROM up GROUP BY owner, id) AS part \
         LEFT JOIN resources AS r ON r.tenant = ?1 AND r.type = 'Group' AND r.id = part.id",
        relations::display()
    );
    (walk, list("groups", &memberships))
}

/// The members of the groups of the page, which are counted one group after the other until there are too many.
fn members_of_groups() -> (String, String) {
    let most = limits::PAGE_MEMBERSHIPS;
    let counted = format!(
        "counted (place, related) AS MATERIALIZED (SELECT 0, 0 UNION ALL \
         SELECT page.place, counted.related + iif(page.type = 'Group', (SELECT count(*) FROM (\
         SELECT 1 FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id = page.id LIMIT {most} + 1)), 0) \
         FROM counted CROSS JOIN page ON page.place = counted.place + 1 WHERE counted.related <= {most})"
    );
    let memberships = format!(
        "SELECT m.group_id AS owner, m.member_id AS id, m.member_type = 'Group' AS fact, {} AS display \
         FROM counted CROSS JOIN page ON page.place = counted.place AND page.type = 'Group' \
         CROSS JOIN memberships AS m ON m.tenant = ?1 AND m.group_id = page.id \
         LEFT JOIN resources AS r ON r.tenant = ?1 AND r.type = m.member_type AND r.id = m.member_id \
         WHERE counted.related <= {most}",
        relations::display()
    );
    (counted, list("members", &memberships))
}

fn list(part: &str, memberships: &str) -> String {
    let lists = relations::lists(memberships);
    row(part, &[("owner", "lists.owner"), ("list", "lists.list")], &format!("FROM ({lists}) AS lists"))
}

/// D1 binds numbers as doubles, which are exact to 2^53; no directory has that many resources.
fn number(value: usize) -> Param {
    i64::try_from(value).unwrap_or(i64::MAX).min(1 << 53).into()
}
