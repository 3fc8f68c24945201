//! Why an operation was not executed.

use scim::ScimError;

use crate::DatabaseError;

/// A refusal is the client's to know; anything else is the operator's.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be done; the client is told why.
    Refused(ScimError),
    /// The database did not do its part.
    Database(DatabaseError),
    /// A row is not as this build writes it.
    Corrupt(String),
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

/// The refusal of an operation on a resource that there is not.
pub(crate) fn not_found(kind: scim::Kind, id: &str) -> Failure {
    Failure::Refused(ScimError::not_found(format!("there is no {} `{id}`", kind.name())))
}
