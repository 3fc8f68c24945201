//! What a request leaves when all its operations are done: elements that were cleared of all that they said, the
//! `$ref` of the previous manager, and what is stored under URNs of the specifications.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::{Change, ChangeTarget};
use crate::dialect::{self, Dialect};
use crate::document::Document;
use crate::object::within;
use crate::schema::{Attribute, ResourceType};

/// Removes elements that the request has left with nothing but `type` or `primary`. It does so after all operations,
/// since a later one may fill the element again.
pub(super) fn drop_emptied_elements(
    changes: &[Change<'_>],
    before: &Document,
    after: &mut Map<String, Value>,
    dialect: Dialect,
) {
    let mut cleared = BTreeSet::new();
    for change in changes.iter().filter(|change| change.clears()) {
        if let ChangeTarget::Attribute { extension, attribute, sub: Some(_), .. } = &change.place {
            let urn = extension.map(|schema| schema.id.as_str());
            cleared.insert((urn, attribute.name.as_str()));
        }
    }
    for (urn, name) in cleared {
        match urn {
            None => drop_emptied_of(name, before.0.get(name), after, dialect),
            Some(urn) => {
                let before = before.0.get(urn).and_then(|extension| extension.get(name));
                within(after, urn, |after| drop_emptied_of(name, before, after, dialect));
            }
        }
    }
}

fn drop_emptied_of(name: &str, before: Option<&Value>, after: &mut Map<String, Value>, dialect: Dialect) {
    let Some(Value::Array(elements)) = after.get_mut(name) else { return };
    let was_there =
        |element: &Value| before.and_then(Value::as_array).is_some_and(|before| before.contains(element));
    elements.retain(|element| !dialect::is_emptied(element, dialect) || was_there(element));
    if elements.is_empty() {
        after.remove(name);
    }
}

/// Removes what earlier releases stored under the URNs of the specifications and of other resource types: it is not
/// an extension, and is not shown.
pub(super) fn drop_reserved(of: &ResourceType, after: &mut Document) {
    after.0.retain(|key, _| !crate::urn::is_urn(key) || of.keeps(key));
}

/// Removes what described the previous `value` of a reference that has changed (RFC 7643 s4.3). What the request sent
/// anew stays, whether it came before the `value` or after it.
pub(super) fn drop_stale(of: &ResourceType, before: &Document, after: &mut Document) {
    drop_stale_within(of.attributes(), &before.0, &mut after.0);
    for schema in &of.extensions {
        let values = (before.0.get(&schema.id), after.0.get_mut(&schema.id));
        if let (Some(Value::Object(before)), Some(Value::Object(after))) = values {
            drop_stale_within(schema.attributes.iter(), before, after);
        }
    }
}

fn drop_stale_within<'a>(
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
