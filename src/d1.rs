//! D1 as a [`Database`]. Calls go to the primary: replicas lag behind it, and an identity provider reads back what it
//! has just written.

use std::cell::{Cell, OnceCell, RefCell};
use std::time::Duration;

use database::{Database, DatabaseError, Failure, Param, Place, Row, Statement, Waves, tried};
use scim::{ScimError, limits};
use serde::Deserialize;
use worker::Env;
use worker::js_sys::{self, Array, JSON, JsString};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::D1Database;

use crate::clock;
use crate::places::{self, Of};

/// What calls have cost, as D1 counts it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Calls.
    pub round_trips: u32,
    /// Rows read, those of indexes included.
    pub rows_read: usize,
    /// Rows written, those of indexes included.
    pub rows_written: usize,
}

/// What D1 answers to a statement (developers.cloudflare.com/d1/worker-api/return-object).
#[derive(Deserialize)]
struct Answer {
    #[serde(default, deserialize_with = "database::rows")]
    results: Vec<Row>,
    error: Option<String>,
    #[serde(default)]
    meta: Meta,
}

/// What a statement has cost. JavaScript has a single type of number.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    rows_read: f64,
    rows_written: f64,
    size_after: Option<f64>,
}

/// Bytes of the parameters of a statement up to which they are handed over together. Larger ones would be in memory twice.
const AT_ONCE: usize = 16 * 1024;

/// Receives the count of rows that a call has read.
type Meter = Box<dyn Fn(usize)>;

#[wasm_bindgen]
extern "C" {
    /// The runtime's encoder of UTF-8, which takes a fraction of the time in which the glue of `wasm_bindgen` encodes a text.
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Vec<u8>;
}

thread_local! {
    static ENCODER: TextEncoder = TextEncoder::new();
}

/// A D1 database, and what was used of it since it was opened.
pub struct D1 {
    database: D1Database,
    cost: Cell<Cost>,
    size: Cell<Option<u64>>,
    /// Receives the count of rows that a call has read.
    meter: RefCell<Option<Meter>>,
    /// Whether reads at the same time, such as those of one page, are one call.
    gathers: Cell<bool>,
    waves: Waves,
}

impl D1 {
    /// Opens the database that is bound as `DB`.
    pub fn open(env: &Env) -> Result<D1, Failure> {
        let database = bound(env)?;
        let (cost, size, meter) = (Cell::default(), Cell::default(), RefCell::default());
        Ok(D1 { database, cost, size, meter, gathers: Cell::default(), waves: Waves::default() })
    }

    /// Returns what the calls have cost so far.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    /// Returns how many bytes the database had after the last call.
    pub fn size(&self) -> Option<u64> {
        self.size.get()
    }

    /// Sets the meter that receives the count of rows of each call from now on.
    pub fn meter_rows(&self, meter: impl Fn(usize) + 'static) {
        self.meter.replace(Some(Box::new(meter)));
    }

    /// Makes one call of reads that are asked for at the same time, from now on. The first of them steps aside once, which in work after a
    /// response costs a turn of the runtime. A request of a client asks for one thing after the other, so it would gain nothing.
    pub fn gather_reads(&self) {
        self.gathers.set(true);
    }

    /// Prepares the statements. Each is dropped once it is a JavaScript value: many requests may wait for D1 at once.
    fn prepare(&self, statements: Vec<Statement>) -> Result<Array, JsValue> {
        let prepared = Array::new();
        for Statement { sql, params } in statements {
            let values = match params.iter().map(weight).sum::<usize>() {
                small if small <= AT_ONCE => as_text(&params)?,
                _ => params.iter().map(js_value).collect(),
            };
            let statement = self.database.prepare(&sql)?.bind(values)?;
            prepared.push(statement.as_ref());
        }
        Ok(prepared)
    }

    /// Runs the statements on D1. The answers come as one text: to fetch each of their values from JavaScript takes longer
    /// than to parse them.
    async fn batch(&self, statements: Array) -> Result<Vec<Answer>, JsValue> {
        let answers = JsFuture::from(self.database.batch(statements)?).await?;
        let text = JSON::stringify(&answers)?;
        let text = String::from_utf8(ENCODER.with(|encoder| encoder.encode(&text))).unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| js_sys::Error::new(&error.to_string()).into())
    }

    fn count(&self, answers: &[Answer]) {
        let mut cost = self.cost.get();
        let before = cost.rows_read;
        for Answer { meta, .. } in answers {
            cost.rows_read += meta.rows_read as usize;
            cost.rows_written += meta.rows_written as usize;
            self.size.set(meta.size_after.map(|size| size as u64).or(self.size.get()));
        }
        self.cost.set(cost);
        if let Some(meter) = self.meter.borrow().as_deref() {
            meter(cost.rows_read.saturating_sub(before));
        }
    }
}

impl Database for D1 {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let mut cost = self.cost.get();
        if cost.round_trips >= limits::DATABASE_CALLS {
            return Err(DatabaseError::CallLimit);
        }
        cost.round_trips += 1;
        self.cost.set(cost);
        let count = statements.len();
        let prepared = self.prepare(statements).map_err(thrown)?;
        let answers = self.batch(prepared).await.map_err(thrown)?;
        self.count(&answers);
        // The runtime checks only the first answer. A missing one would be read as no rows.
        if let Some(reason) = answers.iter().find_map(|answer| answer.error.clone()) {
            return Err(classed(reason));
        }
        if answers.len() != count {
            return Err(DatabaseError::Unavailable("the answer is not whole".into()));
        }
        Ok(answers.into_iter().map(|answer| answer.results).collect())
    }

    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        match self.gathers.get() {
            true => self.waves.read(statements, |all| tried(self, all)).await,
            false => tried(self, statements).await,
        }
    }

    async fn pause(&self, number: u32) {
        let milliseconds = f64::from(50_u32 << number.min(5)) * (0.5 + js_sys::Math::random());
        clock::sleep(Duration::from_millis(milliseconds as u64)).await;
    }

    fn try_enter(&self, weight: usize) -> Option<Place> {
        places::try_enter(Of::Resources, weight)
    }

    async fn enter(&self, weight: usize) -> Result<Place, ScimError> {
        // The resource is read only when the request has its place.
        places::enter(Of::Resources, weight, 0).await
    }
}

/// Returns the database that is bound as `DB`, which an instance looks for once.
fn bound(env: &Env) -> Result<D1Database, Failure> {
    thread_local! {
        static BOUND: OnceCell<D1Database> = const { OnceCell::new() };
    }
    if let Some(database) = BOUND.with(|bound| bound.get().cloned()) {
        return Ok(database);
    }
    let database = env.d1("DB");
    let database = database.map_err(|error| Failure::misconfigured(format!("binding DB: {error}")))?;
    let database: D1Database = JsValue::from(database).unchecked_into();
    BOUND.with(|bound| bound.set(database.clone()).unwrap_or_default());
    Ok(database)
}

/// Returns how many bytes a parameter has.
fn weight(param: &Param) -> usize {
    match param {
        Param::Text(text) => text.len(),
        Param::Null | Param::Number(_) => 0,
    }
}

/// Hands over all parameters in one call, as JSON: a call for each of them takes longer.
fn as_text(params: &[Param]) -> Result<Array, JsValue> {
    let text = serde_json::to_string(params).map_err(|error| js_sys::Error::new(&error.to_string()))?;
    JSON::parse(&text).map(JsCast::unchecked_into)
}

fn js_value(param: &Param) -> JsValue {
    match param {
        Param::Null => JsValue::NULL,
        Param::Number(number) => JsValue::from_f64(*number as f64),
        Param::Text(text) => JsValue::from_str(text),
    }
}

/// Converts what a call of D1 has thrown.
fn thrown(error: JsValue) -> DatabaseError {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    classed(message.unwrap_or_else(|| format!("{error:?}")))
}

/// Words of messages about problems of the platform, not of the statement
/// (developers.cloudflare.com/d1/observability/debug-d1): D1 was reset or moved, did not answer, or answered in an
/// unknown form.
const TRANSIENT: [&str; 6] = [
    "reset",
    "network connection lost",
    "transient",
    "internal error",
    "client disconnected",
    "failed to parse body",
];

/// Words of messages that the database is full: of D1, and of SQLite within it.
const FULL: [&str; 2] = ["exceeded maximum db size", "sqlite_full"];

/// Words of messages that too many requests came at the same time.
const OVERLOADED: [&str; 2] = ["overloaded", "queued"];

/// Words of messages that the statement itself was ended, whatever happened to D1.
const EXHAUSTED: [&str; 4] = ["time limit", "memory limit", "timeout", "timed out"];

/// Classifies an error by its message. SQLite's own errors are permanent, whatever words they quote.
fn classed(reason: String) -> DatabaseError {
    let words = reason.to_ascii_lowercase();
    let is_said = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if is_said(&FULL) {
        DatabaseError::Full(reason)
    } else if words.contains("sqlite_") {
        DatabaseError::Failed(reason)
    } else if words.contains("by single worker invocation") {
        DatabaseError::CallLimit
    } else if is_said(&OVERLOADED) {
        DatabaseError::Overloaded(reason)
    } else if is_said(&EXHAUSTED) {
        DatabaseError::Exhausted(reason)
    } else if is_said(&TRANSIENT) {
        DatabaseError::Unavailable(reason)
    } else {
        DatabaseError::Failed(reason)
    }
}

#[cfg(test)]
mod tests {
    use database::DatabaseError;

    use super::classed;

    #[test]
    fn the_platform_s_trouble_is_told_from_that_of_others_and_of_the_statement() {
        for reason in [
            "D1_ERROR: D1 DB reset because its code was updated.",
            "D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.",
            "D1_ERROR: Network connection lost.",
            "D1_ERROR: Internal error in D1 DB storage caused object to be reset.",
            "D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.",
            "D1_ERROR: Can't read from request stream because client disconnected.",
            "D1_ERROR: internal error; reference = abc",
            "D1_ERROR: Failed to parse body as JSON, got: error code: 1031",
            "Error: Network connection lost.",
        ] {
            assert_eq!(classed(reason.into()), DatabaseError::Unavailable(reason.into()));
        }
        for reason in [
            "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
            "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
        ] {
            assert_eq!(classed(reason.into()), DatabaseError::Overloaded(reason.into()));
        }
        for reason in [
            "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
            "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.",
            "D1_ERROR: query timed out",
        ] {
            assert_eq!(classed(reason.into()), DatabaseError::Exhausted(reason.into()));
        }
        for reason in [
            "D1_ERROR: no such table: resources: SQLITE_ERROR",
            "D1_ERROR: near \"reset\": syntax error: SQLITE_ERROR",
            "",
        ] {
            assert_eq!(classed(reason.into()), DatabaseError::Failed(reason.into()));
        }
        for reason in
            ["D1_ERROR: Exceeded maximum DB size", "D1_ERROR: database or disk is full: SQLITE_FULL"]
        {
            assert_eq!(classed(reason.into()), DatabaseError::Full(reason.into()));
        }
        let reason =
            "Error: Too many API requests by single Worker invocation. To configure this limit, refer to ...";
        assert_eq!(classed(reason.into()), DatabaseError::CallLimit);
    }
}
