//! Attribute paths (RFC 7644 s3.10): `userName`, `name.givenName`, `urn:...:User:manager.value`, and what they name
//! in a resource type.
//!
//! Every name that a client writes is parsed here: in a PATCH, in the body of a POST or PUT, in a filter, and in
//! `attributes`, `excludedAttributes` and `sortBy`. `extension` says what an undeclared URN names.

use std::fmt;

use crate::attr_name::names;
use crate::dialect::{self, Dialect};
use crate::extension::Undeclared;
use crate::schema::{Attribute, ResourceType, Schema};
use crate::urn;

/// An attribute path as it was written. The letter case of its parts does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttrPath {
    /// `name` or `name.sub`.
    Plain {
        /// The attribute.
        name: String,
        /// The sub-attribute.
        sub: Option<String>,
    },
    /// A text that begins with `urn:`. Only the schemas tell where the URN of the schema ends, since it has dots and
    /// colons of its own.
    Qualified(String),
}

/// What a path names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ResolvedPath<'r> {
    /// An attribute of a schema, or a sub-attribute of it.
    Declared { extension: Option<&'r Schema>, attribute: &'r Attribute, sub: Option<&'r Attribute> },
    /// All attributes of the resource type's own schema.
    Core,
    /// A whole extension.
    Extension(&'r Schema),
    /// An extension that no document of `schemas/` declares, or an attribute of it.
    Undeclared(Undeclared),
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl AttrPath {
    /// Parses a path; None if the text does not have the form of one.
    pub fn parse(text: &str) -> Option<AttrPath> {
        if urn::is_urn(text) {
            return Some(AttrPath::Qualified(text.to_string()));
        }
        let (name, sub) = names(text, &['.'])?;
        Some(AttrPath::Plain { name: name.to_string(), sub: sub.map(str::to_string) })
    }

    /// Returns the path of a sub-attribute; None if this one names a sub-attribute already.
    pub(crate) fn with_sub(self, name: &str) -> Option<AttrPath> {
        match self {
            AttrPath::Plain { sub: Some(_), .. } => None,
            path => AttrPath::parse(&format!("{path}.{name}")),
        }
    }

    /// Returns the attribute and sub-attribute that the path names in the resource type's own schema, whose URN is
    /// `core`.
    pub(crate) fn in_core(&self, core: &str) -> Option<(&str, Option<&str>)> {
        match self {
            AttrPath::Plain { name, sub } => Some((name, sub.as_deref())),
            AttrPath::Qualified(text) => dialect::after_urn(urn::after(text, core)?, Dialect::TOLERANT),
        }
    }

    /// Returns what the path names among the attributes of a resource type; None if it names nothing.
    pub(crate) fn resolve<'r>(&self, of: &'r ResourceType, dialect: Dialect) -> Option<ResolvedPath<'r>> {
        match self {
            AttrPath::Qualified(text) => qualified(text, of, dialect),
            AttrPath::Plain { name, sub } => {
                let found = of.attribute(name).map(|attribute| (None, attribute));
                let (extension, attribute) = found.or_else(|| dialect::unqualified(of, name, dialect))?;
                declared(extension, attribute, sub.as_deref(), dialect)
            }
        }
    }
}

/// Resolves what stands after the longest URN of a schema that the text begins with. If it begins with none, the path
/// belongs to an undeclared extension, unless the URN is one of the specifications or of another resource type.
fn qualified<'r>(text: &str, of: &'r ResourceType, dialect: Dialect) -> Option<ResolvedPath<'r>> {
    let extensions = of.extensions.iter().map(Some);
    let after = |extension: Option<&'r Schema>| {
        let schema = extension.unwrap_or(&of.schema);
        Some((schema.id.len(), extension, urn::after(text, &schema.id)?))
    };
    let found = std::iter::once(None).chain(extensions).filter_map(after).max_by_key(|found| found.0);
    let Some((_, extension, rest)) = found else {
        return of.keeps(text).then(|| ResolvedPath::Undeclared(Undeclared::new(text, of.kind)));
    };
    if rest.is_empty() {
        return Some(extension.map_or(ResolvedPath::Core, ResolvedPath::Extension));
    }
    let (name, sub) = dialect::after_urn(rest, dialect)?;
    let attribute = match extension {
        None => of.attribute(name)?,
        Some(schema) => schema.attribute(name)?,
    };
    declared(extension, attribute, sub, dialect)
}

fn declared<'r>(
    extension: Option<&'r Schema>,
    attribute: &'r Attribute,
    sub: Option<&str>,
    dialect: Dialect,
) -> Option<ResolvedPath<'r>> {
    let sub = match sub {
        None => None,
        Some(name) => Some(dialect::sub_attribute(attribute, name, dialect)?),
    };
    Some(ResolvedPath::Declared { extension, attribute, sub })
}

impl fmt::Display for AttrPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttrPath::Plain { name, sub: None } => out.write_str(name),
            AttrPath::Plain { name, sub: Some(sub) } => write!(out, "{name}.{sub}"),
            AttrPath::Qualified(text) => out.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AttrPath, ResolvedPath};
    use crate::{Dialect, Kind, Registry, urn};

    /// Describes what the path names.
    fn named(text: &str, kind: Kind, dialect: Dialect) -> String {
        let registry = Registry::load().unwrap();
        let path = AttrPath::parse(text).unwrap();
        match path.resolve(registry.resource_type(kind), dialect) {
            None => "nothing".to_string(),
            Some(ResolvedPath::Core) => "core".to_string(),
            Some(ResolvedPath::Extension(schema)) => schema.name.clone(),
            Some(ResolvedPath::Undeclared(_)) => "undeclared".to_string(),
            Some(ResolvedPath::Declared { extension, attribute, sub }) => {
                let of = extension.map(|schema| format!("{} ", schema.name)).unwrap_or_default();
                let sub = sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
                format!("{of}{}{sub}", attribute.name)
            }
        }
    }

    #[track_caller]
    fn names(text: &str, what: &str) {
        assert_eq!(named(text, crate::testing::user(), Dialect::TOLERANT), what, "{text}");
    }

    #[test]
    fn a_path_names_attributes_whatever_its_letter_case() {
        for text in ["NAME.givenname", "urn:ietf:params:scim:SCHEMAS:core:2.0:User:name.givenName"] {
            names(text, "name.givenName");
        }
        names("shoeSize", "nothing");
        names("name.giveName", "nothing");
        names("userName.value", "nothing");
    }

    #[test]
    fn a_dot_after_a_urn_is_a_colon_and_a_colon_before_a_sub_attribute_a_dot() {
        let (core, enterprise) = (urn::USER, urn::ENTERPRISE_USER);
        for (text, what, strictly) in [
            (format!("{core}:active"), "active", "active"),
            (format!("{core}.active"), "active", "nothing"),
            (format!("{core}.name.givenName"), "name.givenName", "nothing"),
            (format!("{core}:name:givenName"), "name.givenName", "nothing"),
            (format!("{}.ACTIVE", core.to_uppercase()), "active", "nothing"),
            (
                format!("{enterprise}:manager.value"),
                "EnterpriseUser manager.value",
                "EnterpriseUser manager.value",
            ),
            (format!("{enterprise}:manager:value"), "EnterpriseUser manager.value", "nothing"),
            (format!("{enterprise}.manager.value"), "EnterpriseUser manager.value", "nothing"),
            (enterprise.to_string(), "EnterpriseUser", "EnterpriseUser"),
            (core.to_string(), "core", "core"),
        ] {
            assert_eq!(named(&text, crate::testing::user(), Dialect::TOLERANT), what, "{text}");
            assert_eq!(named(&text, crate::testing::user(), Dialect::STRICT), strictly, "{text}");
        }
    }

    #[test]
    fn what_no_schema_declares_is_nothing_in_the_namespaces_of_the_specifications() {
        for text in [
            "urn:ietf:params:scim:schemas:core:2.0:active",
            "urn:ietf:params:scim:schemas:core:2.0:User.nosuch",
            "urn:ietf:params:scim:schemas:core:2.0:User:name.giveName",
            "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName.x",
            "urn:ietf:params:scim:schemas:core:2.0:Users:active",
            "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:department",
            "urn:ietf:params:scim:api:messages:2.0:PatchOp",
            "urn:scim:schemas:core:2.0:User:active",
            "urn:scim:schemas:core:1.0",
            "urn:scim:schemas:extension:enterprise:1.0:department",
        ] {
            names(text, "nothing");
            names(&text.to_uppercase(), "nothing");
        }
        for text in [urn::ENTERPRISE_USER, "urn:ietf:params:scim:schemas:core:2.0:User:userName"] {
            assert_eq!(named(text, crate::testing::group(), Dialect::TOLERANT), "nothing", "{text}");
        }
        names("urn:okta:app:1.0:user:custom", "undeclared");
        names("urn:scim:schemas:extension:atlassian-external:1.0", "undeclared");
    }

    #[test]
    fn text_that_is_not_a_path_is_none() {
        for text in ["", "a b", "a.b.c", ".a", "a.", "1a", "http://x:a", "emails[", "urn:x:", "urn:x:a b"] {
            assert_eq!(AttrPath::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_sub_attribute_is_named_once() {
        let with_sub = |text: &str| AttrPath::parse(text).unwrap().with_sub("b").map(|path| path.to_string());
        assert_eq!(with_sub("a"), Some("a.b".to_string()));
        assert_eq!(with_sub("urn:x:1.0:a"), Some("urn:x:1.0:a.b".to_string()));
        assert_eq!(with_sub("a.c"), None);
    }
}
