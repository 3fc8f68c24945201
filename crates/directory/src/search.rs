//! Queries (RFC 7644 s3.4.2): one round trip. What does not match is never loaded.
//!
//! `order` says how the matches are sorted and where a cursor's page begins.

mod order;

use scim::{Branch, Kind, Outcome, Page, Paging, Position, Resource, ScimError, Search, limits};
use serde_json::Value;

use crate::database;
use crate::record::{self, COLUMNS};
use crate::selection::{Literals, condition};
use crate::{Context, Database, Failure, Param, Row, Statement, relations};
use order::Ordering;

pub(crate) async fn search(
    database: &impl Database,
    context: &Context<'_>,
    search: &Search<'_>,
) -> Result<Outcome, Failure> {
    let query = Query::new(context, search)?;
    let counts = query.is_counted();
    let related: Vec<Kind> = match search.count {
        0 => Vec::new(),
        _ => kinds(search).filter(|kind| search.projection.shows_relation(*kind)).collect(),
    };
    let mut statements = Vec::new();
    statements.extend(counts.then(|| query.total()));
    statements.extend(
        (search.count > 0).then(|| query.page(&format!("{COLUMNS}, {} AS sort_key", query.order.key))),
    );
    for kind in &related {
        let Statement { sql, params } = query.page("r.id");
        statements.push(relations::read(*kind, &sql, params));
    }
    let mut answers = database::read(database, statements).await?.into_iter();
    let total = counts.then(|| answers.next()).flatten().map(|rows| total(&rows)).transpose()?;
    let mut rows = answers.next().unwrap_or_default();
    let next_cursor = query.next_cursor(&mut rows)?;
    let mut resources = rows.iter().map(record::resource).collect::<Result<Vec<Resource>, _>>()?;
    for kind in related {
        relations::attach(kind, &mut resources, &answers.next().unwrap_or_default())?;
    }
    let start_index = match search.paging {
        Paging::Index(start_index) => Some(start_index),
        Paging::Cursor { .. } => None,
    };
    Ok(Outcome::Page(Page { total, start_index, next_cursor, resources }))
}

fn kinds(search: &Search<'_>) -> impl Iterator<Item = Kind> {
    search.branches.iter().map(|branch| branch.kind)
}

fn total(rows: &[Row]) -> Result<usize, Failure> {
    match rows.first() {
        Some(row) => Ok(usize::try_from(row.integer("total")?).unwrap_or_default()),
        None => Ok(0),
    }
}

struct Query<'q> {
    context: &'q Context<'q>,
    search: &'q Search<'q>,
    /// Which rows `r` match.
    condition: String,
    order: Ordering,
    literals: Param,
}

impl<'q> Query<'q> {
    fn new(context: &'q Context<'q>, search: &'q Search<'q>) -> Result<Query<'q>, Failure> {
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
        // It stands in each statement once, with little around it.
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
    fn is_counted(&self) -> bool {
        !self.is_filtered() || !matches!(self.search.paging, Paging::Cursor { after: Some(_), .. })
    }

    /// How many match. All resources of a type are counted already.
    fn total(&self) -> Statement {
        if !self.is_filtered() {
            let types: Vec<String> = kinds(self.search).map(|kind| format!("'{}'", kind.name())).collect();
            let sql = format!(
                "SELECT coalesce(sum(total), 0) AS total FROM totals WHERE tenant = ?1 AND type IN ({})",
                types.join(", ")
            );
            return Statement::new(sql, vec![self.context.tenant.into()]);
        }
        let condition = &self.condition;
        // A filter may speak of no value at all; `?3` has to occur all the same, since it is bound.
        let sql = format!(
            "SELECT count(*) AS total FROM resources AS r WHERE r.tenant = ?1 AND {condition} AND ?3 IS NOT NULL"
        );
        Statement::new(sql, vec![self.context.tenant.into(), Param::Null, self.literals.clone()])
    }

    /// One page. With a cursor it has a row more, which says whether a page follows.
    fn page(&self, columns: &str) -> Statement {
        let (condition, order) = (&self.condition, &self.order.by);
        let behind =
            self.order.behind.as_deref().map(|behind| format!(" AND ({behind})")).unwrap_or_default();
        let sql = format!(
            "SELECT {columns} FROM resources AS r WHERE r.tenant = ?1 AND {condition}{behind} \
             ORDER BY {order} LIMIT ?2 OFFSET ?4"
        );
        let (limit, offset) = match self.search.paging {
            Paging::Index(start_index) => (self.search.count, start_index.saturating_sub(1)),
            Paging::Cursor { .. } => (self.search.count.saturating_add(1), 0),
        };
        Statement::new(
            sql,
            vec![self.context.tenant.into(), number(limit), self.literals.clone(), number(offset)],
        )
    }

    /// Takes the row too many, and makes the cursor that leads to it.
    fn next_cursor(&self, rows: &mut Vec<Row>) -> Result<Option<String>, Failure> {
        let Paging::Cursor { query, .. } = self.search.paging else { return Ok(None) };
        if rows.len() <= self.search.count {
            return Ok(None);
        }
        rows.truncate(self.search.count);
        let Some(last) = rows.last() else { return Ok(None) };
        let key = last.0.get("sort_key").cloned().unwrap_or(Value::Null);
        let kind = Kind::from_name(last.text("type")?).unwrap_or(Kind::User);
        Ok(Some(Position { key, kind, id: last.text("id")?.to_string() }.to_cursor(query)))
    }
}

/// D1 binds numbers as doubles, which are exact to 2^53; no directory has that many resources.
fn number(value: usize) -> Param {
    i64::try_from(value).unwrap_or(i64::MAX).min(1 << 53).into()
}
