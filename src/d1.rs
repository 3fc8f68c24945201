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
    match error {
        Error::D1(error) => DatabaseError(error.cause()),
        other => DatabaseError(other.to_string()),
    }
}
