//! The guard against mass deprovisioning: how many users were disabled or deleted of late. A wrong scope or a mistake at the
//! identity provider takes everyone's access within one cycle, and each of its requests looks right by itself.

use database::{Failure, Row, Statement};
use scim::Instant;

use super::sequence::{SLACK, sequence_before};

/// So many users may go in one cycle of any tenant.
const FEW: i64 = 20;
/// And so many percent of its users.
const SHARE: i64 = 10;
/// However large the tenant is, more than so many are too many.
const MANY: i64 = 2_000;
/// Rows of the log that are looked at, the newest first.
const LOOKED_AT: i64 = 10_000;
/// Milliseconds that are looked at in any case: an hour.
const HOUR: i64 = 3_600_000;
/// Milliseconds for which the last cycle is looked at: a week.
const WEEK: i64 = 168 * HOUR;

/// Users that were disabled or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departures {
    /// How many, each once; of very many changes the newest are looked at.
    pub users: i64,
    /// How many users there would be without the deletions.
    pub of: i64,
    /// Since when: the beginning of the last cycle, or an hour ago if that is earlier.
    pub since: Instant,
}

impl Departures {
    /// Returns whether they are so many that a person should look.
    ///
    /// ```
    /// use directory::activity::Departures;
    /// let is_mass = |users, of| Departures { users, of, since: scim::Instant(0) }.is_mass();
    /// assert!(!is_mass(20, 30) && is_mass(21, 30), "more than 20");
    /// assert!(!is_mass(100, 1_000) && is_mass(101, 1_000), "more than 10 %");
    /// assert!(!is_mass(2_000, 1_000_000) && is_mass(2_001, 1_000_000), "more than 2,000");
    /// ```
    pub fn is_mass(&self) -> bool {
        self.users > FEW.max(self.of.saturating_mul(SHARE) / 100).min(MANY)
    }
}

/// Returns the statement that counts them, by the index of the log: a bounded number of rows from the newest on.
pub(super) fn departures(tenant: &str, now: Instant) -> Statement {
    let since = format!(
        "(SELECT max(?2 - {WEEK}, min(?2 - {HOUR}, coalesce((SELECT cycle_began FROM marks WHERE tenant = ?1), ?2))))"
    );
    let before = sequence_before(&format!("{since} - {SLACK}"));
    // A row says of a user what is so after the change, or before the deletion.
    let disabled = "c.change->>'$.resource.active' = 0 AND EXISTS (\
        SELECT 1 FROM json_each(c.change, '$.changes') AS one WHERE one.value->>'$.path' = 'active')";
    let kind = format!(
        "CASE WHEN c.resource_type <> 'User' OR c.at < {since} THEN NULL \
         WHEN c.change->>'$.op' = 'deleted' THEN 'deleted' WHEN {disabled} THEN 'disabled' END"
    );
    let sql = format!(
        "SELECT count(DISTINCT id) AS users, count(DISTINCT id) FILTER (WHERE kind = 'deleted') \
         + coalesce((SELECT total FROM totals WHERE tenant = ?1 AND type = 'User'), 0) AS of_users, {since} AS since FROM (\
         SELECT c.resource_id AS id, {kind} AS kind FROM changes AS c WHERE c.tenant = ?1 AND c.seq > {before} \
         ORDER BY c.seq DESC LIMIT {LOOKED_AT}) WHERE kind IS NOT NULL"
    );
    Statement::new(sql, vec![tenant.into(), now.0.into()])
}

/// Reads the row of [`departures`].
pub(super) fn read(row: &Row) -> Result<Departures, Failure> {
    Ok(Departures {
        users: row.integer("users")?,
        of: row.integer("of_users")?,
        since: Instant(row.integer("since")?),
    })
}
