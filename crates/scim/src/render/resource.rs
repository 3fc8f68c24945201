//! A resource as the client sees it: what it stored, and beside it what the server keeps.

use serde::Serialize;
use serde::ser::{Error, SerializeMap, Serializer};

use crate::projection::{Extent, Lens};
use crate::resource::{GroupRef, Kind, Member, Resource, etag, location};
use crate::schema::ResourceType;
use crate::urn::is_urn;

/// A resource, and how it is to be shown.
pub(super) struct View<'a> {
    pub resource: &'a Resource,
    pub lens: &'a Lens<'a>,
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
            } else if let Some(value) = self.lens.extension(name, value) {
                map.serialize_entry(name, &value)?;
            }
        }
        if let Some(groups) = self.resource.groups.as_ref().filter(|groups| !groups.is_empty()) {
            let groups: Vec<_> = groups.iter().map(|group| Reference::to_group(group, self.base)).collect();
            self.entry(&mut map, "groups", &groups)?;
        }
        // RFC 7643 s2.5: no value and an empty array mean the same. Clients differ: to some an attribute that is absent was
        // not told, and they never fill a group again that reads so.
        if let Some(members) = &self.resource.members {
            let members: Vec<_> =
                members.iter().map(|member| Reference::to_member(member, self.base)).collect();
            self.entry(&mut map, "members", &members)?;
        }
        self.entry(&mut map, "meta", &self.meta())?;
        map.end()
    }
}

impl View<'_> {
    /// Writes an attribute of the resource's own schema, as much of it as is shown. Only what is shown in part is
    /// copied.
    fn entry<M: SerializeMap>(
        &self,
        map: &mut M,
        name: &str,
        value: &impl Serialize,
    ) -> Result<(), M::Error> {
        let Some(attribute) = self.of.attribute(name) else { return Ok(()) };
        match self.lens.extent(None, attribute) {
            Extent::Whole => map.serialize_entry(name, value),
            Extent::None => Ok(()),
            part => match part.of(serde_json::to_value(value).map_err(M::Error::custom)?) {
                Some(value) => map.serialize_entry(name, &value),
                None => Ok(()),
            },
        }
    }

    /// RFC 7643 s3: the schemas that the resource has values of.
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

/// RFC 7643 s3.1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    created: String,
    last_modified: String,
    location: String,
    resource_type: &'static str,
    version: String,
}

/// An element of `members` or `groups`.
#[derive(Serialize)]
struct Reference<'a> {
    #[serde(rename = "$ref")]
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
}

impl<'a> Reference<'a> {
    fn to_member(member: &'a Member, base: &str) -> Reference<'a> {
        Reference {
            reference: location(base, member.kind, &member.id),
            display: member.display.as_deref(),
            kind: member.kind.name(),
            value: &member.id,
        }
    }

    fn to_group(group: &'a GroupRef, base: &str) -> Reference<'a> {
        Reference {
            reference: location(base, Kind::Group, &group.id),
            display: group.display.as_deref(),
            kind: if group.direct { "direct" } else { "indirect" },
            value: &group.id,
        }
    }
}
