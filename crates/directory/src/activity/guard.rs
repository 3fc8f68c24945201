//! The guard against mass deprovisioning: it looks for tenants of which users went since it last looked, and says in their change log
//! when they were too many. A job calls it each minute; no request waits for it.
//!
//! What lives here: which tenants are looked at, when it is said again, and what was said last. What does not: counting
//! (`departures`), and the row (`store`).

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;
use serde_json::Value;

use super::departures::{Departures, WEEK, counted, cycle_began, departure, since};
use super::progress;
use super::retention::{self, Retention};
use crate::store::{newest, say_mass_deprovisioning};

/// The name of the job in `progress`.
const JOB: &str = "guard";
/// Rows of the log that are looked through at once for users who went.
const ROWS: i64 = 10_000;
/// How often one call goes on to the next rows, so that a tenant that imports very many users does not delay the others.
const ROUNDS: usize = 10;
/// Tenants whose departures one call counts.
const TENANTS: usize = 50;
/// Milliseconds for which rows are looked at again: an instance writes after ten seconds that a cycle has begun, and until then the
/// departures would seem to belong to the one before.
const UNSETTLED: i64 = 20_000;
/// Milliseconds for which a warning stands after it was raised, and after the end of its cycle.
const DAY: i64 = 86_400_000;

/// Looks at the tenants whose log has new departures, and raises the event where they are too many. Returns the tenants whose
/// event was raised.
///
/// # Errors
/// If the database fails; the next call looks again.
pub async fn guard(
    database: &impl Database,
    now: Instant,
    correlation_id: &str,
) -> Result<Vec<String>, Failure> {
    let (tenants, place) = went(database, now).await?;
    // Once it was said, a new cycle counts for itself. The last hour may hold the departures of the cycle before, which were reported.
    let began = cycle_began(&format!("?2 - {WEEK}"));
    let was_said =
        format!("EXISTS (SELECT 1 FROM ({}) AS before WHERE before.at >= ?2 - {WEEK})", newest("+?1"));
    let since = since();
    let counted = counted(&format!("CASE WHEN {was_said} THEN max({since}, {began}) ELSE {since} END"));
    let began = format!("max({began}, ?2 - {WEEK})");
    let mut raised = Vec::new();
    for tenant in tenants {
        let say = say_mass_deprovisioning(&counted, &began, &tenant, now, correlation_id);
        if database.run_for_one(vec![say]).await?.is_some() {
            raised.push(tenant);
        }
    }
    if let Some(place) = place {
        database.run(vec![progress::note(JOB, place.to_string())]).await?;
    }
    Ok(raised)
}

/// Returns the tenants of which users went since the last call, and the place from which the next one looks, if that is another.
async fn went(database: &impl Database, now: Instant) -> Result<(Vec<String>, Option<i64>), Failure> {
    let (mut tenants, mut place) = (Vec::new(), None);
    for _ in 0..ROUNDS {
        let page = look(database, now, place).await?;
        place = page.next.or(place);
        for (tenant, first) in page.tenants {
            if tenants.contains(&tenant) {
                continue;
            }
            if tenants.len() == TENANTS {
                // The one that is too many is the first of the next call.
                return Ok((tenants, place.map(|place| place.min(first.saturating_sub(1)))));
            }
            tenants.push(tenant);
        }
        if !page.is_full {
            break;
        }
    }
    Ok((tenants, place))
}

/// What some rows of the log say.
struct Page {
    /// The tenants of which users went, one more at most than one call counts, each with the first row that says it.
    tenants: Vec<(String, i64)>,
    /// The last row that has settled; None if none has.
    next: Option<i64>,
    /// Whether all of them have settled, and there may be more.
    is_full: bool,
}

/// Looks through the rows after that place; after the one up to which the last call looked, if it is None.
async fn look(database: &impl Database, now: Instant, place: Option<i64>) -> Result<Page, Failure> {
    let page = format!(
        "WITH page AS (SELECT o.seq FROM changes AS o WHERE o.seq > coalesce(?1, \
         (SELECT CAST(position AS INTEGER) FROM progress WHERE job = '{JOB}'), (SELECT max(seq) FROM changes) - {ROWS}, 0) \
         ORDER BY o.seq LIMIT {ROWS})"
    );
    let went = format!(
        "{page} SELECT c.tenant, min(c.seq) AS first FROM page CROSS JOIN changes AS c ON c.seq = page.seq \
         WHERE {} IS NOT NULL GROUP BY c.tenant ORDER BY first LIMIT {}",
        departure(),
        TENANTS + 1
    );
    let settled = format!(
        "{page} SELECT max(c.seq) FILTER (WHERE c.at <= ?2 - {UNSETTLED}) AS settled, max(c.seq) AS last, count(*) AS rows \
         FROM page CROSS JOIN changes AS c ON c.seq = page.seq"
    );
    let mut batch = Batch::new();
    let went = batch.add(Statement::new(went, vec![place.into()]));
    let settled = batch.add(Statement::new(settled, vec![place.into(), now.0.into()]));
    let rows = batch.query(database).await?;
    let mut tenants = Vec::new();
    for row in rows.of(went) {
        tenants.push((row.text("tenant")?.to_string(), row.integer("first")?));
    }
    let Some(row) = rows.first(settled) else {
        return Err(Failure::corrupt("a count has no row"));
    };
    let next = row.optional_integer("settled")?;
    let is_full = next == row.optional_integer("last")? && row.integer("rows")? == ROWS;
    Ok(Page { tenants, next, is_full })
}

/// Returns the warning of mass deprovisioning that stands for a tenant at that time: two rows by index.
///
/// # Errors
/// If the database fails.
pub async fn warning(
    database: &impl Database,
    tenant: &str,
    now: Instant,
) -> Result<Option<Departures>, Failure> {
    let sql = format!("SELECT {} AS warning", select_warning("+?1", "+?2"));
    let row = database.query_one(Statement::new(sql, vec![tenant.into(), now.0.into()])).await?;
    row.as_ref().map_or(Ok(None), read_warning)
}

/// Returns SQL of the warning that stands for the tenant at that time (expressions), as JSON; NULL if there is none. It stands for a day
/// after it was raised, and as long as the cycle in which it was raised is not over by a day.
pub(crate) fn select_warning(tenant: &str, now: &str) -> String {
    let ended = format!(
        "coalesce((SELECT cycle_ended FROM marks WHERE tenant = {tenant} AND cycle_began <= w.at), 0)"
    );
    format!("(SELECT w.change FROM ({}) AS w WHERE max(w.at, {ended}) > {now} - {DAY})", newest(tenant))
}

/// Reads the column `warning`.
pub(crate) fn read_warning(row: &Row) -> Result<Option<Departures>, Failure> {
    let Some(text) = row.optional_text("warning") else { return Ok(None) };
    let said: Option<Value> = serde_json::from_str(text).ok();
    let number = |name: &str| said.as_ref()?.get(name)?.as_i64();
    let departures = || {
        Some(Departures {
            users: number("users")?,
            of: number("of")?,
            since: Instant(number("since")?),
            threshold: number("threshold")?,
        })
    };
    departures().map(Some).ok_or_else(|| Failure::corrupt("column `warning` holds no departures"))
}

/// Returns for how long a tenant's rows are kept, and how many of its users may be disabled or deleted in a cycle, if that is set.
///
/// # Errors
/// If the database fails.
pub async fn settings(database: &impl Database, tenant: &str) -> Result<(Retention, Option<i64>), Failure> {
    let sql = format!(
        "SELECT *, (SELECT mass_deprovisioning FROM guards WHERE tenant = +?1) AS mass_deprovisioning FROM ({})",
        retention::select("+?1")
    );
    match database.query_one(Statement::new(sql, vec![tenant.into()])).await? {
        Some(row) => Ok((retention::of(&row)?, row.optional_integer("mass_deprovisioning")?)),
        None => Ok((Retention::default(), None)),
    }
}
