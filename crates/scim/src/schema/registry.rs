//! All the schemas and resource types that this build serves, read from the documents of `schemas/` and `resource-types/`.

use serde::Deserialize;

use super::kind::{Memberships, Traits};
use super::{Attribute, AttributeType, Kind, Mutability, ResourceType, Schema, Uniqueness};

/// A document: its file's name, and its text.
type File<'f> = (&'f str, &'f str);

/// The documents of `schemas/`.
const SCHEMAS: &[File<'static>] = &include!(concat!(env!("OUT_DIR"), "/schemas.rs"));
/// The documents of `resource-types/`.
const RESOURCE_TYPES: &[File<'static>] = &include!(concat!(env!("OUT_DIR"), "/resource-types.rs"));

/// The attributes that every resource has beside those of its schemas (RFC 7643 s3.1), in the same notation.
pub(crate) const COMMON: &str = include_str!("common.json");

/// The one type that may have members: the tables and filters of memberships are about groups.
const OWNER: &str = "Group";

/// The resource types and their schemas.
#[derive(Debug)]
pub struct Registry {
    first: ResourceType,
    others: Vec<ResourceType>,
}

/// A document of `resource-types/` (RFC 7643 s6).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    name: String,
    endpoint: String,
    #[serde(default)]
    description: String,
    schema: String,
    #[serde(default)]
    schema_extensions: Vec<Extension>,
}

#[derive(Deserialize)]
struct Extension {
    schema: String,
}

impl Registry {
    /// Reads the documents that were compiled in.
    ///
    /// # Errors
    /// The file, and what is wrong with it. The tests load the registry, so a build with a broken document does not
    /// ship.
    pub fn load() -> Result<Registry, String> {
        Registry::with_documents(&[], &[])
    }

    /// Reads the documents that were compiled in, and more documents, each given as file name and text.
    ///
    /// # Errors
    /// The file, and what is wrong with it.
    pub fn with_documents(schemas: &[File<'_>], resource_types: &[File<'_>]) -> Result<Registry, String> {
        Registry::from_documents(&[SCHEMAS, schemas].concat(), &[RESOURCE_TYPES, resource_types].concat())
    }

    /// Reads documents given as file name and text.
    ///
    /// A schema extends the types that list it in `schemaExtensions`, and the one whose name its URN ends in, as
    /// Entra demands of the names of extensions and as RFC 7643 s10.3.1 names its own.
    ///
    /// # Errors
    /// The file, and what is wrong with it.
    pub fn from_documents(schemas: &[File<'_>], resource_types: &[File<'_>]) -> Result<Registry, String> {
        let read =
            |(file, text): &File<'_>| Schema::parse(text).map_err(|error| format!("schemas/{file}: {error}"));
        let parsed = schemas.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut types = Vec::new();
        for (file, text) in resource_types {
            let of: Document =
                serde_json::from_str(text).map_err(|error| format!("resource-types/{file}: {error}"))?;
            let core = parsed.iter().find(|schema| schema.is(&of.schema));
            let core =
                core.ok_or_else(|| format!("resource-types/{file}: there is no schema `{}`", of.schema))?;
            let traits = traits(&of, core);
            if traits.memberships == Some(Memberships::Owner) && of.name != OWNER {
                return Err(format!("resource-types/{file}: only {OWNER} may have `members`"));
            }
            types.push((traits, (of, core)));
        }
        // Types without members come first, so that an export can be imported in its order.
        types.sort_by_key(|(traits, _)| traits.name == OWNER);
        let (traits, types): (Vec<Traits>, Vec<_>) = types.into_iter().unzip();
        for ((file, _), schema) in schemas.iter().zip(&parsed) {
            if !types.iter().any(|(of, core)| core.is(&schema.id) || extends(schema, of)) {
                return Err(format!(
                    "schemas/{file}: `{}` does not end in the name of a resource type",
                    schema.id
                ));
            }
        }
        Registry::new(traits, &types, &parsed)
    }

    fn new(
        mut all: Vec<Traits>,
        types: &[(Document, &Schema)],
        schemas: &[Schema],
    ) -> Result<Registry, String> {
        let common: Vec<Attribute> = serde_json::from_str(COMMON).map_err(|error| error.to_string())?;
        all.iter_mut().enumerate().for_each(|(index, traits)| traits.index = index);
        let is_core = |schema: &Schema| types.iter().any(|(_, core)| core.is(&schema.id));
        let made = Kind::register(all).zip(types).map(|(kind, (of, core))| {
            let is_own = |schema: &&Schema| !is_core(schema) && extends(schema, of);
            let foreign = schemas.iter().filter(|schema| !core.is(&schema.id) && !is_own(schema));
            ResourceType {
                kind,
                description: of.description.clone(),
                schema: (*core).clone(),
                extensions: schemas.iter().filter(is_own).cloned().collect(),
                common: common.clone(),
                foreign: foreign.map(|schema| schema.id.clone()).collect(),
            }
        });
        let mut made = made.collect::<Vec<_>>().into_iter();
        let first = made.next().ok_or("resource-types/ has no document")?;
        Ok(Registry { first, others: made.collect() })
    }

    /// Returns the first of the resource types.
    pub(crate) fn first(&self) -> &ResourceType {
        &self.first
    }

    /// Returns the resource type of that handle.
    pub fn resource_type(&self, kind: Kind) -> &ResourceType {
        kind.index().checked_sub(1).and_then(|at| self.others.get(at)).unwrap_or(&self.first)
    }

    /// Returns the resource types; one that has members comes after those that have none.
    pub fn resource_types(&self) -> impl Iterator<Item = &ResourceType> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Returns their handles.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.first.kind.all()
    }

    /// Returns the handle of the type of that name.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.first.kind.named(name)
    }

    /// Returns the schemas, each resource type's own before its extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.resource_types().flat_map(|of| std::iter::once(&of.schema).chain(&of.extensions))
    }
}

/// Returns whether the schema extends the type: it is listed, or the last part of its URN is the type's name.
fn extends(schema: &Schema, of: &Document) -> bool {
    let last = schema.id.rsplit(':').next().unwrap_or_default();
    last.eq_ignore_ascii_case(&of.name) || of.schema_extensions.iter().any(|listed| schema.is(&listed.schema))
}

/// Derives the facts of a type from the characteristics of its attributes.
fn traits(of: &Document, core: &Schema) -> Traits {
    let is_list =
        |attribute: &&Attribute| attribute.multi_valued && attribute.data_type == AttributeType::Complex;
    let members = core.attribute("members").filter(is_list).filter(|members| {
        members.sub_attribute("value").is_some_and(|value| value.mutability == Mutability::Immutable)
    });
    let groups = core.attribute("groups").filter(is_list);
    let groups = groups.filter(|groups| groups.mutability == Mutability::ReadOnly);
    let reference = members.and_then(|members| members.sub_attribute("$ref"));
    let is_unique = |attribute: &&Attribute| {
        attribute.uniqueness == Uniqueness::Server && attribute.data_type == AttributeType::String
    };
    Traits {
        index: 0,
        name: of.name.clone(),
        endpoint: of.endpoint.trim_matches('/').to_string(),
        schema: core.id.clone(),
        unique: core.attributes.iter().find(is_unique).map(|attribute| attribute.name.clone()),
        memberships: match (members, groups) {
            (Some(_), _) => Some(Memberships::Owner),
            (None, Some(_)) => Some(Memberships::Member),
            (None, None) => None,
        },
        member_types: reference.map(|reference| reference.reference_types.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RESOURCE_TYPES, Registry, SCHEMAS};
    use crate::{Memberships, urn};

    #[test]
    fn the_documents_of_this_build_load() {
        let registry = Registry::load().unwrap();
        let user = registry.resource_type(registry.kind("User").unwrap());
        assert_eq!(user.schema.id, urn::USER);
        assert!(user.extension(urn::ENTERPRISE_USER).is_some());
        assert_eq!(registry.schemas().count(), SCHEMAS.len());
        assert_eq!(registry.kinds().count(), RESOURCE_TYPES.len());
    }

    #[test]
    fn what_is_special_of_a_type_follows_from_characteristics() {
        let registry = Registry::load().unwrap();
        let [user, group] = ["User", "Group"].map(|name| registry.kind(name).unwrap());
        assert_eq!((user.endpoint(), group.endpoint()), ("Users", "Groups"));
        assert_eq!((user.unique(), group.unique()), (Some("userName"), Some("displayName")));
        assert_eq!(user.memberships(), Some(Memberships::Member));
        assert_eq!(group.memberships(), Some(Memberships::Owner));
        assert_eq!(user.member_types().collect::<Vec<_>>(), [user, group]);
    }

    #[test]
    fn a_schema_document_more_is_an_extension_more() {
        let badge = r#"{"id": "urn:example:badge:2.0:User", "name": "Badge", "attributes": [{"name": "number",
            "type": "integer", "multiValued": false, "mutability": "readWrite", "returned": "default"}]}"#;
        let registry = Registry::with_documents(&[("badge.json", badge)], &[]).unwrap();
        let of = |name: &str| registry.resource_type(registry.kind(name).unwrap());
        assert!(of("User").extension("URN:EXAMPLE:BADGE:2.0:USER").unwrap().attribute("Number").is_some());
        assert!(of("Group").extensions.is_empty());
    }

    #[test]
    fn a_document_that_belongs_to_nothing_is_refused_by_name() {
        let odd = r#"{"id": "urn:x:Device", "name": "x", "attributes": []}"#;
        let error = Registry::with_documents(&[("odd.json", odd)], &[]).unwrap_err();
        assert_eq!(error, "schemas/odd.json: `urn:x:Device` does not end in the name of a resource type");
        let lost = r#"{"name": "Lost", "endpoint": "/Lost", "schema": "urn:x:Lost"}"#;
        let error = Registry::with_documents(&[], &[("lost.json", lost)]).unwrap_err();
        assert_eq!(error, "resource-types/lost.json: there is no schema `urn:x:Lost`");
    }

    #[test]
    fn members_are_of_groups_alone() {
        let (_, group) = SCHEMAS.iter().find(|(file, _)| *file == "group.json").unwrap();
        let schema = group.replace(urn::GROUP, "urn:x:Team");
        let team = r#"{"name": "Team", "endpoint": "/Teams", "schema": "urn:x:Team"}"#;
        let error = Registry::with_documents(&[("team.json", &schema)], &[("team.json", team)]).unwrap_err();
        assert_eq!(error, "resource-types/team.json: only Group may have `members`");
    }
}
