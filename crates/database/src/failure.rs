//! Why an operation was not executed.

use std::fmt;

use scim::ScimError;

use crate::DatabaseError;

/// A failed operation. It is as large as a pointer, since every result has room for a failure, and few have one.
#[derive(Debug)]
pub struct Failure(Box<Cause>);

/// Why an operation failed. Clients read a refusal; everything else is only for the operator.
#[derive(Debug)]
pub enum Cause {
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
    /// Returns a failure because a row is not in the form in which this build writes it.
    pub fn corrupt(what: impl Into<String>) -> Failure {
        Cause::Corrupt(what.into()).into()
    }

    /// Returns a failure because the operator's configuration does not work.
    pub fn misconfigured(what: impl Into<String>) -> Failure {
        Cause::Misconfigured(what.into()).into()
    }

    /// Returns why the operation failed.
    pub fn cause(&self) -> &Cause {
        &self.0
    }

    /// Returns the refusal, if it is one.
    pub fn refusal(&self) -> Option<&ScimError> {
        match self.cause() {
            Cause::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the HTTP status of the refusal, if it is one.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// Returns the refusal, to keep it.
    ///
    /// ```
    /// use database::{DatabaseError, Failure};
    /// use scim::ScimError;
    ///
    /// let refused = Failure::from(ScimError::not_found("the user does not exist"));
    /// assert_eq!(refused.status(), Some(404));
    /// assert_eq!(refused.into_refusal().unwrap().status, 404);
    /// let failed = Failure::from(DatabaseError::CallLimit);
    /// assert!(failed.into_refusal().unwrap_err().is_retryable());
    /// ```
    ///
    /// # Errors
    /// Any other failure, as it is.
    pub fn into_refusal(self) -> Result<ScimError, Failure> {
        match *self.0 {
            Cause::Refused(error) => Ok(error),
            cause => Err(cause.into()),
        }
    }

    /// Returns whether the same request may succeed if it is sent again.
    pub fn is_retryable(&self) -> bool {
        use DatabaseError::{CallLimit, Exhausted, Overloaded, Unavailable};
        matches!(self.cause(), Cause::Database(Unavailable(_) | Overloaded(_) | Exhausted(_) | CallLimit))
    }
}

/// The text for the operator's log; clients do not see it.
impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            Cause::Refused(error) => out.write_str(&error.detail),
            Cause::TooMuch { reason, .. } => write!(out, "the database failed: {reason}"),
            Cause::Database(error) => write!(out, "the database failed: {error}"),
            Cause::Corrupt(error) => write!(out, "a row is corrupt: {error}"),
            Cause::Misconfigured(error) => out.write_str(error),
        }
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Failure(Box::new(cause))
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Cause::Refused(error).into()
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Cause::Database(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_is_as_large_as_a_pointer() {
        assert_eq!(size_of::<Result<(), Failure>>(), size_of::<usize>());
    }
}
