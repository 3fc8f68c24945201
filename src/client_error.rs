//! What a client reads when a request fails. The operator reads the rest in the log.
//!
//! What lives here: the mapping from `Failure` to status and sentence. What does not: the form of the error, which
//! each endpoint renders for itself (SCIM, OAuth, the administration).

use database::{Cause, DatabaseError, Failure};
use scim::ScimError;

use crate::log::{self, Entry};

/// Returns what the client reads, and logs what it must not read. The line of the request in the log says why it is
/// refused.
pub fn client_error(failure: Failure, entry: &Entry) -> ScimError {
    let error = of_failure(failure, &entry.correlation_id);
    entry.note_refusal(&error);
    error
}

/// Returns the error for a failure. RFC 7644 s3.12 asks for an error that helps its reader: a 500 has an id by which
/// the operator finds the reason in the log.
fn of_failure(failure: Failure, correlation_id: &str) -> ScimError {
    let failure = match failure.into_refusal() {
        Ok(refusal) => return refusal,
        Err(failure) => failure,
    };
    log::error(&failure.to_string(), correlation_id);
    match failure.cause() {
        Cause::TooMuch { error, .. } => return error.clone(),
        Cause::Database(DatabaseError::Full(_)) => return ScimError::full(),
        _ => {}
    }
    if failure.is_retryable() {
        let detail = format!("the directory did not answer; send the request again (`{correlation_id}`)");
        return ScimError::busy(detail);
    }
    let detail = format!("the service failed; its operator finds the reason under `{correlation_id}`");
    ScimError::new(500, detail)
}
