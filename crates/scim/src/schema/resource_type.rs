//! A resource type (RFC 7643 s6): its own schema, the extensions, and the attributes that all resources have.

use super::{Attribute, Schema};
use crate::resource::Kind;

/// What the resources of one endpoint are made of.
#[derive(Debug)]
pub struct ResourceType {
    /// Which one.
    pub kind: Kind,
    /// The schema of its own attributes.
    pub schema: Schema,
    /// The schemas that may be present beside it.
    pub extensions: Vec<Schema>,
    /// `id`, `externalId`, `schemas` and `meta` (RFC 7643 s3.1).
    pub common: Vec<Attribute>,
}

impl ResourceType {
    /// The attribute of that name among its own and the common ones.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.schema.attribute(name).or_else(|| self.common.iter().find(|attribute| attribute.is(name)))
    }

    /// The extension with that URN, whatever its letter case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.is(urn))
    }

    /// Its own and the common attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.schema.attributes.iter().chain(&self.common)
    }
}
