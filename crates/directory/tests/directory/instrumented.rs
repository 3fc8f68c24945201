//! The database of the tests: SQLite, whose calls can be recorded and made to fail.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use database::{Database, DatabaseError, Row, Sqlite, Statement};

/// Runs before a call: it receives the call's number, counted from 0, and its statements.
pub type Hook = Box<dyn Fn(usize, &mut Vec<Statement>)>;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Overloaded, reset or timed out before anything was done.
    Before,
    /// Everything was done, but the answer was lost.
    After,
    /// The batch has a statement that fails, at that place.
    Within(usize),
    /// Refused, as a repetition would be.
    Refused,
    /// The request has reached its limit of calls.
    CallLimit,
}

pub struct InstrumentedDatabase {
    pub sqlite: Sqlite,
    calls: Cell<usize>,
    hook: RefCell<Option<Hook>>,
    recorded: RefCell<Vec<Statement>>,
    fault: RefCell<Option<(Fault, Range<usize>)>>,
    seen: Cell<usize>,
}

impl InstrumentedDatabase {
    pub fn new() -> InstrumentedDatabase {
        InstrumentedDatabase {
            sqlite: Sqlite::new().unwrap(),
            calls: Cell::new(0),
            hook: RefCell::default(),
            recorded: RefCell::default(),
            fault: RefCell::default(),
            seen: Cell::default(),
        }
    }

    /// Makes these calls fail, counted from 0 from now on.
    pub fn fail(&self, fault: Fault, calls: Range<usize>) {
        self.seen.set(0);
        self.fault.replace(Some((fault, calls)));
    }

    /// Lets calls succeed again. Returns how many there were.
    pub fn recover(&self) -> usize {
        self.fault.replace(None);
        self.seen.get()
    }

    /// Runs `hook` before each call, counted from 0 from now on.
    pub fn before_calls(&self, hook: impl Fn(usize, &mut Vec<Statement>) + 'static) {
        self.calls.set(0);
        self.hook.replace(Some(Box::new(hook)));
    }

    pub fn leave_calls_alone(&self) {
        self.hook.replace(None);
    }

    /// Returns the statements since the last time.
    pub fn take_recorded(&self) -> Vec<Statement> {
        self.recorded.take()
    }

    /// Returns every row of every table, by the name of the table.
    pub fn dump(&self) -> Vec<(String, Vec<Row>)> {
        let run = |statements: Vec<Statement>| pollster::block_on(self.sqlite.run(statements)).unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
            AND name <> 'd1_migrations' ORDER BY name";
        let tables = run(vec![Statement::new(tables, Vec::new())]).remove(0);
        let names: Vec<String> = tables.iter().map(|row| row.text("name").unwrap().to_string()).collect();
        let select = |name: &String| Statement::new(format!("SELECT * FROM {name}"), Vec::new());
        let rows = run(names.iter().map(select).collect());
        names.into_iter().zip(rows).collect()
    }

    /// Runs the call with that fault.
    async fn fail_with(
        &self,
        fault: Fault,
        mut statements: Vec<Statement>,
    ) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let lost = || DatabaseError::Unavailable("Network connection lost.".into());
        if let Fault::Within(place) = fault {
            let place = place.min(statements.len());
            statements.insert(place, Statement::new("SELECT missing FROM nowhere", Vec::new()));
        }
        match fault {
            Fault::Before => Err(lost()),
            Fault::After => self.sqlite.run(statements).await.and(Err(lost())),
            Fault::Within(_) => self.sqlite.run(statements).await,
            Fault::Refused => Err(DatabaseError::Failed("no such table".into())),
            Fault::CallLimit => Err(DatabaseError::CallLimit),
        }
    }
}

impl Database for InstrumentedDatabase {
    async fn run(&self, mut statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        // Calls that the hook makes itself are not disturbed.
        if let Some(hook) = self.hook.take() {
            let call = self.calls.replace(self.calls.get() + 1);
            hook(call, &mut statements);
            self.hook.replace(Some(hook));
        }
        self.recorded.borrow_mut().extend(statements.iter().cloned());
        let call = self.seen.replace(self.seen.get() + 1);
        let fault = self.fault.borrow().clone().filter(|(_, calls)| calls.contains(&call));
        match fault {
            Some((fault, _)) => self.fail_with(fault, statements).await,
            None => self.sqlite.run(statements).await,
        }
    }
}
