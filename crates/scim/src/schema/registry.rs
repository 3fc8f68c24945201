//! All the schemas that this build serves, read from the documents of `schemas/`.

use super::{Attribute, ResourceType, Schema};
use crate::resource::Kind;
use crate::urn;

/// The documents of `schemas/`: file name and text.
const DOCUMENTS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// The attributes that every resource has beside those of its schemas (RFC 7643 s3.1), in the same notation.
pub(crate) const COMMON: &str = include_str!("common.json");

/// The resource types and their schemas.
#[derive(Debug)]
pub struct Registry {
    user: ResourceType,
    group: ResourceType,
}

impl Registry {
    /// Reads the documents that were compiled in. An error names the file and what is wrong with it; the
    /// tests load the registry, so a build with a broken document does not ship.
    pub fn load() -> Result<Registry, String> {
        Registry::from_documents(DOCUMENTS)
    }

    /// Reads documents given as file name and text.
    ///
    /// A schema whose URN ends in `:User` or `:Group` extends that resource type, as Entra demands of
    /// extension names and RFC 7643 s10.3.1 names its own.
    pub fn from_documents(documents: &[(&str, &str)]) -> Result<Registry, String> {
        let (mut core, mut extensions) = (Vec::new(), Vec::new());
        for (file, text) in documents {
            let schema = Schema::parse(text).map_err(|error| format!("schemas/{file}: {error}"))?;
            let kind = Kind::ALL.into_iter().find(|kind| names(&schema.id, *kind));
            let kind =
                kind.ok_or_else(|| format!("schemas/{file}: `{}` ends in no resource type", schema.id))?;
            match schema.id.as_str() {
                urn::USER | urn::GROUP => core.push((kind, schema)),
                _ => extensions.push((kind, schema)),
            }
        }
        let common: Vec<Attribute> = serde_json::from_str(COMMON).map_err(|error| error.to_string())?;
        let ids = |of: &[(Kind, Schema)], kind: Kind| -> Vec<String> {
            of.iter().filter(|(other, _)| *other != kind).map(|(_, schema)| schema.id.clone()).collect()
        };
        let foreign = Kind::ALL.map(|kind| [ids(&core, kind), ids(&extensions, kind)].concat());
        let mut resource_type = |kind: Kind, foreign: Vec<String>| {
            let at = core.iter().position(|(of, _)| *of == kind);
            let (_, schema) =
                core.swap_remove(at.ok_or_else(|| format!("schemas/: no schema for {}", kind.name()))?);
            let own = extensions.iter().filter(|(of, _)| *of == kind).map(|(_, schema)| schema.clone());
            let (extensions, common) = (own.collect(), common.clone());
            Ok::<_, String>(ResourceType { kind, schema, extensions, common, foreign })
        };
        let [of_users, of_groups] = foreign;
        Ok(Registry {
            user: resource_type(Kind::User, of_users)?,
            group: resource_type(Kind::Group, of_groups)?,
        })
    }

    /// The resource type of that kind.
    pub fn resource_type(&self, kind: Kind) -> &ResourceType {
        match kind {
            Kind::User => &self.user,
            Kind::Group => &self.group,
        }
    }

    /// The resource types, users first.
    pub fn resource_types(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }

    /// The schemas, each resource type's own before its extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.resource_types().into_iter().flat_map(|of| std::iter::once(&of.schema).chain(&of.extensions))
    }
}

/// Whether the last part of `urn` is the name of the resource type.
fn names(urn: &str, kind: Kind) -> bool {
    urn.rsplit(':').next().is_some_and(|last| last.eq_ignore_ascii_case(kind.name()))
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENTS, Registry};
    use crate::{Kind, urn};

    #[test]
    fn the_documents_of_this_build_load() {
        let registry = Registry::load().unwrap();
        let user = registry.resource_type(Kind::User);
        assert_eq!(user.schema.id, urn::USER);
        assert!(user.extension(urn::ENTERPRISE_USER).is_some());
        assert_eq!(registry.schemas().count(), DOCUMENTS.len());
    }

    #[test]
    fn a_schema_document_more_is_an_extension_more() {
        let badge = r#"{"id": "urn:example:badge:2.0:User", "name": "Badge", "attributes": [{"name": "number",
            "type": "integer", "multiValued": false, "mutability": "readWrite", "returned": "default"}]}"#;
        let documents = [DOCUMENTS, &[("badge.json", badge)]].concat();
        let registry = Registry::from_documents(&documents).unwrap();
        let user = registry.resource_type(Kind::User);
        assert!(user.extension("URN:EXAMPLE:BADGE:2.0:USER").unwrap().attribute("Number").is_some());
        assert!(registry.resource_type(Kind::Group).extensions.is_empty());
    }

    #[test]
    fn a_document_that_extends_nothing_is_refused_by_name() {
        let documents =
            [DOCUMENTS, &[("odd.json", r#"{"id": "urn:x:Device", "name": "x", "attributes": []}"#)]];
        let error = Registry::from_documents(&documents.concat()).unwrap_err();
        assert_eq!(error, "schemas/odd.json: `urn:x:Device` ends in no resource type");
    }
}
