//! The trait that every database implements, and what goes in: statements. What comes out: `row`, or an `error`.
//!
//! D1's `batch` implements it in production, bundled SQLite in the native tests. `contract` checks what each of them
//! must do.

use std::any::Any;
use std::borrow::Cow;
use std::future::Future;

use crate::{DatabaseError, Row};
use scim::ScimError;
use serde::Serialize;

/// A database: where the rows are kept.
pub trait Database {
    /// Runs the statements in order and in one transaction: all of them take effect, or none. Returns the rows of
    /// each.
    ///
    /// # Errors
    /// If the database did not answer, or refused a statement. As far as is known, nothing took effect then.
    fn run(&self, statements: Vec<Statement>) -> impl Future<Output = Result<Vec<Vec<Row>>, DatabaseError>>;

    /// Runs statements that only read, and tries them again when that may help: up to three times if the database did
    /// not answer, once more if it is overloaded, and never if the statements themselves were too much for it.
    /// Statements that write go to [`Database::run`]: if it is unknown whether a write was done, the client repeats
    /// it, which does no harm.
    ///
    /// # Errors
    /// The error of the last try.
    fn query(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Vec<Vec<Row>>, DatabaseError>> {
        tried(self, statements)
    }

    /// Runs a statement that only reads, and returns its first row.
    ///
    /// # Errors
    /// Those of [`Database::query`].
    fn query_one(&self, statement: Statement) -> impl Future<Output = Result<Option<Row>, DatabaseError>> {
        async move { Ok(first_of_last(self.query(vec![statement]).await?)) }
    }

    /// Runs statements, and returns the first row of the last one.
    ///
    /// # Errors
    /// Those of [`Database::run`].
    fn run_for_one(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Option<Row>, DatabaseError>> {
        async move { Ok(first_of_last(self.run(statements).await?)) }
    }

    /// Waits before a try: the longer, the higher its number, and each caller for another time, so that many callers
    /// that failed together do not come back together. A database with a single caller need not wait.
    fn pause(&self, _number: u32) -> impl Future<Output = ()> {
        std::future::ready(())
    }

    /// Returns a place among the requests that work on large documents at once, for a document of that weight; None
    /// if there is none now. If memory is not scarce, there always is one.
    fn try_enter(&self, _weight: usize) -> Option<Place> {
        Some(Place::new(()))
    }

    /// Waits for such a place.
    ///
    /// # Errors
    /// 503 if none becomes free in time.
    fn enter(&self, weight: usize) -> impl Future<Output = Result<Place, ScimError>> {
        let place = self.try_enter(weight).ok_or_else(|| ScimError::busy("no place is free"));
        async { place }
    }
}

/// Runs statements that only read, and tries them again when that may help: see [`Database::query`].
///
/// # Errors
/// The error of the last try.
pub async fn tried(
    database: &(impl Database + ?Sized),
    statements: Vec<Statement>,
) -> Result<Vec<Vec<Row>>, DatabaseError> {
    let mut tries = 1;
    loop {
        match database.run(statements.clone()).await {
            Err(DatabaseError::Unavailable(_)) if tries < READS => database.pause(tries).await,
            // A queue that is full does not become shorter by more requests.
            Err(DatabaseError::Overloaded(_)) if tries == 1 => database.pause(READS).await,
            settled => return settled,
        }
        tries += 1;
    }
}

fn first_of_last(mut rows: Vec<Vec<Row>>) -> Option<Row> {
    rows.pop().and_then(|rows| rows.into_iter().next())
}

/// A place that is held until it is dropped.
pub struct Place {
    _held: Box<dyn Any>,
}

impl Place {
    /// Returns a place that gives back `held` when it is dropped.
    pub fn new(held: impl Any) -> Place {
        Place { _held: Box::new(held) }
    }
}

/// How often a read is tried.
const READS: u32 = 3;

/// SQL with its parameters, `?1` first. D1 allows at most 100 of them; a list goes into one of them, as JSON.
///
/// A parameter after `=`, `IS`, `LIMIT` or `OFFSET` must have a plus, in an assignment too: `id = +?1`. It changes no value, but without it SQLite may
/// compile the statement anew at each call (docs/DECISIONS.md). After `<` and its like it need not have one.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text, which is never made from what a request carries.
    pub sql: Cow<'static, str>,
    /// The values.
    pub params: Vec<Param>,
}

impl Statement {
    /// Returns a statement.
    pub fn new(sql: impl Into<Cow<'static, str>>, params: Vec<Param>) -> Statement {
        Statement { sql: sql.into(), params }
    }
}

/// A bound value. As JSON, it is the value itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// NULL.
    Null,
    /// A number. D1 binds all numbers as REAL; columns that hold integers have that affinity.
    Number(i64),
    /// A text.
    Text(String),
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Param::Text(text.to_string())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Param::Text(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Param::Number(number)
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

/// The parameters of a statement whose SQL is put together from parts: each value is added where the SQL names it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(Vec<Param>);

impl Params {
    /// Adds a value and returns the SQL that names it: `+?1` for the first.
    ///
    /// ```
    /// use database::{Params, Statement};
    /// let mut params = Params::default();
    /// let name = params.add("ada");
    /// let sql = format!("SELECT id FROM people WHERE name = {name}");
    /// let statement = Statement::new(sql, params.into());
    /// assert_eq!(statement.sql, "SELECT id FROM people WHERE name = +?1");
    /// ```
    pub fn add(&mut self, value: impl Into<Param>) -> String {
        self.0.push(value.into());
        format!("+?{}", self.0.len())
    }
}

impl From<Params> for Vec<Param> {
    fn from(params: Params) -> Self {
        params.0
    }
}
