//! The shorthand of a ListResponse (RFC 7644 s3.4.2): `list` has the names of the schemas of its resources.

use serde_json::{Value, json};

use super::part::reference;
use crate::urn;

/// Replaces the shorthand by what OpenAPI demands, in every schema of the document.
///
/// Each list has all properties itself: if a schema only adds to another one (`allOf`), some code generators produce
/// that other one.
pub(super) fn spell_out_all(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flat_map(|schemas| schemas.values_mut()) {
        if let Some(Value::Array(of)) = schema.get("list") {
            let of: Vec<Value> =
                of.iter().filter_map(Value::as_str).map(|name| reference("schemas", name)).collect();
            *schema = list(&of);
        }
    }
}

fn list(of: &[Value]) -> Value {
    let resource = match of {
        [one] => one.clone(),
        several => json!({"anyOf": several}),
    };
    json!({
        "type": "object",
        "properties": {
            "schemas": {"type": "array", "items": {"type": "string", "enum": [urn::LIST_RESPONSE]}, "minItems": 1},
            "totalResults": {"type": "integer", "minimum": 0},
            "startIndex": {"type": "integer", "minimum": 1},
            "itemsPerPage": {"type": "integer", "minimum": 0},
            "nextCursor": {"type": "string", "pattern": "^[A-Za-z0-9._~-]+$"},
            "Resources": {"type": "array", "items": resource},
        },
        "required": ["schemas", "itemsPerPage", "Resources"],
    })
}
