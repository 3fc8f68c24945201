//! A resource as the client sees it: what the client stored, and what the server adds.

use serde::Serialize;
use serde::ser::{Error, SerializeMap, Serializer};

use super::reference::{Elements, Shown};
use crate::projection::{ResolvedProjection, Visible};
use crate::resource::{Resource, etag, location};
use crate::schema::ResourceType;
use crate::urn::is_urn;

/// A resource, and how it is to be shown.
pub(super) struct View<'a> {
    pub resource: &'a Resource,
    pub projection: &'a ResolvedProjection<'a>,
    pub of: &'a ResourceType,
    pub base: &'a str,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &self.schemas())?;
        map.serialize_entry("id", &self.resource.id)?;
        for (name, value) in &self.resource.document.0 {
            if !is_urn(name) {
                self.entry(&mut map, name, value)?;
            } else if let Some(value) = self.projection.extension(name, value) {
                map.serialize_entry(name, &value)?;
            }
        }
        if !self.resource.more {
            self.memberships(&mut map)?;
        }
        self.entry(&mut map, "meta", &self.meta())?;
        // Last, so that members that are not read yet can follow.
        if self.resource.more {
            self.memberships(&mut map)?;
        }
        map.end()
    }
}

impl View<'_> {
    /// Writes an attribute of the resource's own schema, as much of it as is shown. It copies only what is shown in
    /// part.
    fn entry<M: SerializeMap>(
        &self,
        map: &mut M,
        name: &str,
        value: &impl Serialize,
    ) -> Result<(), M::Error> {
        let Some(attribute) = self.of.attribute(name) else { return Ok(()) };
        match self.projection.visible(None, attribute) {
            Visible::Whole => map.serialize_entry(name, value),
            Visible::None => Ok(()),
            part => match part.of(serde_json::to_value(value).map_err(M::Error::custom)?) {
                Some(value) => map.serialize_entry(name, &value),
                None => Ok(()),
            },
        }
    }

    /// Writes `members` of a group or `groups` of a user.
    fn memberships<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (resource, base) = (self.resource, self.base);
        let Some(memberships) = resource.kind.memberships() else { return Ok(()) };
        let Some(shown) = self.shown() else { return Ok(()) };
        let elements = Elements { resource, shown, base };
        // RFC 7643 s2.5: no value and an empty array mean the same. Clients differ: some take an absent attribute as
        // unknown, and never fill such a group again. `groups` is readOnly and is left out.
        let has_no_members = resource.members.as_ref().is_some_and(Vec::is_empty);
        if elements.is_empty() && !resource.more && !has_no_members {
            return Ok(());
        }
        map.serialize_entry(memberships.attribute(), &elements)
    }

    /// Returns what is shown of the elements of the memberships; None for nothing.
    pub(super) fn shown(&self) -> Option<Shown> {
        let attribute = self.resource.kind.memberships()?.attribute();
        Shown::new(&self.projection.visible(None, self.of.attribute(attribute)?))
    }

    /// Returns the schemas that the resource has values of (RFC 7643 s3).
    fn schemas(&self) -> Vec<&str> {
        std::iter::once(self.of.schema.id.as_str())
            .chain(self.resource.document.extensions(self.of))
            .collect()
    }

    fn meta(&self) -> Meta {
        let resource = self.resource;
        Meta {
            created: resource.created.to_rfc3339(),
            last_modified: resource.last_modified.to_rfc3339(),
            location: location(self.base, resource.kind, &resource.id),
            resource_type: resource.kind.name(),
            version: etag(resource.version),
        }
    }
}

/// The `meta` of a resource (RFC 7643 s3.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    created: String,
    last_modified: String,
    location: String,
    resource_type: &'static str,
    version: String,
}
