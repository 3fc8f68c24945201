//! How the provisioning of a tenant does, as numbers: its last cycles, its requests over time, what fails since the last cycle
//! began, and how many users went. What it costs depends neither on the size of the directory nor on the length of the log.
//! For the list of tenants it says whether too many requests of one fail.

use database::{Batch, Failure, Key, Row, Rows, Statement};
use scim::Instant;

use super::departures::{self, Departures};
use super::record::PAUSE;

/// Milliseconds that are looked back: a day.
const DAY: i64 = 86_400_000;
/// Milliseconds of one span of requests: half an hour, which makes 48 of them.
pub const SPAN: i64 = 1_800_000;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// A tenant is failing if more than so many percent of its requests of the last hour have failed, and at least so many.
const FAILING: (i64, i64) = (40, 10);

/// SQL of whether the requests of a row are of a client that is known, and were not too many.
const IS_ASKED: &str = "(operation <> 'unauthenticated' AND status <> 429)";
/// SQL of whether the requests of a row were refused or have failed, and the client may not just try again.
const HAS_FAILED: &str = "(operation <> 'unauthenticated' AND status >= 400 AND status <> 429)";

/// How the provisioning of a tenant does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// When the last authenticated request came.
    pub last_request: Option<Instant>,
    /// The last cycle.
    pub cycle: Option<Cycle>,
    /// The one before it.
    pub previous: Option<Cycle>,
    /// Requests of the last day in spans of half an hour, the oldest first. A span without requests is left out.
    pub spans: Vec<Span>,
    /// What was asked and what failed since the last cycle began, but at most within a day.
    pub failures: Failures,
    /// Users that were disabled or deleted of late.
    pub departures: Departures,
}

/// A cycle: requests without a pause of five minutes between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// When it began.
    pub began: Instant,
    /// Its last request so far.
    pub last_request: Instant,
    /// Whether the pause after it is long enough.
    pub is_over: bool,
}

/// The requests of one span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub at: Instant,
    /// Requests that were answered.
    pub answered: i64,
    /// Requests that were refused: 400 to 499.
    pub refused: i64,
    /// Requests that failed: 500 and above.
    pub failed: i64,
}

/// What was asked and what failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// Authenticated requests, without those that were too many (429): their client tries again.
    pub requests: i64,
    /// Those that were refused or failed, besides those of groups.
    pub others: i64,
    /// Changes of groups, which mostly are their members, that were refused or failed.
    pub groups: i64,
    /// How many of both came in the last hour.
    pub last_hour: i64,
    /// When the first of them came.
    pub since: Option<Instant>,
    /// Requests without a valid credential since the last one that had one.
    pub unauthenticated: i64,
}

/// What is asked of the database, as part of a batch.
pub(crate) struct HealthKeys {
    marks: Key,
    spans: Key,
    failures: Key,
    departures: Key,
}

impl HealthKeys {
    /// Adds to the batch what is to be read of the tenant.
    pub(crate) fn add(batch: &mut Batch, tenant: &str, now: Instant) -> HealthKeys {
        let marks = "SELECT last_request, cycle_began, cycle_ended, previous_began, previous_ended \
            FROM marks WHERE tenant = +?1";
        HealthKeys {
            marks: batch.add(Statement::new(marks, vec![tenant.into()])),
            spans: batch.add(spans(tenant, now)),
            failures: batch.add(failures(tenant, now)),
            departures: batch.add(departures::departures(tenant, now)),
        }
    }

    /// Reads what the batch has found.
    pub(crate) fn read(&self, rows: &Rows, now: Instant) -> Result<Health, Failure> {
        let missing = || Failure::corrupt("a count has no row");
        let marks = rows.first(self.marks);
        let time = |column: &str| {
            marks.map_or(Ok(None), |row| row.optional_integer(column)).map(|time| time.map(Instant))
        };
        let cycle = |began: &str, ended: &str| -> Result<Option<Cycle>, Failure> {
            let both = time(began)?.zip(time(ended)?);
            let is_over = |ended: Instant| now.0.saturating_sub(ended.0) > PAUSE;
            Ok(both.map(|(began, ended)| Cycle { began, last_request: ended, is_over: is_over(ended) }))
        };
        Ok(Health {
            last_request: time("last_request")?,
            cycle: cycle("cycle_began", "cycle_ended")?,
            previous: cycle("previous_began", "previous_ended")?,
            spans: rows.of(self.spans).iter().map(span).collect::<Result<_, _>>()?,
            failures: rows.first(self.failures).map_or_else(|| Err(missing()), read_failures)?,
            departures: rows.first(self.departures).map_or_else(|| Err(missing()), departures::read)?,
        })
    }
}

/// Returns the statement that counts the requests of each span of the last day.
fn spans(tenant: &str, now: Instant) -> Statement {
    let sum = |of: &str, name: &str| format!("coalesce(sum(requests) FILTER (WHERE {of}), 0) AS {name}");
    let sql = format!(
        "SELECT minute - minute % {SPAN} AS at, {}, {}, {} FROM counters \
         WHERE tenant = +?1 AND minute >= ?2 GROUP BY 1 ORDER BY 1",
        sum("status < 400", "answered"),
        sum("status >= 400 AND status < 500", "refused"),
        sum("status >= 500", "failed")
    );
    let from = now.0 - now.0.rem_euclid(SPAN) - DAY + SPAN;
    Statement::new(sql, vec![tenant.into(), from.into()])
}

fn span(row: &Row) -> Result<Span, Failure> {
    Ok(Span {
        at: Instant(row.integer("at")?),
        answered: row.integer("answered")?,
        refused: row.integer("refused")?,
        failed: row.integer("failed")?,
    })
}

/// Returns the statement that counts what failed since the last cycle began: its client tries again in each cycle what failed in the
/// one before, so that a longer time would count the same failure several times.
fn failures(tenant: &str, now: Instant) -> Statement {
    let mark = |column: &str, none: &str| {
        format!("coalesce((SELECT {column} FROM marks WHERE tenant = +?1), {none})")
    };
    // A counter has the beginning of its minute.
    let since = format!("max(?2 - {DAY}, {} - 60000)", mark("cycle_began", "0"));
    let of_groups = "operation LIKE '% Groups'";
    let sum = |of: &str, name: &str| format!("coalesce(sum(requests) FILTER (WHERE {of}), 0) AS {name}");
    let sql = format!(
        "SELECT {}, {}, {}, {}, {}, min(minute) FILTER (WHERE {HAS_FAILED}) AS since \
         FROM counters WHERE tenant = +?1 AND minute >= {since}",
        sum(IS_ASKED, "requests"),
        sum(&format!("{HAS_FAILED} AND NOT {of_groups}"), "others"),
        sum(&format!("{HAS_FAILED} AND {of_groups}"), "of_groups"),
        sum(&format!("{HAS_FAILED} AND minute >= ?2 - {HOUR}"), "last_hour"),
        sum(
            &format!("operation = 'unauthenticated' AND minute > {}", mark("last_request", "+?2")),
            "unauthenticated"
        ),
    );
    Statement::new(sql, vec![tenant.into(), now.0.into()])
}

/// Returns SQL of whether the tenant is failing at that time (expressions): 1, or 0 or NULL if it is not. It reads the counters of 60 minutes.
/// A stranger's requests, whose operation is `unauthenticated`, and those that were too many (429) are counted on neither side.
pub(crate) fn select_failing(tenant: &str, now: &str) -> String {
    let (percent, least) = FAILING;
    let failed = format!("sum(requests) FILTER (WHERE {HAS_FAILED})");
    format!(
        "(SELECT {failed} >= {least} AND {failed} * 100 > sum(requests) * {percent} FROM counters \
         WHERE tenant = {tenant} AND minute > {now} - {HOUR} AND {IS_ASKED})"
    )
}

fn read_failures(row: &Row) -> Result<Failures, Failure> {
    Ok(Failures {
        requests: row.integer("requests")?,
        others: row.integer("others")?,
        groups: row.integer("of_groups")?,
        last_hour: row.integer("last_hour")?,
        since: row.optional_integer("since")?.map(Instant),
        unauthenticated: row.integer("unauthenticated")?,
    })
}
