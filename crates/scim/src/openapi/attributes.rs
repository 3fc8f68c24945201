//! The attributes of the resource types as JSON schemas. Each complex attribute and each extension is a schema with a
//! name of its own, of which code generators make a type: `UserEmail` for an element of a user's `emails`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::part::parse;
use crate::ScimError;
use crate::schema::{COMMON, Registry, ResourceType, Schema};

/// Returns the schemas that follow from the schema documents, by name. `taken` are the names of other schemas.
pub(super) fn schemas(registry: &Registry, taken: &[String]) -> Result<Map<String, Value>, ScimError> {
    let mut named = Named::new(taken);
    let common = parse(COMMON)?;
    let common = named.properties("", Some(&common));
    for of in registry.resource_types() {
        let mut properties = common.clone();
        properties.extend(named.properties(of.kind.name(), of.schema.json.get("attributes")));
        // The server keeps `schemas`, but a client sends it (RFC 7643 s3).
        let schemas = json!({"type": "array", "items": {"type": "string"}, "examples": [[of.schema.id]]});
        properties.insert("schemas".into(), schemas);
        for extension in &of.extensions {
            properties.insert(extension.id.clone(), named.extension(extension).into());
        }
        named.resource(of, &properties);
    }
    Ok(named.schemas)
}

/// Schemas, each under a name that only it has.
struct Named {
    schemas: Map<String, Value>,
    /// In lower case: code generators name files after them, and some file systems do not distinguish letter case.
    taken: BTreeSet<String>,
}

impl Named {
    fn new(taken: &[String]) -> Named {
        Named { schemas: Map::new(), taken: taken.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Adds a resource as it is answered, all of which but its id and its schemas depends on what the client asks
    /// for (RFC 7644 s3.9), and as it is sent.
    fn resource(&mut self, of: &ResourceType, properties: &Map<String, Value>) {
        let without = |access: &str| {
            let kept = properties.iter().filter(|(_, property)| property.get(access).is_none());
            crate::object::object(kept.map(|(name, property)| (name.clone(), property.clone())))
        };
        let required = of.schema.attributes.iter().filter(|sent| sent.required);
        let required: Vec<&str> = required.map(|sent| sent.name.as_str()).collect();
        let name = of.kind.name();
        let answered = json!({"properties": without("writeOnly"), "required": ["schemas", "id"]});
        self.schemas.insert(name.into(), answered);
        let sent = json!({"properties": without("readOnly"), "required": required});
        self.schemas.insert(format!("{name}Request"), sent);
    }

    fn extension(&mut self, extension: &Schema) -> Map<String, Value> {
        let name = type_name(&extension.name);
        let properties = self.properties(&name, extension.json.get("attributes"));
        self.add(
            &name,
            json!({"type": "object", "description": extension.description, "properties": properties}),
        )
    }

    /// Returns attributes as properties; `prefix` stands before the names of their schemas.
    fn properties(&mut self, prefix: &str, attributes: Option<&Value>) -> Map<String, Value> {
        let mut properties = Map::new();
        for attribute in attributes.and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = text(attribute, "name") {
                properties.insert(name.into(), self.property(prefix, name, attribute).into());
            }
        }
        properties
    }

    /// Returns an attribute as a property. It states only what holds for every value: canonical values, for one, are
    /// suggestions and not the only ones that are allowed (RFC 7643 s7).
    fn property(&mut self, prefix: &str, name: &str, attribute: &Value) -> Map<String, Value> {
        let is = |name: &str| attribute.get(name) == Some(&Value::Bool(true));
        let mut property = if text(attribute, "type") == Some("complex") {
            let name =
                format!("{prefix}{}", type_name(if is("multiValued") { singular(name) } else { name }));
            let properties = self.properties(&name, attribute.get("subAttributes"));
            self.add(&name, json!({"type": "object", "properties": properties}))
        } else {
            simple(attribute, is("required"))
        };
        if is("multiValued") {
            property = object([("type", "array".into()), ("items", property.into())]);
        }
        if let Some(description) = text(attribute, "description") {
            property.insert("description".into(), description.into());
        }
        if let Some(access @ ("readOnly" | "writeOnly")) = text(attribute, "mutability") {
            property.insert(access.into(), true.into());
        }
        property
    }

    /// Adds a schema, and returns the reference to it. If its name is taken, it gets a number.
    fn add(&mut self, wanted: &str, schema: Value) -> Map<String, Value> {
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let mut names = std::iter::once(wanted.to_string()).chain(numbered);
        let free = names.find(|name| self.taken.insert(name.to_ascii_lowercase())).unwrap_or_default();
        let reference = object([("$ref", format!("#/components/schemas/{free}").into())]);
        self.schemas.insert(free, schema);
        reference
    }
}

fn simple(attribute: &Value, is_required: bool) -> Map<String, Value> {
    let (json_type, format) = match text(attribute, "type") {
        Some("decimal") => ("number", None),
        Some(json_type @ ("boolean" | "integer")) => (json_type, None),
        Some("dateTime") => ("string", Some("date-time")),
        Some("binary") => ("string", Some("byte")),
        _ => ("string", None),
    };
    let mut property = object([("type", json_type.into())]);
    if let Some(format) = format {
        property.insert("format".into(), format.into());
    }
    // RFC 7643 s2.5: text that is empty is not a value.
    if is_required && json_type == "string" {
        property.insert("minLength".into(), 1.into());
    }
    property
}

/// Returns the name of a type: letters and digits alone, and a capital at the beginning of each word.
fn type_name(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            word.chars().take(1).map(|first| first.to_ascii_uppercase()).chain(word.chars().skip(1))
        })
        .collect()
}

/// Returns the name of one element: `emails` consists of `email`s.
fn singular(name: &str) -> &str {
    match name {
        name if name.ends_with("sses") => name.strip_suffix("es").unwrap_or(name),
        name if name.ends_with("ss") => name,
        name => name.strip_suffix('s').unwrap_or(name),
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    crate::object::object(members.map(|(name, value)| (name.to_string(), value)))
}

fn text<'a>(attribute: &'a Value, name: &str) -> Option<&'a str> {
    attribute.get(name).and_then(Value::as_str)
}
