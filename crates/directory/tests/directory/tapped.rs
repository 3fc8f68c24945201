//! The database of the tests: SQLite, every call of which can be listened to and interfered with.

use std::cell::{Cell, RefCell};

use directory::{Database, DatabaseError, Row, Sqlite, Statement};

/// What happens before a call: its number, counted from 0, and its statements.
pub type Hook = Box<dyn Fn(usize, &mut Vec<Statement>)>;

/// How the database does not answer.
#[derive(Clone, Copy, PartialEq)]
pub enum Silence {
    /// Nothing was done.
    Before,
    /// All was done, and nobody is told.
    After,
}

pub struct Tapped {
    pub sqlite: Sqlite,
    calls: Cell<usize>,
    hook: RefCell<Option<Hook>>,
    recorded: RefCell<Vec<Statement>>,
    silence: Cell<Option<(Silence, usize)>>,
}

impl Tapped {
    pub fn new() -> Tapped {
        Tapped {
            sqlite: Sqlite::new().unwrap(),
            calls: Cell::new(0),
            hook: RefCell::default(),
            recorded: RefCell::default(),
            silence: Cell::default(),
        }
    }

    /// So many calls from here on are not answered.
    pub fn fall_silent(&self, silence: Silence, calls: usize) {
        self.silence.set(Some((silence, calls)));
    }

    /// From here on calls are counted from 0, and `hook` stands before each.
    pub fn before_calls(&self, hook: impl Fn(usize, &mut Vec<Statement>) + 'static) {
        self.calls.set(0);
        self.hook.replace(Some(Box::new(hook)));
    }

    pub fn leave_calls_alone(&self) {
        self.hook.replace(None);
    }

    /// The statements since the last time.
    pub fn take_recorded(&self) -> Vec<Statement> {
        self.recorded.take()
    }

    /// Every row of every table.
    pub fn dump(&self) -> Vec<Vec<Row>> {
        let tables = ["resources", "emails", "memberships", "totals"];
        let select = |table| Statement::new(format!("SELECT * FROM {table}"), Vec::new());
        pollster::block_on(self.sqlite.run(tables.map(select).to_vec())).unwrap()
    }
}

impl Database for Tapped {
    async fn run(&self, mut statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        // What the hook does itself is not interfered with.
        if let Some(hook) = self.hook.take() {
            let call = self.calls.replace(self.calls.get() + 1);
            hook(call, &mut statements);
            self.hook.replace(Some(hook));
        }
        self.recorded.borrow_mut().extend(statements.iter().cloned());
        match self.silence.take() {
            Some((silence, calls)) if calls > 0 => {
                self.silence.set(Some((silence, calls - 1)));
                if silence == Silence::After {
                    self.sqlite.run(statements).await?;
                }
                Err(DatabaseError::Unavailable("silence".into()))
            }
            _ => self.sqlite.run(statements).await,
        }
    }
}
