//! The trait that a database fulfils, and what goes in and comes out: statements and rows.
//!
//! D1's `batch` fulfils it in production, bundled SQLite natively. `contract` is what each of them must do.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use scim::ScimError;
use serde_json::{Map, Value};

use crate::Failure;

/// Where the rows are.
pub trait Database {
    /// Runs the statements in order and in one transaction: all of them take effect, or none. Returns the rows
    /// of each.
    ///
    /// # Errors
    /// If the database did not answer, or refused a statement; nothing took effect then, as far as it is
    /// known.
    fn run(&self, statements: Vec<Statement>) -> impl Future<Output = Result<Vec<Vec<Row>>, DatabaseError>>;

    /// Runs statements that only read, again where that may help: at most three times where the database did not answer, once
    /// more where it has too much to do, and never where the statements themselves were too much for it. What writes goes to
    /// [`Database::run`]: a write of which it is unknown whether it was done is the client's to repeat, which does no harm.
    ///
    /// # Errors
    /// Those of the last try.
    fn query(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Vec<Vec<Row>>, DatabaseError>> {
        async move {
            let mut tries = 1;
            loop {
                match self.run(statements.clone()).await {
                    Err(DatabaseError::Unavailable(_)) if tries < READS => self.pause(tries).await,
                    // A queue that is full is not emptied by asking.
                    Err(DatabaseError::Overloaded(_)) if tries == 1 => self.pause(READS).await,
                    settled => return settled,
                }
                tries += 1;
            }
        }
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

    /// Waits before a try: the longer the higher its number, and never as long as another does, so that many who failed
    /// together do not come back together. Where no other caller asks, there is nothing to wait for.
    fn pause(&self, _number: u32) -> impl Future<Output = ()> {
        std::future::ready(())
    }

    /// A place among the requests that work on large documents at once, for a document of that weight; None if there is
    /// none now. Where memory is not scarce, there always is.
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

fn first_of_last(mut rows: Vec<Vec<Row>>) -> Option<Row> {
    rows.pop().and_then(|rows| rows.into_iter().next())
}

/// A place that is held until it is dropped.
pub struct Place {
    _held: Box<dyn Any>,
}

impl Place {
    /// The place that `held` gives back when it is dropped.
    pub fn new(held: impl Any) -> Place {
        Place { _held: Box::new(held) }
    }
}

/// How often a read is tried.
const READS: u32 = 3;

/// SQL with its parameters, `?1` first. At most 100 of them (a limit of D1); lists go into one, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text; never made from what a request carries.
    pub sql: Cow<'static, str>,
    /// The values.
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement.
    pub fn new(sql: impl Into<Cow<'static, str>>, params: Vec<Param>) -> Statement {
        Statement { sql: sql.into(), params }
    }
}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
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
    /// Adds a value and returns the SQL that names it: `?1` for the first.
    ///
    /// ```
    /// use database::{Params, Statement};
    /// let mut params = Params::default();
    /// let name = params.add("ada");
    /// let sql = format!("SELECT id FROM people WHERE name = {name}");
    /// let statement = Statement::new(sql, params.into());
    /// assert_eq!(statement.sql, "SELECT id FROM people WHERE name = ?1");
    /// ```
    pub fn add(&mut self, value: impl Into<Param>) -> String {
        self.0.push(value.into());
        format!("?{}", self.0.len())
    }
}

impl From<Params> for Vec<Param> {
    fn from(params: Params) -> Self {
        params.0
    }
}

/// A row: its columns by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Map<String, Value>);

impl Row {
    /// A column that holds text.
    ///
    /// # Errors
    /// [`Failure::Corrupt`] if it holds anything else.
    pub fn text(&self, column: &str) -> Result<&str, Failure> {
        self.optional_text(column).ok_or_else(|| Failure::Corrupt(format!("column `{column}` holds no text")))
    }

    /// A column that holds text or nothing.
    pub fn optional_text(&self, column: &str) -> Option<&str> {
        self.0.get(column).and_then(Value::as_str)
    }

    /// Reads a column that holds a JSON array of texts, or nothing.
    ///
    /// # Errors
    /// [`Failure::Corrupt`] if it holds anything else.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, Failure> {
        let texts = self.optional_text(column).map(serde_json::from_str);
        texts
            .transpose()
            .map(Option::unwrap_or_default)
            .map_err(|_| Failure::Corrupt(format!("column `{column}` holds no list of texts")))
    }

    /// A column that holds an integer or nothing.
    ///
    /// # Errors
    /// [`Failure::Corrupt`] if it holds anything else.
    pub fn optional_integer(&self, column: &str) -> Result<Option<i64>, Failure> {
        match self.0.get(column) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.integer(column).map(Some),
        }
    }

    /// A column that holds an integer.
    ///
    /// # Errors
    /// [`Failure::Corrupt`] if it holds anything else.
    pub fn integer(&self, column: &str) -> Result<i64, Failure> {
        let value = self.0.get(column);
        // JavaScript has one kind of number; an integer may arrive as 1.0.
        let whole =
            |value: &Value| value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
        value
            .and_then(|value| value.as_i64().or_else(|| whole(value)))
            .ok_or_else(|| Failure::Corrupt(format!("column `{column}` holds no integer")))
    }
}

/// Why a call failed. The text is for the operator's log; no client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// The database did not answer, or not in time, or was taken away meanwhile. What was asked for may have been
    /// done or not, but not by half.
    Unavailable(String),
    /// The database has more to do than it can. Nothing was done.
    Overloaded(String),
    /// The statements themselves took more time or memory than they may; asked again, they would again.
    Exhausted(String),
    /// This request has asked as often as one request may. Nothing was done.
    CallLimit,
    /// The database has no room for more. Nothing was done; what needs no room still works.
    Full(String),
    /// The database refused a statement; asked again, it would again.
    Failed(String),
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseError::Unavailable(reason) => write!(out, "it was not available: {reason}"),
            DatabaseError::Overloaded(reason) => write!(out, "it has too much to do: {reason}"),
            DatabaseError::Exhausted(reason) => write!(out, "a statement was too much for it: {reason}"),
            DatabaseError::CallLimit => out.write_str("the request reached its limit of database calls"),
            DatabaseError::Full(reason) => write!(out, "it is full: {reason}"),
            DatabaseError::Failed(reason) => out.write_str(reason),
        }
    }
}
