//! Why a database did not do what it was asked. What that means for an operation: `failure`.

use std::fmt;

/// Why a call failed. The text is for the operator's log; clients do not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// The database did not answer, or not in time, or the connection was lost. The statements took effect all
    /// together or not at all.
    Unavailable(String),
    /// The database is overloaded. Nothing was done.
    Overloaded(String),
    /// The statements themselves took more time or memory than they may, and would again if they were repeated.
    Exhausted(String),
    /// The request has made as many calls as one request may. Nothing was done.
    CallLimit,
    /// The database is full. Nothing was done; statements that need no more room still work.
    Full(String),
    /// The database refused a statement, and would again if it were repeated.
    Failed(String),
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseError::Unavailable(reason) => write!(out, "it was not available: {reason}"),
            DatabaseError::Overloaded(reason) => write!(out, "it is overloaded: {reason}"),
            DatabaseError::Exhausted(reason) => write!(out, "a statement was too much for it: {reason}"),
            DatabaseError::CallLimit => out.write_str("the request reached its limit of database calls"),
            DatabaseError::Full(reason) => write!(out, "it is full: {reason}"),
            DatabaseError::Failed(reason) => out.write_str(reason),
        }
    }
}
