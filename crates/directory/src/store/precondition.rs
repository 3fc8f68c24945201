//! If-Match and If-None-Match (RFC 7644 s3.14) within the statement that writes.

use database::Param;
use scim::Precondition;
use serde_json::json;

/// Returns a precondition as the JSON that [`met`] compares; NULL if there is none.
pub(super) fn versions(precondition: &Precondition) -> Param {
    let is_none = *precondition == Precondition::default();
    let versions =
        || json!({"allowed": precondition.allowed(), "forbidden": precondition.forbidden()}).to_string();
    (!is_none).then(versions).into()
}

/// Returns SQL of whether the version of the row `r` meets the precondition in that parameter.
pub(super) fn met(precondition: &str) -> String {
    format!(
        "({precondition} IS NULL OR ({precondition}->>'allowed' IS NULL \
         OR r.version IN (SELECT value FROM json_each({precondition}, '$.allowed'))) \
         AND r.version NOT IN (SELECT value FROM json_each({precondition}, '$.forbidden')))"
    )
}
