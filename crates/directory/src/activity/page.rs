//! A page of the activity: the change log and the refusals, merged by time. Both are read by index from where the page before
//! has ended, and no more rows of them than a bound, however many there are and however few of them are wanted.

use database::{Batch, Database, Failure, Key, Params, Row, Statement};
use scim::{Instant, ScimError};
use serde_json::Value;

use super::correlation::Correlation;
use super::entry;
use super::sequence::{SLACK, sequence_before};

/// Rows of each table that are looked at for a page in which perhaps not all are wanted.
const LOOKED_AT: usize = 500;
/// Rows that are looked at for those of one request: what came within some seconds, of which few are wanted.
const LOOKED_AT_FOR_REQUEST: usize = 5_000;

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Changes of the directory.
    Changed,
    /// Refused requests.
    Refused,
}

/// In which order entries come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The newest first.
    Backward,
    /// The oldest first.
    Forward,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ActivityQuery<'a> {
    /// From when on; None for all.
    pub from: Option<Instant>,
    /// Before when; None for all.
    pub to: Option<Instant>,
    /// Of which kind; None for both.
    pub outcome: Option<Outcome>,
    /// About which resource.
    pub resource: Option<&'a str>,
    /// By which credential.
    pub actor: Option<&'a str>,
    /// Which came with that request.
    pub correlation: Option<Correlation<'a>>,
    /// What was done: `created`, `updated`, `deleted`. Such are changes alone.
    pub operation: Option<&'a str>,
    /// In which order.
    pub direction: Direction,
    /// After which entries; None from the first.
    pub after: Option<Position>,
    /// At most how many.
    pub limit: usize,
}

impl ActivityQuery<'_> {
    /// Returns what is asked for within the time in which it can be: that of the request, if it is asked for.
    fn narrowed(&self) -> Self {
        let Some((from, to)) = self.correlation.map(Correlation::range) else { return self.clone() };
        let from = self.from.map_or(from, |asked| asked.max(from));
        let to = self.to.map_or(to, |asked| asked.min(to));
        ActivityQuery { from: Some(from), to: Some(to), ..self.clone() }
    }
}

/// How far both tables are read: the last row of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    sequence: i64,
    at: i64,
    number: i64,
}

impl Position {
    /// Returns the position before the first row.
    fn first(direction: Direction) -> Position {
        let least = match direction {
            Direction::Backward => MOST,
            Direction::Forward => -1,
        };
        Position { sequence: least, at: least, number: least }
    }

    /// Returns it as text.
    pub fn to_text(self) -> String {
        format!("{}_{}_{}", self.sequence, self.at, self.number)
    }

    /// Parses a position.
    ///
    /// # Errors
    /// 400 if it was not issued by a page.
    pub fn parse(text: &str) -> Result<Position, ScimError> {
        let numbers: Option<Vec<i64>> = text.split('_').map(|number| number.parse().ok()).collect();
        match numbers.as_deref() {
            Some([sequence, at, number]) => Ok(Position { sequence: *sequence, at: *at, number: *number }),
            _ => Err(ScimError::new(400, "the cursor was not issued by a page of the activity")),
        }
    }
}

/// Larger than any key: D1 binds numbers as doubles, which are exact up to 2^53.
const MOST: i64 = 1 << 52;

/// A page.
pub struct Page {
    /// The entries as JSON, in the order that was asked for. There may be fewer than were asked for, even none, although others follow.
    pub entries: Vec<Value>,
    /// Where the next page begins; None if this is the last.
    pub next: Option<Position>,
}

/// A table of which a page is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Changes,
    Refusals,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Changes => "changes",
            Table::Refusals => "refusals",
        }
    }

    /// Returns the columns by which its rows are ordered; the last one is its primary key.
    fn order(self) -> &'static [&'static str] {
        match self {
            Table::Changes => &["seq"],
            Table::Refusals => &["at", "id"],
        }
    }

    fn outcome(self) -> Outcome {
        match self {
            Table::Changes => Outcome::Changed,
            Table::Refusals => Outcome::Refused,
        }
    }

    fn columns(self) -> String {
        match self {
            Table::Changes => format!("c.seq, c.at, {}", entry::change(entry::LARGE, "")),
            Table::Refusals => format!("c.at, c.id AS number, {}", entry::refusal()),
        }
    }

    /// Returns the position with the row as the last one of this table.
    fn moved(self, position: Position, row: &Row) -> Result<Position, Failure> {
        Ok(match self {
            Table::Changes => Position { sequence: row.integer("seq")?, ..position },
            Table::Refusals => {
                Position { at: row.integer("at")?, number: row.integer("number")?, ..position }
            }
        })
    }
}

/// The rows of a table, and the last one that was looked at; None if all were.
struct Stream<'r> {
    table: Table,
    rows: std::iter::Peekable<std::slice::Iter<'r, Row>>,
    end: Option<&'r Row>,
}

/// Reads a page.
///
/// # Errors
/// If the database fails.
pub async fn read(
    database: &impl Database,
    tenant: &str,
    asked: &ActivityQuery<'_>,
) -> Result<Page, Failure> {
    let asked = &asked.narrowed();
    let position = asked.after.unwrap_or(Position::first(asked.direction));
    let tables = [Table::Changes, Table::Refusals].into_iter();
    let tables = tables.filter(|table| asked.outcome.is_none_or(|wanted| wanted == table.outcome()));
    let tables = tables.filter(|table| asked.operation.is_none() || *table == Table::Changes);
    let mut batch = Batch::new();
    let keys: Vec<(Table, Key, Key)> = tables
        .map(|table| {
            let rows = batch.add(wanted(table, tenant, asked, position));
            (table, rows, batch.add(last(table, tenant, asked, position)))
        })
        .collect();
    let rows = batch.query(database).await?;
    let streams = keys.into_iter().map(|(table, wanted, last)| Stream {
        table,
        rows: rows.of(wanted).iter().peekable(),
        end: rows.first(last),
    });
    merge(streams.collect(), position, asked)
}

/// Returns how many rows of a table are looked at: more than are wanted if some may be of another credential or kind, or, on the first
/// page of a range of times, from beyond its end.
fn looked_at(asked: &ActivityQuery<'_>) -> usize {
    let end = match asked.direction {
        Direction::Backward => asked.to,
        Direction::Forward => asked.from,
    };
    if asked.correlation.is_some() {
        return LOOKED_AT_FOR_REQUEST;
    }
    let is_picked =
        asked.actor.is_some() || asked.operation.is_some() || asked.after.is_none() && end.is_some();
    let least = asked.limit + 1;
    if is_picked { LOOKED_AT.max(least) } else { least }
}

/// Returns SQL of rows in their order, from the position on.
fn window(
    table: Table,
    columns: &str,
    asked: &ActivityQuery<'_>,
    position: Position,
    params: &mut Params,
) -> String {
    let mut conditions = vec!["o.tenant = +?1".to_string()];
    conditions.extend(asked.resource.map(|id| format!("o.resource_id = {}", params.add(id))));
    conditions.extend(match table {
        Table::Changes => range_of_changes(asked, position, params),
        Table::Refusals => range_of_refusals(asked, position, params),
    });
    format!(
        "SELECT {columns} FROM {} AS o WHERE {} ORDER BY {}",
        table.name(),
        conditions.join(" AND "),
        list(table.order(), "o.", asked.direction.sql())
    )
}

/// Returns SQL of the range of sequences: one bound on each side, since SQLite would walk from one to the other if there were
/// two on one side.
fn range_of_changes(asked: &ActivityQuery<'_>, position: Position, params: &mut Params) -> [String; 2] {
    let mut sequence = |time: Option<Instant>, slack: i64| {
        time.map(|time| sequence_before(&params.add(time.0.saturating_add(slack))))
    };
    let (from, to) = (sequence(asked.from, -SLACK), sequence(asked.to, SLACK));
    let position = params.add(position.sequence);
    let (mut least, mut most) = (from.unwrap_or("-1".into()), to.unwrap_or(MOST.to_string()));
    match asked.direction {
        Direction::Backward => most = format!("min({most}, {position} - 1)"),
        Direction::Forward => least = format!("max({least}, {position})"),
    }
    [format!("o.seq > {least}"), format!("o.seq <= {most}")]
}

/// Returns SQL of the range of times and ids.
fn range_of_refusals(asked: &ActivityQuery<'_>, position: Position, params: &mut Params) -> [String; 2] {
    // No id is negative: the first is before all rows of that time.
    let bound = |time: Option<Instant>, none: i64| (time.map_or(none, |time| time.0), -1);
    let (mut least, mut most) = (bound(asked.from, -1), bound(asked.to, MOST));
    match asked.direction {
        Direction::Backward => most = most.min((position.at, position.number)),
        Direction::Forward => least = least.max((position.at, position.number)),
    }
    let mut pair = |(at, number): (i64, i64)| format!("({}, {})", params.add(at), params.add(number));
    [format!("(o.at, o.id) > {}", pair(least)), format!("(o.at, o.id) < {}", pair(most))]
}

/// Selects the rows that are wanted of those that are looked at.
fn wanted(table: Table, tenant: &str, asked: &ActivityQuery<'_>, position: Position) -> Statement {
    let mut params = Params::default();
    params.add(tenant);
    let window = window(table, &list(table.order(), "o.", ""), asked, position, &mut params);
    let looked_at = looked_at(asked);
    let key = table.order().last().copied().unwrap_or_default();
    let mut conditions = vec!["true".to_string()];
    conditions.extend(asked.correlation.map(|of| format!("c.correlation_id = {}", params.add(of.id))));
    conditions.extend(asked.actor.map(|actor| format!("c.actor = {}", params.add(actor))));
    let operation = asked.operation.filter(|_| table == Table::Changes);
    conditions.extend(operation.map(|name| format!("c.change->>'$.op' = {}", params.add(name))));
    conditions.extend(asked.from.map(|from| format!("c.at >= {}", params.add(from.0))));
    conditions.extend(asked.to.map(|to| format!("c.at < {}", params.add(to.0))));
    let sql = format!(
        "SELECT {} FROM ({window} LIMIT {looked_at}) AS page CROSS JOIN {} AS c ON c.{key} = page.{key} WHERE {} ORDER BY {} LIMIT {}",
        table.columns(),
        table.name(),
        conditions.join(" AND "),
        list(table.order(), "page.", asked.direction.sql()),
        // One that does not fit into the page says that others follow.
        asked.limit + 1
    );
    Statement::new(sql, params.into())
}

/// Selects the last row that is looked at, if there are as many.
fn last(table: Table, tenant: &str, asked: &ActivityQuery<'_>, position: Position) -> Statement {
    let mut params = Params::default();
    params.add(tenant);
    let keys = match table {
        Table::Changes => "o.seq",
        Table::Refusals => "o.at, o.id AS number",
    };
    let window = window(table, keys, asked, position, &mut params);
    Statement::new(format!("{window} LIMIT 1 OFFSET {}", looked_at(asked) - 1), params.into())
}

impl Direction {
    fn sql(self) -> &'static str {
        match self {
            Direction::Backward => " DESC",
            Direction::Forward => "",
        }
    }
}

fn list(columns: &[&str], before: &str, after: &str) -> String {
    columns.iter().map(|column| format!("{before}{column}{after}")).collect::<Vec<_>>().join(", ")
}

/// Merges the tables by time. A table of which no more is known ends the page, since its next row may come first.
fn merge(
    mut streams: Vec<Stream<'_>>,
    mut position: Position,
    asked: &ActivityQuery<'_>,
) -> Result<Page, Failure> {
    let mut entries = Vec::new();
    while entries.len() < asked.limit {
        if streams.iter_mut().any(|stream| stream.rows.peek().is_none() && stream.end.is_some()) {
            break;
        }
        let mut best: Option<(usize, i64)> = None;
        for (place, stream) in streams.iter_mut().enumerate() {
            let Some(row) = stream.rows.peek() else { continue };
            let at = row.integer("at")?;
            let is_better = best.is_none_or(|(_, best)| match asked.direction {
                Direction::Backward => at > best,
                Direction::Forward => at < best,
            });
            if is_better {
                best = Some((place, at));
            }
        }
        let Some(stream) = best.and_then(|(place, _)| streams.get_mut(place)) else { break };
        let Some(row) = stream.rows.next() else { break };
        position = stream.table.moved(position, row)?;
        entries.push(entry::parsed(row, "entry")?);
    }
    let mut more = false;
    for stream in &mut streams {
        match (stream.rows.peek(), stream.end) {
            (Some(_), _) => more = true,
            (None, Some(end)) => {
                more = true;
                position = stream.table.moved(position, end)?;
            }
            (None, None) => {}
        }
    }
    Ok(Page { entries, next: more.then_some(position) })
}
