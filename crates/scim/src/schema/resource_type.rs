//! A resource type (RFC 7643 s6): its own schema, the extensions, and the attributes that all resources have.

use super::{Attribute, Kind, Schema};
use crate::urn;

/// What the resources of one endpoint are made of.
#[derive(Debug)]
pub struct ResourceType {
    /// The handle of the type.
    pub kind: Kind,
    /// What it is for.
    pub description: String,
    /// The schema of its own attributes.
    pub schema: Schema,
    /// The schemas of its extensions.
    pub extensions: Vec<Schema>,
    /// `id`, `externalId`, `schemas` and `meta` (RFC 7643 s3.1).
    pub common: Vec<Attribute>,
    /// The URNs of the schemas of other resource types, whose attributes resources of this type do not have.
    pub foreign: Vec<String>,
}

impl ResourceType {
    /// Returns the attribute of that name among its own and the common ones.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.schema.attribute(name).or_else(|| self.common.iter().find(|attribute| attribute.is(name)))
    }

    /// Returns the extension with that URN, whatever its letter case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.is(urn))
    }

    /// Returns whether values under that URN are kept: those of an extension that a schema declares, or of one that a
    /// client made up. Values under the URNs of the specifications and of other resource types are not kept.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        let is_foreign = || self.foreign.iter().any(|urn| urn::after(text, urn).is_some());
        self.extension(text).is_some() || !urn::is_reserved(text) && !is_foreign()
    }

    /// Returns the attribute that no two resources of a tenant share, if the type has one.
    pub fn unique(&self) -> Option<&Attribute> {
        self.schema.attribute(self.kind.unique()?)
    }

    /// Returns its own and the common attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.schema.attributes.iter().chain(&self.common)
    }
}
