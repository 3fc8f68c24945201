//! Attribute paths (RFC 7644 s3.10): `userName`, `name.givenName`, `urn:...:User:manager.value`, and what they
//! name in a resource type.

use std::fmt;

use crate::dialect::{self, Dialect};
use crate::schema::{Attribute, ResourceType, Schema};

/// An attribute path as it was written; the letter case of none of its parts counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The URN of the schema, where the path is qualified.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// What a path names.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<'r> {
    /// An attribute of a schema, or a sub-attribute of it.
    Declared { extension: Option<&'r Schema>, attribute: &'r Attribute, sub: Option<&'r Attribute> },
    /// A whole extension.
    Extension(&'r Schema),
    /// An attribute of an extension that no document of `schemas/` declares.
    Undeclared { urn: String, name: String, sub: Option<String> },
    /// The whole of such an extension.
    UndeclaredExtension(String),
}

/// Why a path names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// No schema has the attribute.
    Attribute,
    /// The attribute is there but has no such sub-attribute.
    SubAttribute,
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
    /// Reads `[URN ":"] name ["." sub]`; None where the text is not of that form.
    pub fn parse(text: &str) -> Option<AttrPath> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) if is_urn(urn) => (Some(urn.to_string()), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let well_formed = is_name(name) && sub.is_none_or(is_name);
        well_formed.then(|| AttrPath { urn, name: name.to_string(), sub: sub.map(str::to_string) })
    }

    /// What the path names among the attributes of a resource type.
    pub fn resolve<'r>(&self, of: &'r ResourceType, dialect: Dialect) -> Result<Target<'r>, Unknown> {
        let Some(urn) = &self.urn else {
            let found = of.attribute(&self.name).map(|attribute| (None, attribute));
            let found = found.or_else(|| dialect::unqualified(of, &self.name, dialect));
            let (extension, attribute) = found.ok_or(Unknown::Attribute)?;
            return self.sub_attribute(extension, attribute, dialect);
        };
        let whole = format!("{urn}:{}", self.name);
        if self.sub.is_none()
            && let Some(extension) = of.extension(&whole)
        {
            return Ok(Target::Extension(extension));
        }
        if of.schema.is(urn) {
            let attribute = of.attribute(&self.name).ok_or(Unknown::Attribute)?;
            return self.sub_attribute(None, attribute, dialect);
        }
        if let Some(extension) = of.extension(urn) {
            let attribute = extension.attribute(&self.name).ok_or(Unknown::Attribute)?;
            return self.sub_attribute(Some(extension), attribute, dialect);
        }
        // The last part of an extension's URN is the resource type (see `Registry`), so this names all of it.
        if self.sub.is_none() && self.name.eq_ignore_ascii_case(of.kind.name()) {
            return Ok(Target::UndeclaredExtension(whole));
        }
        Ok(Target::Undeclared { urn: urn.clone(), name: self.name.clone(), sub: self.sub.clone() })
    }

    fn sub_attribute<'r>(
        &self,
        extension: Option<&'r Schema>,
        attribute: &'r Attribute,
        dialect: Dialect,
    ) -> Result<Target<'r>, Unknown> {
        let sub = match &self.sub {
            None => None,
            Some(_) if !attribute.is_complex() => return Err(Unknown::Attribute),
            Some(name) => {
                Some(dialect::sub_attribute(attribute, name, dialect).ok_or(Unknown::SubAttribute)?)
            }
        };
        Ok(Target::Declared { extension, attribute, sub })
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(out, "{urn}:")?;
        }
        out.write_str(&self.name)?;
        self.sub.as_ref().map_or(Ok(()), |sub| write!(out, ".{sub}"))
    }
}

/// Whether the text can be the URN of a schema.
pub(crate) fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        && !text.ends_with(':')
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"[]()".contains(&byte))
}

/// ATTRNAME of RFC 7643 s2.1, and `$ref`.
fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix('$').unwrap_or(text);
    rest.starts_with(|first: char| first.is_ascii_alphabetic())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::{AttrPath, Target, Unknown};
    use crate::{Dialect, Kind, Registry, urn};

    fn resolve(text: &str, check: impl FnOnce(Result<Target<'_>, Unknown>)) {
        let registry = Registry::load().unwrap();
        let path = AttrPath::parse(text).unwrap();
        check(path.resolve(registry.resource_type(Kind::User), Dialect::Tolerant));
    }

    #[test]
    fn a_path_names_attributes_whatever_its_letter_case() {
        for text in ["NAME.givenname", "urn:ietf:params:scim:SCHEMAS:core:2.0:User:name.givenName"] {
            resolve(text, |target| match target.unwrap() {
                Target::Declared { extension: None, attribute, sub: Some(sub) } => {
                    assert_eq!((attribute.name.as_str(), sub.name.as_str()), ("name", "givenName"));
                }
                other => panic!("{other:?}"),
            });
        }
    }

    #[test]
    fn a_path_names_an_extension_or_an_attribute_in_it() {
        resolve(urn::ENTERPRISE_USER, |target| assert!(matches!(target, Ok(Target::Extension(_)))));
        resolve(&format!("{}:manager.value", urn::ENTERPRISE_USER), |target| {
            assert!(matches!(target, Ok(Target::Declared { extension: Some(_), sub: Some(_), .. })));
        });
        resolve("urn:example:2.0:User:badge", |target| {
            let (urn, name) = ("urn:example:2.0:User".to_string(), "badge".to_string());
            assert_eq!(target, Ok(Target::Undeclared { urn, name, sub: None }));
        });
        resolve("urn:example:2.0:User", |target| {
            assert_eq!(target, Ok(Target::UndeclaredExtension("urn:example:2.0:User".into())));
        });
    }

    #[test]
    fn a_path_that_names_nothing_says_at_which_level() {
        resolve("shoeSize", |target| assert_eq!(target, Err(Unknown::Attribute)));
        resolve("name.giveName", |target| assert_eq!(target, Err(Unknown::SubAttribute)));
    }

    #[test]
    fn text_that_is_no_path_is_none() {
        for text in ["", "a b", "a.b.c", ".a", "a.", "1a", "http://x:a", "emails[", "urn:x:1"] {
            assert_eq!(AttrPath::parse(text), None, "{text}");
        }
    }
}
