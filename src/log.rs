//! What the operator gets to read: one JSON line an event. No token, no password, nothing of a request's body.

use serde_json::json;
use worker::console_error;

/// Something that the operator has to mend.
pub fn error(message: &str, correlation_id: &str) {
    console_error!("{}", json!({"level": "error", "message": message, "correlationId": correlation_id}));
}
