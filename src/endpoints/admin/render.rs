//! What all responses of the administration share.

use scim::ScimError;
use serde_json::{Value, json};

use crate::http::Response;

/// Renders a refusal: `{"status": 409, "detail": "..."}`.
pub(super) fn refused(error: &ScimError) -> Response {
    let body = json!({"status": error.status, "detail": error.detail});
    Response::json(error.status, &body).with_all(error.headers())
}

/// Adds the members of one JSON object to another.
pub(super) fn extend(shown: &mut Value, more: Value) {
    if let (Value::Object(shown), Value::Object(more)) = (shown, more) {
        shown.extend(more);
    }
}
