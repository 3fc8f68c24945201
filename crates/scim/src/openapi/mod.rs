//! The OpenAPI 3.1 document of this service.
//!
//! `service.json` has what does not depend on the schemas, and `resource.json` what there is once for each resource
//! type. The operations in both are written in a shorthand that `operation` spells out. The contents of a resource
//! come from the schema documents, through `attributes`. `part` has what all of them share.

mod attributes;
mod list;
mod operation;
mod part;

use serde_json::{Map, Value, json};

use part::parse;

use crate::ScimError;
use crate::schema::Registry;

const SERVICE: &str = include_str!("service.json");
const RESOURCE: &str = include_str!("resource.json");

/// Returns the document. `base` is the base URL without a slash at its end.
pub(crate) fn document(registry: &Registry, base: &str) -> Result<Value, ScimError> {
    let mut document = parse(SERVICE)?;
    merge(&mut document, json!({"servers": [{"url": base}]}));
    for of in registry.resource_types() {
        let (name, endpoint) = (of.kind.name(), of.kind.endpoint());
        merge(&mut document, parse(&RESOURCE.replace("{Types}", endpoint).replace("{Type}", name))?);
    }
    let named = document.pointer("/components/schemas").and_then(Value::as_object);
    let taken: Vec<String> = named.into_iter().flat_map(Map::keys).cloned().collect();
    let schemas = attributes::schemas(registry, &taken)?;
    merge(&mut document, json!({"components": {"schemas": schemas}}));
    operation::spell_out_all(&mut document);
    list::spell_out_all(&mut document);
    Ok(document)
}

/// Adds the contents of `more`: members to objects, elements to arrays.
fn merge(value: &mut Value, more: Value) {
    match (value, more) {
        (Value::Object(members), Value::Object(more)) => {
            for (name, member) in more {
                merge(members.entry(name).or_insert(Value::Null), member);
            }
        }
        (Value::Array(elements), Value::Array(mut more)) => elements.append(&mut more),
        (value, more) => *value = more,
    }
}

#[cfg(test)]
mod tests;
