//! Queries (RFC 7644 s3.4.2): one round trip. What does not match is never loaded.

use scim::{Outcome, Page, Resource, Search};
use serde_json::Value;

use crate::record::{self, COLUMNS};
use crate::selection::Selection;
use crate::{Context, Database, Failure, Param, Statement, relations};

pub(crate) async fn search(
    database: &impl Database,
    context: &Context<'_>,
    search: &Search<'_>,
) -> Result<Outcome, Failure> {
    let selection = search.filter.as_ref().map(|filter| Selection::new(search.kind, filter)).transpose()?;
    let query = Query { context, search, selection };
    let shows_relation = search.count > 0 && search.projection.shows_relation(search.kind);
    let mut statements = vec![query.total()];
    if search.count > 0 {
        statements.push(query.page(COLUMNS));
    }
    if shows_relation {
        let Statement { sql, params } = query.page("r.id");
        statements.push(relations::read(search.kind, &sql, params));
    }
    let mut answers = database.run(statements).await?.into_iter();
    let total = match answers.next().unwrap_or_default().first() {
        Some(row) => row.integer("total")?,
        None => 0,
    };
    let rows = answers.next().unwrap_or_default();
    let mut resources = rows.iter().map(record::resource).collect::<Result<Vec<Resource>, _>>()?;
    if shows_relation {
        relations::attach(&mut resources, &answers.next().unwrap_or_default())?;
    }
    let total = usize::try_from(total).unwrap_or_default();
    Ok(Outcome::Page(Page { total, start_index: search.start_index, resources }))
}

struct Query<'q> {
    context: &'q Context<'q>,
    search: &'q Search<'q>,
    selection: Option<Selection>,
}

impl Query<'_> {
    fn params(&self) -> Vec<Param> {
        vec![self.context.tenant.into(), self.search.kind.name().into()]
    }

    /// How many match. All resources of a type are counted already.
    fn total(&self) -> Statement {
        let mut params = self.params();
        let Some(selection) = &self.selection else {
            return Statement::new("SELECT total FROM totals WHERE tenant = ?1 AND type = ?2", params);
        };
        params.push(selection.literals());
        let condition = &selection.condition;
        let sql = format!(
            "SELECT count(*) AS total FROM resources AS r \
             WHERE r.tenant = ?1 AND r.type = ?2 AND ?3 IS NOT NULL AND ({condition})"
        );
        Statement::new(sql, params)
    }

    /// One page, in the order of ids, which is the order of creation. `?3` stands in it whether the condition
    /// speaks of values or not: a parameter that is bound and not there is an error.
    fn page(&self, columns: &str) -> Statement {
        // `+` keeps SQLite from walking through all ids for their order where an index leads to the few that match.
        let (condition, order) = match &self.selection {
            Some(selection) => (format!(" AND ({})", selection.condition), "+r.id"),
            None => (String::new(), "r.id"),
        };
        let sql = format!(
            "SELECT {columns} FROM resources AS r WHERE r.tenant = ?1 AND r.type = ?2 AND ?3 IS NOT NULL{condition} \
             ORDER BY {order} LIMIT ?4 OFFSET ?5"
        );
        let mut params = self.params();
        params.push(
            self.selection
                .as_ref()
                .map_or_else(|| Value::Array(Vec::new()).to_string().into(), Selection::literals),
        );
        params.extend([number(self.search.count), number(self.search.start_index.saturating_sub(1))]);
        Statement::new(sql, params)
    }
}

/// D1 binds numbers as doubles, which are exact to 2^53; no directory has that many resources.
fn number(value: usize) -> Param {
    i64::try_from(value).unwrap_or(i64::MAX).min(1 << 53).into()
}
