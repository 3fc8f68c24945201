//! How many users were disabled or deleted of late, and how many may be. A wrong scope or a mistake at the identity provider takes
//! everyone's access within one cycle, and each of its requests looks right by itself.
//!
//! What lives here: counting. What does not: saying it, once a cycle (`guard`).

use database::{Failure, Row, Statement};
use scim::Instant;

use super::sequence::{SLACK, sequence_before};

/// The number of users that may be disabled or deleted in one cycle, however small the tenant is.
const FEW: i64 = 20;
/// The percentage of its users that may be disabled or deleted in one cycle, if that is more than these few.
const SHARE: i64 = 10;
/// The number of users that may be disabled or deleted in one cycle, however large the tenant is.
const MANY: i64 = 2_000;
/// The greatest number that may be set for a tenant. More can be counted also where each of the users is disabled, leaves seventeen groups
/// and is deleted, which logs a row for each of these.
pub const MOST_DEPARTURES: i64 = 10_000;
/// Rows of the log that are looked at, the newest first: of any kind, of which the type alone is read, and of users, whose JSON is.
const ROWS: i64 = 200_000;
const ROWS_OF_USERS: i64 = 25_000;
/// Milliseconds that are looked at in any case: an hour.
const HOUR: i64 = 3_600_000;
/// Milliseconds for which the last cycle is looked at: a week.
pub(super) const WEEK: i64 = 168 * HOUR;

/// Users that were disabled or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departures {
    /// How many, each once; of very many changes the newest are looked at.
    pub users: i64,
    /// How many users there would be without the deletions among them.
    pub of: i64,
    /// Since when: the beginning of the last cycle, or an hour ago if that is earlier.
    pub since: Instant,
    /// How many may go: what is set for the tenant, or more than 20 and more than 10 % of its users, at most 2,000.
    pub threshold: i64,
}

impl Departures {
    /// Returns whether they are so many that a person should look.
    pub fn is_mass(&self) -> bool {
        self.users > self.threshold
    }
}

/// Returns SQL of when the last cycle of the tenant `?1` began; `none` (an expression) if that is not known.
pub(super) fn cycle_began(none: &str) -> String {
    format!("coalesce((SELECT cycle_began FROM marks WHERE tenant = +?1), {none})")
}

/// Returns SQL of the time from which on they are counted at the time `?2`.
pub(super) fn since() -> String {
    format!("max(?2 - {WEEK}, min(?2 - {HOUR}, {}))", cycle_began("+?2"))
}

/// Returns SQL of what a row `c` of the log says of a user who went: `deleted`, `disabled`, or NULL if it says something else. A row
/// says of a user what is so after the change, or before the deletion.
pub(super) fn departure() -> &'static str {
    "CASE WHEN c.resource_type <> 'User' THEN NULL WHEN c.change->>'$.op' = 'deleted' THEN 'deleted' \
     WHEN c.change->>'$.resource.active' = 0 AND EXISTS (SELECT 1 FROM json_each(c.change, '$.changes') AS one \
     WHERE one.value->>'$.path' = 'active') THEN 'disabled' END"
}

/// Returns SQL that counts them for the tenant `?1` at the time `?2`, since a time (an expression), by the index of the log: a bounded
/// number of rows from the newest on. Users whose rows lie before these are in neither number.
pub(super) fn counted(since: &str) -> String {
    let before = sequence_before(&format!("({since}) - {SLACK}"));
    let of_users = format!(
        "SELECT seq FROM (SELECT seq, resource_type FROM changes WHERE tenant = +?1 AND seq > {before} ORDER BY seq DESC LIMIT {ROWS}) \
         WHERE resource_type = 'User' ORDER BY seq DESC LIMIT {ROWS_OF_USERS}"
    );
    let gone = format!(
        "SELECT c.resource_id AS id, CASE WHEN c.at >= {since} THEN {} END AS kind \
         FROM ({of_users}) AS o CROSS JOIN changes AS c ON c.seq = o.seq",
        departure()
    );
    let users = format!(
        "SELECT count(DISTINCT id) AS users, count(DISTINCT id) FILTER (WHERE kind = 'deleted') \
         + coalesce((SELECT total FROM totals WHERE tenant = +?1 AND type = 'User'), 0) AS of_users, \
         CAST({since} AS INTEGER) AS since FROM ({gone}) WHERE kind IS NOT NULL"
    );
    format!(
        "SELECT users, of_users, since, coalesce((SELECT mass_deprovisioning FROM guards WHERE tenant = +?1), \
         max({FEW}, min(of_users * {SHARE} / 100, {MANY}))) AS threshold FROM ({users})"
    )
}

/// Returns the statement that counts them.
pub(super) fn departures(tenant: &str, now: Instant) -> Statement {
    Statement::new(counted(&since()), vec![tenant.into(), now.0.into()])
}

/// Reads a row of [`counted`].
pub(super) fn read(row: &Row) -> Result<Departures, Failure> {
    Ok(Departures {
        users: row.integer("users")?,
        of: row.integer("of_users")?,
        since: Instant(row.integer("since")?),
        threshold: row.integer("threshold")?,
    })
}
