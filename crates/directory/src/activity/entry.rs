//! One entry of the activity: a row of the change log, or a refusal. The SQL that reads its columns, and its JSON.

use database::{Failure, Row};
use scim::Instant;
use serde_json::{Value, json};

/// Bytes of the largest change whose values are shown; of a larger one only the paths are.
const LARGE: usize = 16_000;

/// SQL of the columns of a row `c` of the change log.
pub(super) fn change_columns() -> String {
    format!(
        "c.seq, c.at, c.resource_type AS type, c.resource_id AS id, c.version, c.actor, c.correlation_id, \
         c.change->>'$.op' AS operation, \
         coalesce(c.change->>'$.resource.userName', c.change->>'$.resource.displayName') AS name, \
         CASE WHEN octet_length(c.change) <= {LARGE} THEN c.change->'$.changes' \
         ELSE (SELECT json_group_array(json_object('path', value->>'$.path')) FROM (\
         SELECT value FROM json_each(c.change, '$.changes') LIMIT 100)) END AS changes, \
         json_array_length(c.change, '$.came') AS came, json_array_length(c.change, '$.went') AS went"
    )
}

/// SQL of the columns of a row `c` of `refusals`. The name is the one that the resource has now, if it is still there.
pub(super) const REFUSAL_COLUMNS: &str = "c.at, c.id AS number, c.resource_type AS type, c.resource_id AS id, c.actor, \
    c.correlation_id, c.operation, c.status, c.scim_type, c.detail, (\
    SELECT coalesce(r.document->>'$.userName', r.document->>'$.displayName') FROM resources AS r \
    WHERE r.tenant = ?1 AND r.type = c.resource_type AND r.id = c.resource_id) AS name";

/// Returns a change as JSON.
pub(super) fn change(row: &Row) -> Result<Value, Failure> {
    let mut shown = shown("change", row)?;
    set(&mut shown, "sequence", json!(row.integer("seq")?));
    set(&mut shown, "version", json!(row.integer("version")?));
    let changes = row.optional_text("changes").map(serde_json::from_str::<Value>);
    let changes = changes.transpose().map_err(|_| Failure::Corrupt("changes are not JSON".into()))?;
    let changes = changes.filter(|changes| changes.as_array().is_some_and(|changes| !changes.is_empty()));
    set(&mut shown, "changes", changes.unwrap_or_default());
    for name in ["came", "went"] {
        set(&mut shown, name, json!(row.optional_integer(name)?));
    }
    Ok(shown)
}

/// Returns a refusal as JSON.
pub(super) fn refusal(row: &Row) -> Result<Value, Failure> {
    let mut shown = shown("refusal", row)?;
    set(&mut shown, "status", json!(row.integer("status")?));
    set(&mut shown, "scimType", json!(row.optional_text("scim_type")));
    set(&mut shown, "detail", json!(row.text("detail")?));
    Ok(shown)
}

/// Returns what both have.
fn shown(kind: &str, row: &Row) -> Result<Value, Failure> {
    let mut resource = Value::Null;
    for name in ["type", "id", "name"] {
        if let Some(text) = row.optional_text(name) {
            if resource.is_null() {
                resource = json!({});
            }
            set(&mut resource, name, text.into());
        }
    }
    let mut shown = json!({
        "kind": kind,
        "at": Instant(row.integer("at")?).to_rfc3339(),
        "operation": row.text("operation")?,
        "actor": row.text("actor")?,
        "correlationId": row.text("correlation_id")?,
    });
    set(&mut shown, "resource", resource);
    Ok(shown)
}

/// Sets a member, unless the value is null.
fn set(object: &mut Value, name: &str, value: Value) {
    if let (Value::Object(members), false) = (object, value.is_null()) {
        members.insert(name.to_string(), value);
    }
}
