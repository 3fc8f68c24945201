//! Bundled SQLite as the [`Database`], with the limits that D1 sets, so that the SQL that ships is the SQL that
//! is tested.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, ErrorCode, StatementStatus, ToSql, params_from_iter};
use serde_json::Value;

use crate::schema::MIGRATIONS;
use crate::{Database, DatabaseError, Param, Row, Statement};

/// wrangler's own table of the migrations that it has applied.
const HISTORY: &str = "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, \
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)";

/// D1's limits: <https://developers.cloudflare.com/d1/platform/limits/>, and those of the runtime's SQLite.
const LIMITS: [(Limit, i32); 6] = [
    (Limit::SQLITE_LIMIT_LENGTH, 2_000_000),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
];

/// A database in memory.
pub struct Sqlite {
    connection: RefCell<Connection>,
    round_trips: Cell<u32>,
    steps: Cell<i64>,
}

impl Sqlite {
    /// Returns a new, empty directory.
    pub fn new() -> Result<Sqlite, DatabaseError> {
        let connection = Connection::open_in_memory().map_err(error)?;
        connection.execute_batch(HISTORY).map_err(error)?;
        for (name, migration) in MIGRATIONS {
            connection.execute_batch(migration).map_err(error)?;
            connection.execute("INSERT INTO d1_migrations (name) VALUES (?1)", [name]).map_err(error)?;
        }
        for (limit, most) in LIMITS {
            connection.set_limit(limit, most).map_err(error)?;
        }
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRIGGER_EQP, true).map_err(error)?;
        Ok(Sqlite { connection: RefCell::new(connection), round_trips: Cell::new(0), steps: Cell::new(0) })
    }

    /// Runs a migration.
    ///
    /// # Errors
    /// If SQLite refuses a statement of it.
    pub fn execute_batch(&self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.borrow().execute_batch(sql).map_err(error)
    }

    /// Limits the growth of the database to that many pages of 4,096 bytes.
    ///
    /// # Errors
    /// If SQLite refuses it.
    pub fn limit_growth(&self, pages: i64) -> Result<(), DatabaseError> {
        let connection = self.connection.borrow();
        let count: i64 = connection
            .query_row("SELECT page_count FROM pragma_page_count", [], |row| row.get(0))
            .map_err(error)?;
        connection.pragma_update(None, "max_page_count", count + pages).or_else(|refused| match refused {
            // SQLite reports a row of the result, which is not a failure.
            rusqlite::Error::ExecuteReturnedResults => Ok(()),
            other => Err(error(other)),
        })
    }

    /// Returns how many calls there were.
    pub fn round_trips(&self) -> u32 {
        self.round_trips.get()
    }

    /// Returns how many steps of its virtual machine SQLite has taken: what the calls have cost, independently of the
    /// clock.
    pub fn steps(&self) -> i64 {
        self.steps.get()
    }

    /// Returns SQLite's plan of a statement, triggers included: one line a table or index that it uses.
    pub fn plan(&self, statement: &Statement) -> Result<Vec<String>, DatabaseError> {
        let explain =
            Statement::new(format!("EXPLAIN QUERY PLAN {}", statement.sql), statement.params.clone());
        let (rows, _) = rows(&self.connection.borrow(), &explain).map_err(error)?;
        Ok(rows.iter().filter_map(|row| row.optional_text("detail")).map(str::to_string).collect())
    }
}

impl Database for Sqlite {
    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        self.round_trips.set(self.round_trips.get() + 1);
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.transaction().map_err(error)?;
        let mut answers = Vec::new();
        for statement in &statements {
            if let Some(place) = compiled_anew(&statement.sql) {
                return Err(DatabaseError::Failed(format!("a parameter lacks its plus: {place}")));
            }
            let (rows, steps) = rows(&transaction, statement).map_err(error)?;
            self.steps.set(self.steps.get() + i64::from(steps));
            answers.push(rows);
        }
        transaction.commit().map_err(error)?;
        Ok(answers)
    }
}

/// Returns where a statement has a parameter for which SQLite would compile it anew at each call: see [`Statement`].
fn compiled_anew(sql: &str) -> Option<&str> {
    ["=?", "= ?", "IS ?", "IS NOT ?", "LIKE ?", "GLOB ?", "LIMIT ?", "OFFSET ?"].into_iter().find_map(
        |bare| {
            let mut places = sql.match_indices(bare).map(|(at, _)| sql.split_at(at));
            places.find(|(before, _)| !before.ends_with(['<', '>', '!'])).map(|(_, place)| place)
        },
    )
}

fn error(error: rusqlite::Error) -> DatabaseError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => DatabaseError::Full(error.to_string()),
        _ => DatabaseError::Failed(error.to_string()),
    }
}

/// Returns the rows of a statement, and the steps that it took.
fn rows(connection: &Connection, statement: &Statement) -> rusqlite::Result<(Vec<Row>, i32)> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let columns: Rc<[String]> = prepared.column_names().into_iter().map(str::to_string).collect();
    let mut found = prepared.query(params_from_iter(&statement.params))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns.len()).map(|index| Ok(cell(row.get_ref(index)?)));
        rows.push(Row::new(columns.clone(), values.collect::<rusqlite::Result<_>>()?));
    }
    drop(found);
    Ok((rows, prepared.reset_status(StatementStatus::VmStep)))
}

fn cell(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
    }
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Param::Null => ToSqlOutput::Owned(SqlValue::Null),
            // As D1 does.
            Param::Number(number) => ToSqlOutput::Owned(SqlValue::Real(*number as f64)),
            Param::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}
