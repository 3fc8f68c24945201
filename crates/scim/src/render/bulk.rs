//! A BulkResponse (RFC 7644 s3.7.3).

use serde_json::{Map, Value, json};

use super::error;
use crate::bulk::BulkResult;
use crate::resource::{etag, location};
use crate::urn;

/// Returns the body of the response to a bulk request.
pub(super) fn response(results: &[BulkResult], base: &str) -> Value {
    let operations: Vec<Value> = results.iter().map(|result| operation(result, base)).collect();
    json!({"schemas": [urn::BULK_RESPONSE], "Operations": operations})
}

/// Returns the result of one operation. Its status is text, as in the examples of the RFC; its prose describes an
/// object, but no service is known to send that.
fn operation(result: &BulkResult, base: &str) -> Value {
    let mut shown = Map::new();
    shown.insert("method".into(), result.method.clone().into());
    shown.extend(result.bulk_id.clone().map(|id| ("bulkId".to_string(), id.into())));
    if let Some((kind, id)) = &result.resource {
        shown.insert("location".into(), location(base, *kind, id).into());
    }
    match &result.done {
        Ok(done) => {
            shown.extend(done.version.map(|version| ("version".to_string(), etag(version).into())));
            shown.insert("status".into(), done.status.to_string().into());
        }
        // RFC 7644 s3.7.3: a result has a body if its status is an error.
        Err(error) => {
            shown.insert("status".into(), error.status.to_string().into());
            shown.insert("response".into(), Value::Object(error::body(error)));
        }
    }
    Value::Object(shown)
}
