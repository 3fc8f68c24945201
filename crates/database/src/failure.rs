//! Why an operation was not executed.

use std::fmt;

use scim::ScimError;

use crate::DatabaseError;

/// A failed operation. Clients read a refusal; everything else is only for the operator.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be done; the client reads why.
    Refused(ScimError),
    /// The client asked for more than the database can do. The client reads `error`, and the operator `reason`.
    TooMuch {
        /// What the client reads.
        error: ScimError,
        /// What the database said.
        reason: DatabaseError,
    },
    /// The database failed.
    Database(DatabaseError),
    /// A row is not in the form in which this build writes it.
    Corrupt(String),
    /// The operator's configuration does not work.
    Misconfigured(String),
}

impl Failure {
    /// Returns whether the same request may succeed if it is sent again.
    pub fn is_retryable(&self) -> bool {
        use DatabaseError::{CallLimit, Exhausted, Overloaded, Unavailable};
        matches!(self, Failure::Database(Unavailable(_) | Overloaded(_) | Exhausted(_) | CallLimit))
    }
}

/// The text for the operator's log; clients do not see it.
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
