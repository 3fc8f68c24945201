//! The statement of a query. Its rows belong to several parts, which the column `part` distinguishes: `total` (how many
//! match, in `size`), `page` (the resources), `groups` and `members` (one list for each owner), `refused` (the query
//! costs too much).

use database::{Failure, Param, Statement};
use scim::{Kind, Paging, Predicate, ScimError, Search, TypeQuery, limits};

use super::order::Ordering;
use super::parts::{self, Select};
use super::places::PageStart;
use crate::filter::{self, Needs, is_unique, led_by};
use crate::store::record::COLUMNS;
use crate::{Context, whole};

pub(super) struct Query<'q> {
    context: &'q Context<'q>,
    search: &'q Search<'q>,
    /// The condition on the rows `r`.
    condition: String,
    order: Ordering,
    needs: Needs,
    /// How many of the rows to skip stand before the place that `after` leads to.
    passed: usize,
    /// Whether an index leads to the matches, so that evaluating the condition again costs next to nothing.
    is_led: bool,
}

impl<'q> Query<'q> {
    /// Prepares a query. `place` is where to begin, if it is known for a page by index.
    pub(super) fn new(
        context: &'q Context<'q>,
        search: &'q Search<'q>,
        place: Option<PageStart>,
    ) -> Query<'q> {
        let mut needs = Needs::default();
        let mut branches = Vec::new();
        let mut is_led = true;
        let is_alone = search.branches.len() == 1;
        for TypeQuery { kind, filter, .. } in &search.branches {
            let of_type = format!("r.tenant = +?1 AND r.type = '{}'", kind.name());
            branches.push(match filter {
                Some(filter) => {
                    let leading = led_by(*kind, filter).filter(|leading| is_alone || !is_or(leading));
                    let condition = priced(*kind, filter, leading, &mut needs);
                    is_led &= leading.is_some();
                    match leading {
                        // The alternatives name the tenant and type themselves, each for its index; `+` keeps SQLite
                        // from using an index for these here.
                        Some(leading) if is_or(leading) => {
                            format!("+r.tenant = +?1 AND +r.type = '{}' AND ({condition})", kind.name())
                        }
                        _ => format!("{of_type} AND ({condition})"),
                    }
                }
                None => of_type,
            });
        }
        let condition = match branches.len() {
            1 => branches.concat(),
            // All resources of the tenant, which the primary key has in the order of the page.
            count if count == context.registry.kinds().count() && !search.is_filtered() => {
                "r.tenant = +?1".to_string()
            }
            _ => format!(
                "r.tenant = +?1 AND ({})",
                branches.iter().map(|branch| format!("({branch})")).collect::<Vec<_>>().join(" OR ")
            ),
        };
        let mut order = Ordering::new(search, &mut needs);
        let passed = place.as_ref().map_or(0, |place| place.skipped);
        if let Some(place) = place {
            order.after = Some(format!("r.id > {}", needs.one(place.id)));
        }
        let is_led = is_led
            && needs.price.rows().is_none()
            && (search.is_filtered() || order.is_by_id)
            && needs.tables().next().is_none();
        Query { context, search, condition, order, needs, passed, is_led }
    }

    /// Returns the statement for the first page of a filter that an index leads to one resource at most: a resource that is
    /// found is the only match. Identity providers look for a resource in this way before they create it.
    pub(super) fn of_one(&self) -> Option<Statement> {
        let [TypeQuery { kind, filter: Some(filter), .. }] = self.search.branches.as_slice() else {
            return None;
        };
        let is_one =
            led_by(*kind, filter).is_some_and(|leading| !is_or(leading) && is_unique(*kind, leading));
        let is_first_page =
            self.search.count > 0 && self.search.order.is_none() && self.search.paging == Paging::Index(1);
        if !(self.is_led && is_one && is_first_page) {
            return None;
        }
        let condition = &self.condition;
        let sql = match self.shown().is_empty() {
            true => format!("SELECT {COLUMNS} FROM resources AS r WHERE {condition}"),
            false => whole::select_where(*kind, condition),
        };
        (sql.len() <= limits::STATEMENT)
            .then(|| Statement::new(sql, vec![self.context.tenant.into(), Param::Null, self.needs.param()]))
    }

    /// Returns whether the matches are counted. Counting filtered matches means looking at all of them, which is
    /// worth it only for the first page.
    pub(super) fn is_counted(&self) -> bool {
        !self.search.is_filtered() || !matches!(self.search.paging, Paging::Cursor { after: Some(_), .. })
    }

    /// Returns the types whose memberships are shown.
    pub(super) fn shown(&self) -> Vec<Kind> {
        let kinds = self.search.branches.iter().map(|branch| branch.kind);
        kinds
            .filter(|kind| self.search.count > 0 && self.search.projection.includes_memberships(*kind))
            .collect()
    }

    /// Returns one of the shown types for each walk from a page to memberships: to members, and to groups.
    fn walks(&self) -> Vec<Kind> {
        let mut walks: Vec<Kind> = Vec::new();
        for kind in self.shown() {
            if walks.iter().all(|walk| walk.has_members() != kind.has_members()) {
                walks.push(kind);
            }
        }
        walks
    }

    /// Returns the statement for everything that the response needs.
    ///
    /// # Errors
    /// 400 `tooMany` if the filter is longer than D1 takes.
    pub(super) fn statement(&self) -> Result<Statement, Failure> {
        let is_short = |text: &String| text.len() <= limits::STATEMENT;
        // A filter that does not fit twice may fit once.
        let text = self.is_led.then(|| self.asked_again().text()).filter(is_short);
        let text = text.or_else(|| Some(self.asked_once().text()).filter(is_short));
        let too_long = || ScimError::too_many("the filter has more terms than one query can hold");
        Ok(Statement::new(text.ok_or_else(too_long)?, self.params()))
    }

    /// Returns the parts, each of which finds the matches anew: an index finds them, or they are all resources in the
    /// order of their ids.
    fn asked_again(&self) -> Selects {
        let mut parts = Selects::default();
        if self.is_counted() {
            parts.selects.push(match self.search.is_filtered() {
                true => Select::new("total", self.from()).with("size", "count(*)"),
                false => self.known_total(),
            });
        }
        if self.search.count == 0 {
            return parts;
        }
        let page = parts::resources(self.order.key.as_deref(), self.from());
        parts.selects.push(page.cut(format!("ORDER BY {} LIMIT +?2 OFFSET +?4", self.order.by)));
        let (shown, walks) = (self.shown(), self.walks());
        if !walks.is_empty() {
            let matches = format!("({})", self.matches());
            // The users of a page may be distinguished, and sorted, by their ids.
            let by_ids =
                self.order.is_by_id && shown.len() == 1 && !walks.iter().any(|kind| kind.has_members());
            parts.tables.push(match by_ids {
                true => self.page("", "id", &matches),
                false => self.page("MATERIALIZED", &self.numbered(), &matches),
            });
        }
        walks.into_iter().for_each(|kind| parts.walk(kind));
        parts
    }

    /// Returns the parts, for which the matches are found once, unless the query is refused for its price.
    fn asked_once(&self) -> Selects {
        let (is_filtered, is_counted) = (self.search.is_filtered(), self.is_counted());
        let mut parts = Selects::default();
        let price = self.needs.price.rows();
        parts.tables.extend(price.as_ref().map(|rows| {
            format!("allowed AS MATERIALIZED (SELECT 1 AS is_so WHERE {rows} <= {})", limits::QUERY_ROWS)
        }));
        parts.tables.extend(self.needs.tables());
        let matches = if is_filtered && is_counted {
            parts.tables.push(format!("hits AS MATERIALIZED ({})", self.matches()));
            "hits".to_string()
        } else {
            format!("({})", self.matches())
        };
        if is_counted {
            parts.selects.push(match is_filtered {
                true => Select::new("total", "FROM hits").with("size", "count(*)"),
                false => self.known_total(),
            });
        }
        if self.search.count > 0 {
            parts.tables.push(self.page("MATERIALIZED", &self.numbered(), &matches));
            parts.selects.push(parts::found(!self.order.is_by_id));
            self.walks().into_iter().for_each(|kind| parts.walk(kind));
        }
        let refused = price.map(|_| "NOT EXISTS (SELECT 1 FROM allowed)".to_string());
        let refused: Vec<String> = refused.into_iter().chain(self.needs.is_ended()).collect();
        if !refused.is_empty() {
            parts.selects.push(Select::new("refused", format!("WHERE {}", refused.join(" OR "))));
        }
        parts
    }

    fn params(&self) -> Vec<Param> {
        let (limit, offset) = match self.search.paging {
            Paging::Index(start_index) => {
                (self.search.count, start_index.saturating_sub(1).saturating_sub(self.passed))
            }
            // One more row shows whether another page follows.
            Paging::Cursor { .. } => (self.search.count.saturating_add(1), 0),
        };
        vec![self.context.tenant.into(), number(limit), self.needs.param(), number(offset)]
    }

    fn numbered(&self) -> String {
        format!("row_number() OVER (ORDER BY {})", self.order.by)
    }

    /// Returns the types and ids of the page, in their order.
    fn page(&self, kept: &str, place: &str, matches: &str) -> String {
        let by = &self.order.by;
        format!(
            "page AS {kept} (SELECT {place} AS place, type, id, sort_key \
             FROM (SELECT type, id, sort_key FROM {matches} ORDER BY {by} LIMIT +?2 OFFSET +?4))"
        )
    }

    /// Returns the types and ids of the matches, and the values that they are sorted by.
    fn matches(&self) -> String {
        let key = self.order.key.as_deref().unwrap_or("NULL");
        format!("SELECT r.type AS type, r.id AS id, {key} AS sort_key {}", self.from())
    }

    /// Returns the FROM of the matches. Without `allowed` nothing is walked through. A query may use neither a value
    /// nor a limit, but all parameters must occur in it, since they are bound.
    fn from(&self) -> String {
        let gate = self.needs.gate();
        let join = self.needs.join.as_deref().unwrap_or_default();
        let after = self.order.after.as_deref().map(|after| format!(" AND ({after})")).unwrap_or_default();
        format!(
            "FROM {gate}resources AS r{join} WHERE {}{after} \
             AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
            self.condition
        )
    }

    /// Returns how many resources there are, which is counted already.
    fn known_total(&self) -> Select {
        let types: Vec<String> =
            self.search.branches.iter().map(|branch| format!("'{}'", branch.kind.name())).collect();
        let from = format!(
            "FROM totals WHERE tenant = +?1 AND type IN ({}) AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
            types.join(", ")
        );
        Select::new("total", from).with("size", "coalesce(sum(total), 0)")
    }
}

/// The parts of a statement: tables of its WITH, and SELECTs.
#[derive(Default)]
struct Selects {
    tables: Vec<String>,
    selects: Vec<Select>,
}

impl Selects {
    fn text(&self) -> String {
        let with = match self.tables.is_empty() {
            true => String::new(),
            false => format!("WITH RECURSIVE {} ", self.tables.join(", ")),
        };
        format!("{with}{}", parts::union(&self.selects))
    }

    /// Adds the walk from the table `page` to the memberships of its resources of that type.
    fn walk(&mut self, kind: Kind) {
        let (table, list) = parts::memberships_of_page(kind);
        self.tables.push(table);
        self.selects.push(list);
    }
}

/// Returns the condition, and adds its price to what the query needs. The part that an index leads to is not compared
/// with all resources of the type.
fn priced(kind: Kind, filter: &Predicate<'_>, leading: Option<&Predicate<'_>>, needs: &mut Needs) -> String {
    let before = needs.price.clone();
    let condition = filter::condition(kind, filter, needs);
    let Some(leading) = leading else { return condition };
    let after = needs.price.clone();
    // If the filter has few comparisons beyond those of the index, it costs as much as counting its rows.
    let counts = !is_unique(kind, leading) && filter.terms() > leading.terms() + limits::FREE_TERMS;
    let counted = counts.then(|| {
        let leading = filter::condition(kind, leading, needs);
        let kind = kind.name();
        format!(
            "(SELECT count(*) FROM resources AS r WHERE r.tenant = +?1 AND r.type = '{kind}' AND {leading})"
        )
    });
    needs.price = after;
    needs.price.lead(kind, &before, counted);
    condition
}

fn is_or(filter: &Predicate<'_>) -> bool {
    matches!(filter, Predicate::Or(_))
}

/// Returns a number as a parameter. D1 binds numbers as doubles, which are exact up to 2^53; no directory has that
/// many resources.
fn number(value: usize) -> Param {
    i64::try_from(value).unwrap_or(i64::MAX).min(1 << 53).into()
}
