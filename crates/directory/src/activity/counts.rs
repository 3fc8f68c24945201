//! Reading how many requests there were, and when the last of some kinds came.

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;

use super::record::PAUSE;

/// Requests of one operation that ended with one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The minute, if it was asked for.
    pub minute: Option<Instant>,
    /// What was asked for.
    pub operation: String,
    /// The status of the responses.
    pub status: u16,
    /// How many there were.
    pub requests: i64,
}

/// A run of requests without a long pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// Its first request.
    pub began: Instant,
    /// Its last request so far.
    pub ended: Instant,
}

impl Cycle {
    /// Returns whether the pause after its last request has been long enough for it to be over.
    pub fn is_over(&self, now: Instant) -> bool {
        now.0 - self.ended.0 > PAUSE
    }
}

/// When a tenant's client did what an administrator asks about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The last request of an authenticated client.
    pub last_request: Option<Instant>,
    /// The last request of the kind that tests a connection.
    pub test_connection: Option<Instant>,
    /// When the first user came.
    pub first_user: Option<Instant>,
    /// When the first group came.
    pub first_group: Option<Instant>,
    /// The last cycle, and the one before.
    pub cycles: [Option<Cycle>; 2],
}

/// Returns the requests of a tenant in the minutes from `from` until `to`, in total or for each minute.
///
/// # Errors
/// If the database failed.
pub async fn counted(
    database: &impl Database,
    tenant: &str,
    (from, to): (Instant, Instant),
    by_minute: bool,
) -> Result<Vec<Counted>, Failure> {
    let minute = if by_minute { "minute, " } else { "" };
    let sql = format!(
        "SELECT {minute}operation, status, sum(requests) AS requests FROM counters \
         WHERE tenant = ?1 AND minute >= ?2 AND minute < ?3 GROUP BY {minute}operation, status \
         ORDER BY {minute}operation, status"
    );
    let mut batch = Batch::new();
    let counts = batch.add(Statement::new(sql, vec![tenant.into(), from.0.into(), to.0.into()]));
    let one = |row: &Row| {
        Ok(Counted {
            minute: row.optional_integer("minute")?.map(Instant),
            operation: row.text("operation")?.to_string(),
            status: u16::try_from(row.integer("status")?).unwrap_or_default(),
            requests: row.integer("requests")?,
        })
    };
    batch.query(database).await?.of(counts).iter().map(one).collect()
}

/// Returns the marks of a tenant.
///
/// # Errors
/// If the database failed.
pub async fn marks(database: &impl Database, tenant: &str) -> Result<Marks, Failure> {
    let sql = "SELECT * FROM marks WHERE tenant = ?1";
    let Some(row) = database.query_one(Statement::new(sql, vec![tenant.into()])).await? else {
        return Ok(Marks::default());
    };
    let time = |column: &str| row.optional_integer(column).map(|time| time.map(Instant));
    let cycle = |began: &str, ended: &str| {
        Ok::<_, Failure>(time(began)?.zip(time(ended)?).map(|(began, ended)| Cycle { began, ended }))
    };
    Ok(Marks {
        last_request: time("last_request")?,
        test_connection: time("test_connection")?,
        first_user: time("first_user")?,
        first_group: time("first_group")?,
        cycles: [cycle("cycle_began", "cycle_ended")?, cycle("previous_began", "previous_ended")?],
    })
}
