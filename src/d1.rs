//! D1 as the directory's database. Calls go to the primary: replicas lag, and an identity provider reads back
//! what it has just written.

use std::cell::Cell;

use directory::{Database, DatabaseError, Failure, Param, Row, Statement};
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env, Error};

/// What calls have cost, in D1's own count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Calls.
    pub round_trips: u32,
    /// Rows read, those of indexes included.
    pub rows_read: usize,
    /// Rows written, those of indexes included.
    pub rows_written: usize,
}

/// A D1 database, and what it was used for since it was made.
pub struct D1 {
    database: D1Database,
    cost: Cell<Cost>,
}

impl D1 {
    /// The database that is bound as `DB`.
    pub fn open(env: &Env) -> Result<D1, Failure> {
        let database = env.d1("DB");
        let database = database.map_err(|error| Failure::Misconfigured(format!("binding DB: {error}")))?;
        Ok(D1 { database, cost: Cell::default() })
    }

    /// What the calls have cost so far.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, DatabaseError> {
        let params: Vec<JsValue> = statement.params.iter().map(js_value).collect();
        self.database.prepare(statement.sql.as_ref()).bind(&params).map_err(failed)
    }

    fn count(&self, results: &[D1Result]) {
        let mut cost = self.cost.get();
        cost.round_trips += 1;
        for meta in results.iter().filter_map(|result| result.meta().ok().flatten()) {
            cost.rows_read += meta.rows_read.unwrap_or_default();
            cost.rows_written += meta.rows_written.unwrap_or_default();
        }
        self.cost.set(cost);
    }
}

impl Database for D1 {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let prepared =
            statements.iter().map(|statement| self.prepare(statement)).collect::<Result<_, _>>()?;
        let results = self.database.batch(prepared).await.map_err(failed)?;
        self.count(&results);
        results.iter().map(|result| result.results().map(rows).map_err(failed)).collect()
    }
}

fn rows(results: Vec<serde_json::Map<String, serde_json::Value>>) -> Vec<Row> {
    results.into_iter().map(Row).collect()
}

fn js_value(param: &Param) -> JsValue {
    match param {
        Param::Null => JsValue::NULL,
        Param::Number(number) => JsValue::from_f64(*number as f64),
        Param::Text(text) => JsValue::from_str(text),
    }
}

/// `Display` of a D1 error can panic on a cause that is no text; `cause()` cannot.
fn failed(error: Error) -> DatabaseError {
    let reason = match error {
        Error::D1(error) => error.cause(),
        other => other.to_string(),
    };
    if is_passing(&reason) { DatabaseError::Unavailable(reason) } else { DatabaseError::Failed(reason) }
}

/// What D1 says where it is the platform's trouble and not the statement's: it is overloaded, was reset or moved, or
/// did not answer in time (developers.cloudflare.com/d1/observability/debug-d1).
const PASSING: [&str; 7] =
    ["overloaded", "reset", "timeout", "timed out", "network connection lost", "transient", "internal error"];

/// SQLite's own errors are lasting whatever words they quote.
fn is_passing(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    !reason.contains("sqlite_") && PASSING.iter().any(|word| reason.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn the_platform_s_trouble_passes_and_a_statement_s_does_not() {
        for reason in [
            "D1 DB is overloaded. Too many requests queued.",
            "D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1 DB reset because its code was updated.",
            "Network connection lost.",
            "Cannot resolve D1 DB due to transient issue on remote node.",
            "internal error; reference = abc",
        ] {
            assert!(is_passing(reason), "{reason}");
        }
        for reason in
            ["no such table: resources: SQLITE_ERROR", "near \"reset\": syntax error: SQLITE_ERROR", ""]
        {
            assert!(!is_passing(reason), "{reason}");
        }
    }
}
