//! What a new `value` leaves behind: the `$ref` of the manager before (RFC 7643 s4.3).

use serde_json::{Map, Value};

use crate::document::Document;
use crate::schema::{Attribute, ResourceType};

/// Drops what stood beside the `value` of a reference that is another one now: it was said of the value before. What
/// the request said anew stays, whether it came before the `value` or after it.
pub(super) fn drop_stale(of: &ResourceType, before: &Document, after: &mut Document) {
    drop_within(of.attributes(), &before.0, &mut after.0);
    for schema in &of.extensions {
        let values = (before.0.get(&schema.id), after.0.get_mut(&schema.id));
        if let (Some(Value::Object(before)), Some(Value::Object(after))) = values {
            drop_within(schema.attributes.iter(), before, after);
        }
    }
}

fn drop_within<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    before: &Map<String, Value>,
    after: &mut Map<String, Value>,
) {
    let refers =
        |attribute: &&Attribute| !attribute.multi_valued && attribute.sub_attribute("$ref").is_some();
    for attribute in attributes.filter(refers) {
        let values = (before.get(&attribute.name), after.get_mut(&attribute.name));
        let (Some(Value::Object(before)), Some(Value::Object(after))) = values else { continue };
        let (Some(old), Some(new)) = (before.get("value"), after.get("value")) else { continue };
        if old != new {
            after.retain(|key, value| key == "value" || before.get(key) != Some(value));
        }
    }
}
