//! Reading how many requests there were, and when the last of some kinds came, as the JSON that is shown.

use database::{Batch, Database, Failure, Statement};
use scim::Instant;
use serde_json::{Value, json};

use super::entry::{date_time, parsed};
use super::record::PAUSE;

/// SQL of what requests of one operation and status mean for the client.
const MEANING: &str = "CASE WHEN operation = 'unauthenticated' THEN 'unauthenticated' WHEN status = 429 THEN 'limited' \
    WHEN status >= 500 THEN 'failed' WHEN status >= 400 THEN 'refused' \
    WHEN operation LIKE 'GET %' OR operation LIKE 'HEAD %' OR operation LIKE '%.search' THEN 'read' ELSE 'written' END";

/// SQL of the counters of a range of minutes.
const COUNTED: &str = "FROM counters WHERE tenant = +?1 AND minute >= ?2 AND minute < ?3";

/// Returns when the last of some kinds of requests came (`marks`), and how many there were from `from` until `to` (`requests`): in
/// total, or for each minute.
///
/// # Errors
/// If the database fails.
pub async fn summary(
    database: &impl Database,
    tenant: &str,
    (from, to): (Instant, Instant),
    by_minute: bool,
    now: Instant,
) -> Result<Value, Failure> {
    let range = || vec![tenant.into(), from.0.into(), to.0.into()];
    let (minute, shown) = match by_minute {
        true => ("minute, ", format!("'minute', {}, ", date_time("minute"))),
        false => ("", String::new()),
    };
    let counts = format!(
        "SELECT json_group_array(json(count)) AS counts FROM (\
         SELECT json_object({shown}'operation', operation, 'status', status, 'requests', sum(requests)) AS count \
         {COUNTED} GROUP BY {minute}operation, status ORDER BY {minute}operation, status)"
    );
    let sums = format!(
        "SELECT json_group_object(meaning, requests) AS sums FROM (\
         SELECT {MEANING} AS meaning, sum(requests) AS requests {COUNTED} GROUP BY 1)"
    );
    let mut batch = Batch::new();
    let counts = batch.add(Statement::new(counts, range()));
    let sums = batch.add(Statement::new(sums, range()));
    let marks = batch.add(Statement::new(marks_sql(), vec![tenant.into(), now.0.into()]));
    let rows = batch.query(database).await?;
    let value = |key, column| rows.first(key).map_or(Ok(Value::Null), |row| parsed(row, column));
    Ok(json!({
        "marks": value(marks, "marks")?,
        "requests": {
            "from": from.to_rfc3339(),
            "to": to.to_rfc3339(),
            "sums": value(sums, "sums")?,
            "counts": value(counts, "counts")?,
        },
    }))
}

/// Returns when the last of some kinds of requests came, as in [`summary`].
///
/// # Errors
/// If the database fails.
pub async fn marks(database: &impl Database, tenant: &str, now: Instant) -> Result<Value, Failure> {
    let row = database.query_one(Statement::new(marks_sql(), vec![tenant.into(), now.0.into()])).await?;
    row.as_ref().map_or(Ok(Value::Null), |row| parsed(row, "marks"))
}

/// Returns SQL of the marks of the tenant `?1` at the time `?2`. A cycle is over once the pause after it is long enough.
fn marks_sql() -> String {
    let cycle = |name: &str| {
        let (began, ended) = (format!("m.{name}_began"), format!("m.{name}_ended"));
        format!(
            "CASE WHEN {began} IS NOT NULL THEN json_object('began', {}, 'lastRequest', {}, \
             'isOver', json(iif(?2 - {ended} > {PAUSE}, 'true', 'false'))) END",
            date_time(&began),
            date_time(&ended)
        )
    };
    let time = |column: &str| date_time(&format!("m.{column}"));
    format!(
        "SELECT json_object('lastRequest', {}, 'testConnection', {}, 'firstUser', {}, 'firstGroup', {}, \
         'cycle', json({}), 'previousCycle', json({})) AS marks FROM (SELECT 1) LEFT JOIN marks AS m ON m.tenant = +?1",
        time("last_request"),
        time("test_connection"),
        time("first_user"),
        time("first_group"),
        cycle("cycle"),
        cycle("previous")
    )
}
