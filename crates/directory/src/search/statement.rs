//! The statements of a query. Their rows are of several parts, which the column `part` tells apart: `total` (how many match,
//! in `size`), `page` (the resources), `groups` and `members` (a list each owner), `refused` (the query costs too much).

use database::{Failure, Param, Statement};
use scim::{Kind, Paging, Predicate, ScimError, Search, TypeQuery, limits};

use super::order::Ordering;
use super::parts::{self, row};
use super::places::Place;
use crate::Context;
use crate::filter::{self, Needs, is_unique, led_by};

pub(super) struct Query<'q> {
    context: &'q Context<'q>,
    search: &'q Search<'q>,
    /// Which rows `r` match.
    condition: String,
    order: Ordering,
    needs: Needs,
    /// How many of those to be skipped stand before what `after` leads to.
    passed: usize,
    /// Whether an index leads to what matches, so that to ask again costs next to nothing.
    is_led: bool,
}

impl<'q> Query<'q> {
    /// `place` is where to begin, where that is known of a page by index.
    pub(super) fn new(context: &'q Context<'q>, search: &'q Search<'q>, place: Option<Place>) -> Query<'q> {
        let mut needs = Needs::default();
        let mut branches = Vec::new();
        let mut is_led = true;
        let is_alone = search.branches.len() == 1;
        for TypeQuery { kind, filter, .. } in &search.branches {
            let of_type = format!("r.tenant = ?1 AND r.type = '{}'", kind.name());
            branches.push(match filter {
                Some(filter) => {
                    let leading = led_by(*kind, filter).filter(|leading| is_alone || !is_or(leading));
                    let condition = priced(*kind, filter, leading, &mut needs);
                    is_led &= leading.is_some();
                    match leading {
                        // The alternatives say it themselves, each for its index; `+` keeps it from one of its own.
                        Some(leading) if is_or(leading) => {
                            format!("+r.tenant = ?1 AND +r.type = '{}' AND ({condition})", kind.name())
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
                "r.tenant = ?1".to_string()
            }
            _ => format!(
                "r.tenant = ?1 AND ({})",
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

    /// Filtered matches are counted by looking at all of them, which no page but the first is worth.
    pub(super) fn is_counted(&self) -> bool {
        !self.search.is_filtered() || !matches!(self.search.paging, Paging::Cursor { after: Some(_), .. })
    }

    /// The kinds whose memberships are shown.
    pub(super) fn shown(&self) -> Vec<Kind> {
        let kinds = self.search.branches.iter().map(|branch| branch.kind);
        kinds
            .filter(|kind| self.search.count > 0 && self.search.projection.includes_memberships(*kind))
            .collect()
    }

    /// One of the shown kinds for each walk from a page to memberships: to members, and to groups.
    fn walks(&self) -> Vec<Kind> {
        let mut walks: Vec<Kind> = Vec::new();
        for kind in self.shown() {
            if walks.iter().all(|walk| walk.has_members() != kind.has_members()) {
                walks.push(kind);
            }
        }
        walks
    }

    /// All that the answer needs, in one transaction.
    ///
    /// # Errors
    /// 400 `tooMany` if the filter is longer than D1 takes.
    pub(super) fn statements(&self) -> Result<Vec<Statement>, Failure> {
        let texts = if self.is_led { self.asked_again() } else { vec![self.asked_once()] };
        if texts.iter().any(|text| text.len() > limits::STATEMENT) {
            return Err(ScimError::too_many("the filter has more terms than one query can hold").into());
        }
        Ok(texts.into_iter().map(|text| Statement::new(text, self.params())).collect())
    }

    /// A statement for each part, where what matches is found by an index, or is all there is in the order of its ids.
    fn asked_again(&self) -> Vec<String> {
        let mut statements = Vec::new();
        if self.is_counted() {
            statements.push(match self.search.is_filtered() {
                true => row("total", &[("size", "count(*)")], &self.from()),
                false => self.known_total(),
            });
        }
        if self.search.count == 0 {
            return statements;
        }
        let columns = parts::of_resource(&self.order.key);
        let by = &self.order.by;
        statements.push(format!("{} ORDER BY {by} LIMIT ?2 OFFSET ?4", row("page", &columns, &self.from())));
        let shown = self.shown();
        for kind in self.walks() {
            // The users of a page may be told apart, and put in order, by their ids.
            let matches = format!("({})", self.matches());
            let page = match self.order.is_by_id && shown.len() == 1 && !kind.has_members() {
                true => self.page("", "id", &matches),
                false => self.page("MATERIALIZED", &self.numbered(), &matches),
            };
            let (table, list) = parts::memberships_of_page(kind);
            statements.push(format!("WITH RECURSIVE {page}, {table} {list}"));
        }
        statements
    }

    /// One statement, in which what matches is found once, if that is not refused for its price.
    fn asked_once(&self) -> String {
        let (is_filtered, is_counted) = (self.search.is_filtered(), self.is_counted());
        let mut tables = Vec::new();
        let mut selects = Vec::new();
        let price = self.needs.price.rows();
        tables.extend(price.as_ref().map(|rows| {
            format!("allowed AS MATERIALIZED (SELECT 1 AS is_so WHERE {rows} <= {})", limits::QUERY_ROWS)
        }));
        tables.extend(self.needs.tables());
        let matches = if is_filtered && is_counted {
            tables.push(format!("hits AS MATERIALIZED ({})", self.matches()));
            "hits".to_string()
        } else {
            format!("({})", self.matches())
        };
        if is_counted {
            selects.push(match is_filtered {
                true => row("total", &[("size", "count(*)")], "FROM hits"),
                false => self.known_total(),
            });
        }
        if self.search.count > 0 {
            tables.push(self.page("MATERIALIZED", &self.numbered(), &matches));
            selects.push(parts::found());
            for kind in self.walks() {
                let (table, list) = parts::memberships_of_page(kind);
                tables.push(table);
                selects.push(list);
            }
        }
        let refused = price.map(|_| "NOT EXISTS (SELECT 1 FROM allowed)".to_string());
        let refused: Vec<String> = refused.into_iter().chain(self.needs.is_ended()).collect();
        if !refused.is_empty() {
            selects.push(row("refused", &[], &format!("WHERE {}", refused.join(" OR "))));
        }
        let with = match tables.is_empty() {
            true => String::new(),
            false => format!("WITH RECURSIVE {} ", tables.join(", ")),
        };
        format!("{with}{}", selects.join(" UNION ALL "))
    }

    fn params(&self) -> Vec<Param> {
        let (limit, offset) = match self.search.paging {
            Paging::Index(start_index) => {
                (self.search.count, start_index.saturating_sub(1).saturating_sub(self.passed))
            }
            // A row more says whether a page follows.
            Paging::Cursor { .. } => (self.search.count.saturating_add(1), 0),
        };
        vec![self.context.tenant.into(), number(limit), self.needs.param(), number(offset)]
    }

    fn numbered(&self) -> String {
        format!("row_number() OVER (ORDER BY {})", self.order.by)
    }

    /// The types and ids of the page, in their places.
    fn page(&self, kept: &str, place: &str, matches: &str) -> String {
        let by = &self.order.by;
        format!(
            "page AS {kept} (SELECT {place} AS place, type, id, sort_key \
             FROM (SELECT type, id, sort_key FROM {matches} ORDER BY {by} LIMIT ?2 OFFSET ?4))"
        )
    }

    /// The types and ids of what matches, and the values that they are sorted by.
    fn matches(&self) -> String {
        format!("SELECT r.type AS type, r.id AS id, {} AS sort_key {}", self.order.key, self.from())
    }

    /// The FROM of what matches. Without `allowed` nothing is walked through. A query may speak of no value or of no limit
    /// at all; all parameters have to occur all the same, since they are bound.
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

    /// How many resources there are, which is counted already.
    fn known_total(&self) -> String {
        let types: Vec<String> =
            self.search.branches.iter().map(|branch| format!("'{}'", branch.kind.name())).collect();
        let from = format!(
            "FROM totals WHERE tenant = ?1 AND type IN ({}) AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
            types.join(", ")
        );
        row("total", &[("size", "coalesce(sum(total), 0)")], &from)
    }
}

/// The condition, whose price is added to what the query needs. What an index leads to is not all of a type.
fn priced(kind: Kind, filter: &Predicate<'_>, leading: Option<&Predicate<'_>>, needs: &mut Needs) -> String {
    let before = needs.price.clone();
    let condition = filter::condition(kind, filter, needs);
    let Some(leading) = leading else { return condition };
    let after = needs.price.clone();
    // What is nothing but led costs as much as to count it.
    let counts = !is_unique(kind, leading) && filter.terms() > leading.terms() + limits::FREE_TERMS;
    let counted = counts.then(|| {
        let leading = filter::condition(kind, leading, needs);
        let kind = kind.name();
        format!(
            "(SELECT count(*) FROM resources AS r WHERE r.tenant = ?1 AND r.type = '{kind}' AND {leading})"
        )
    });
    needs.price = after;
    needs.price.lead(kind, &before, counted);
    condition
}

fn is_or(filter: &Predicate<'_>) -> bool {
    matches!(filter, Predicate::Or(_))
}

/// D1 binds numbers as doubles, which are exact to 2^53; no directory has that many resources.
fn number(value: usize) -> Param {
    i64::try_from(value).unwrap_or(i64::MAX).min(1 << 53).into()
}
