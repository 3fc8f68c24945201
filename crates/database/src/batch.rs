//! Statements of one call, with keys to their rows. The caller that adds a statement holds the key to its rows, so
//! that adding one more statement to the batch changes nothing for the others.

use crate::{Database, DatabaseError, Row, Statement};

/// Statements that run in order and in one transaction.
#[derive(Default)]
pub struct Batch {
    statements: Vec<Statement>,
}

/// The key to the rows of one statement of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(usize);

/// The rows of each statement of a batch.
pub struct Rows(Vec<Vec<Row>>);

impl Batch {
    /// Returns a batch without statements.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Adds a statement, which runs after those that were added before.
    pub fn add(&mut self, statement: Statement) -> Key {
        self.statements.push(statement);
        Key(self.statements.len() - 1)
    }

    /// Adds several statements in their order.
    pub fn extend(&mut self, statements: impl IntoIterator<Item = Statement>) -> Vec<Key> {
        statements.into_iter().map(|statement| self.add(statement)).collect()
    }

    /// Returns whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Runs the statements: all of them take effect, or none. A batch without statements costs no round trip; D1 would
    /// refuse it.
    ///
    /// # Errors
    /// The errors of [`Database::run`].
    pub async fn run(self, database: &impl Database) -> Result<Rows, DatabaseError> {
        match self.is_empty() {
            true => Ok(Rows(Vec::new())),
            false => database.run(self.statements).await.map(Rows),
        }
    }

    /// Runs statements that only read, and tries them again when that may help: see [`Database::query`]. A batch
    /// without statements costs no round trip.
    ///
    /// # Errors
    /// The error of the last try.
    pub async fn query(self, database: &impl Database) -> Result<Rows, DatabaseError> {
        match self.is_empty() {
            true => Ok(Rows(Vec::new())),
            false => database.query(self.statements).await.map(Rows),
        }
    }
}

impl Rows {
    /// Returns the rows of the statement with that key; no rows if the statement was not added.
    pub fn of(&self, key: impl Into<Option<Key>>) -> &[Row] {
        let rows = key.into().and_then(|key| self.0.get(key.0));
        rows.map(Vec::as_slice).unwrap_or_default()
    }

    /// Takes the rows of the statement with that key, so that they can be dropped before the others.
    pub fn take(&mut self, key: impl Into<Option<Key>>) -> Vec<Row> {
        let rows = key.into().and_then(|key| self.0.get_mut(key.0));
        rows.map(std::mem::take).unwrap_or_default()
    }

    /// Returns the rows of the statements with these keys, one after the other.
    pub fn of_all<'r>(&'r self, keys: &'r [Key]) -> impl Iterator<Item = &'r Row> {
        keys.iter().flat_map(|key| self.of(*key))
    }

    /// Returns the first row of the statement with that key, if it has one.
    pub fn first(&self, key: impl Into<Option<Key>>) -> Option<&Row> {
        self.of(key).first()
    }
}
