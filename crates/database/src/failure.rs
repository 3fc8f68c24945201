//! Why an operation was not executed.

use std::fmt;

use scim::ScimError;

use crate::DatabaseError;

/// A refusal is the client's to know; anything else is the operator's.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be done; the client is told why.
    Refused(ScimError),
    /// What the client asked for was too much for the database; the client is told so, and the operator why.
    TooMuch {
        /// What the client is told.
        error: ScimError,
        /// What the database said.
        reason: DatabaseError,
    },
    /// The database did not do its part.
    Database(DatabaseError),
    /// A row is not as this build writes it.
    Corrupt(String),
    /// What the operator has set up does not work.
    Misconfigured(String),
}

impl Failure {
    /// Whether the same request, sent again, may succeed.
    pub fn is_retryable(&self) -> bool {
        use DatabaseError::{CallLimit, Exhausted, Overloaded, Unavailable};
        matches!(self, Failure::Database(Unavailable(_) | Overloaded(_) | Exhausted(_) | CallLimit))
    }
}

/// What the operator reads. No client does.
impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(error) => out.write_str(&error.detail),
            Failure::TooMuch { reason, .. } => write!(out, "the database failed: {reason}"),
            Failure::Database(error) => write!(out, "the database failed: {error}"),
            Failure::Corrupt(error) => write!(out, "a row is corrupt: {error}"),
            Failure::Misconfigured(error) => out.write_str(error),
        }
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Failure::Refused(error)
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Failure::Database(error)
    }
}
