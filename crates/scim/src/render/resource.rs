//! A resource as the client sees it: what it stored, and beside it what the server keeps.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::path::is_urn;
use crate::projection::Projection;
use crate::resource::{Resource, etag, location};
use crate::schema::ResourceType;

/// A resource, and how it is to be shown.
pub(super) struct View<'a> {
    pub resource: &'a Resource,
    pub projection: &'a Projection,
    pub of: &'a ResourceType,
    pub base: &'a str,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &self.schemas())?;
        map.serialize_entry("id", &self.resource.id)?;
        for (name, value) in &self.resource.document.0 {
            if let Some(value) = self.shown(name, value) {
                map.serialize_entry(name, &value)?;
            }
        }
        for (name, value) in
            [("groups", self.groups()), ("members", self.members()), ("meta", Some(self.meta()))]
        {
            if let Some(value) = value.and_then(|value| self.shown(name, &value)) {
                map.serialize_entry(name, &value)?;
            }
        }
        map.end()
    }
}

impl View<'_> {
    fn shown(&self, name: &str, value: &Value) -> Option<Value> {
        if is_urn(name) {
            return self.projection.apply_extension(self.of, name, value);
        }
        self.projection.apply(self.of, None, self.of.attribute(name)?, value)
    }

    /// RFC 7643 s3: the schemas that the resource has values of.
    fn schemas(&self) -> Vec<&str> {
        std::iter::once(self.of.schema.id.as_str()).chain(self.resource.document.extensions()).collect()
    }

    fn groups(&self) -> Option<Value> {
        let groups = self.resource.groups.as_ref().filter(|groups| !groups.is_empty())?;
        Some(groups.iter().map(|group| Value::Object(group.to_json(self.base))).collect())
    }

    fn members(&self) -> Option<Value> {
        let members = self.resource.members.as_ref().filter(|members| !members.is_empty())?;
        Some(members.iter().map(|member| Value::Object(member.to_json(self.base))).collect())
    }

    fn meta(&self) -> Value {
        let resource = self.resource;
        Value::Object(Map::from_iter([
            ("resourceType".to_string(), resource.kind.name().into()),
            ("created".to_string(), resource.created.to_rfc3339().into()),
            ("lastModified".to_string(), resource.last_modified.to_rfc3339().into()),
            ("location".to_string(), location(self.base, resource.kind, &resource.id).into()),
            ("version".to_string(), etag(resource.version).into()),
        ]))
    }
}
