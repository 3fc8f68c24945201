//! The bodies of POST and PUT.

use serde_json::{Map, Value};

use super::Document;
use super::conform::{conform, conform_sub, without_unassigned};
use super::elements::{add_sub, drop_valueless};
use super::members::{is_members, member_ids};
use crate::dialect::{self, Habit};
use crate::extension::{Named, Undeclared, Written};
use crate::message::members;
use crate::object::key_of;
use crate::path::{AttrPath, ResolvedPath};
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::{Dialect, ScimError, urn};

/// A body of POST or PUT: the document, and the members if the body is a group's and lists them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Body {
    pub document: Document,
    pub members: Option<Vec<String>>,
}

/// Reads the body of a POST or PUT. It ignores readOnly attributes (RFC 7644 s3.3, s3.5.1).
pub(crate) fn read_body(of: &ResourceType, body: Value, dialect: Dialect) -> Result<Body, ScimError> {
    let attributes = members(body)?;
    check_schemas(of, attributes.get("schemas"), dialect)?;
    let mut reader = Reader { of, dialect, document: Map::new(), members: None };
    for (key, value) in attributes {
        reader.attribute(&key, &key, value)?;
    }
    let mut document = Document(reader.document);
    drop_valueless(of, &mut document);
    document.check_required(of)?;
    document.check_sizes()?;
    Ok(Body { document, members: reader.members })
}

/// Checks `schemas`, which is a non-empty array of URNs (RFC 7643 s3). Entra leaves those of custom extensions out
/// and lists some that have no attributes, so what it lists decides nothing.
fn check_schemas(of: &ResourceType, schemas: Option<&Value>, dialect: Dialect) -> Result<(), ScimError> {
    let urns = match schemas {
        None | Some(Value::Null) if dialect.takes(Habit::UndeclaredSchemas) => return Ok(()),
        Some(Value::Array(urns)) if urns.iter().all(Value::is_string) => urns,
        _ => return Err(ScimError::invalid_syntax("`schemas` is not an array of URNs")),
    };
    let other = of.kind.all().any(|kind| kind != of.kind && urn::lists(urns, kind.schema()));
    if !urn::lists(urns, &of.schema.id)
        && (urns.is_empty() || other || !dialect.takes(Habit::UndeclaredSchemas))
    {
        return Err(ScimError::invalid_syntax(format!("`schemas` does not list `{}`", of.schema.id)));
    }
    Ok(())
}

struct Reader<'r> {
    of: &'r ResourceType,
    dialect: Dialect,
    document: Map<String, Value>,
    members: Option<Vec<String>>,
}

impl<'r> Reader<'r> {
    /// Reads the value of a path; `at` is how the client wrote it.
    fn attribute(&mut self, path: &str, at: &str, value: Value) -> Result<(), ScimError> {
        let target = AttrPath::parse(path).and_then(|path| path.resolve(self.of, self.dialect));
        match target {
            // RFC 7643 s3: the attributes of the core schema stand in the resource itself. laravel-scim-server knows
            // clients that write them as an extension.
            Some(ResolvedPath::Core) if self.dialect.takes(Habit::NestedCore) => {
                self.object(&self.of.schema, value)
            }
            Some(ResolvedPath::Extension(schema)) => self.object(schema, value),
            Some(ResolvedPath::Declared { extension, attribute, sub }) => {
                self.refuse_path(path, at, extension, sub)?;
                self.declared(extension, attribute, sub, at, value)
            }
            Some(ResolvedPath::Undeclared(path)) => self.undeclared(&path, value),
            None | Some(ResolvedPath::Core) => self.unknown(at),
        }
    }

    /// Refuses a path as the name of an attribute (RFC 7643 s3: an attribute stands under its name, that of an
    /// extension within the extension).
    fn refuse_path(
        &self,
        path: &str,
        at: &str,
        extension: Option<&Schema>,
        sub: Option<&Attribute>,
    ) -> Result<(), ScimError> {
        if self.dialect.takes(Habit::PathsAsKeys) {
            return Ok(());
        }
        match path == at {
            true if urn::is_urn(path) => {
                Err(ScimError::invalid_syntax(format!("`{at}` is not an extension")))
            }
            true if extension.is_some() => self.unknown(at),
            _ if sub.is_some() => self.unknown(at),
            _ => Ok(()),
        }
    }

    /// Reads the attributes of a schema from the object under its URN.
    fn object(&mut self, schema: &Schema, value: Value) -> Result<(), ScimError> {
        match dialect::unwrapped(value, self.dialect) {
            Value::Object(attributes) => attributes
                .into_iter()
                .try_for_each(|(key, value)| self.attribute(&format!("{}:{key}", schema.id), &key, value)),
            value if dialect::is_no_value(&value, self.dialect) => Ok(()),
            Value::Array(elements) if elements.is_empty() => Ok(()),
            _ => Err(ScimError::invalid_value(format!("`{}` is not an object", schema.id))),
        }
    }

    fn declared(
        &mut self,
        extension: Option<&'r Schema>,
        attribute: &'r Attribute,
        sub: Option<&'r Attribute>,
        at: &str,
        value: Value,
    ) -> Result<(), ScimError> {
        if is_members(self.of, attribute) {
            return self.members(attribute, sub, at, value);
        }
        let value = match sub {
            _ if attribute.mutability == Mutability::ReadOnly => None,
            None => conform(attribute, value, at, self.dialect)?,
            Some(sub) => conform_sub(attribute, sub, value, at, self.dialect)?,
        };
        let Some(value) = value else { return Ok(()) };
        let own = match extension {
            None => &mut self.document,
            Some(schema) => within(&mut self.document, &schema.id)?,
        };
        match sub {
            None => insert_new(own, &attribute.name, value),
            Some(sub) if attribute.multi_valued => {
                let elements = own.entry(attribute.name.clone()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(elements) = elements {
                    add_sub(elements, &sub.name, value, true);
                }
                Ok(())
            }
            Some(sub) => insert_new(within(own, &attribute.name)?, &sub.name, value),
        }
    }

    fn members(
        &mut self,
        attribute: &Attribute,
        sub: Option<&Attribute>,
        at: &str,
        value: Value,
    ) -> Result<(), ScimError> {
        match sub {
            Some(_) => self.unknown(at),
            None if self.members.is_some() => Err(occurs_twice(&attribute.name)),
            None => {
                self.members = Some(member_ids(attribute, value, self.dialect)?);
                Ok(())
            }
        }
    }

    fn undeclared(&mut self, path: &Undeclared, value: Value) -> Result<(), ScimError> {
        if dialect::is_no_value(&value, self.dialect) {
            return Ok(());
        }
        match path.place(&self.document, &value, Written::Key, self.dialect) {
            Named::Extension(urn) => {
                let Value::Object(attributes) = dialect::unwrapped(value, self.dialect) else {
                    return Err(ScimError::invalid_value(format!("the value of `{urn}` is not an object")));
                };
                attributes.into_iter().try_for_each(|(key, value)| {
                    match crate::attr_name::names(&key, &['.']) {
                        Some((name, sub)) => self.insert_undeclared(urn, name, sub, value),
                        None => self.insert_undeclared(urn, &key, None, value),
                    }
                })
            }
            Named::Attribute { .. } if !self.dialect.takes(Habit::PathsAsKeys) => {
                Err(ScimError::invalid_syntax(format!("`{}` is not an extension", path.text)))
            }
            Named::Attribute { urn, name, sub } => self.insert_undeclared(urn, name, sub, value),
        }
    }

    fn insert_undeclared(
        &mut self,
        urn: &str,
        name: &str,
        sub: Option<&str>,
        value: Value,
    ) -> Result<(), ScimError> {
        let Some(value) = without_unassigned(value, self.dialect) else { return Ok(()) };
        let extension = within(&mut self.document, urn)?;
        match sub {
            None => insert_new(extension, name, value),
            Some(sub) => insert_new(within(extension, name)?, sub, value),
        }
    }

    /// Drops an unknown attribute, so that a misspelling in an attribute mapping loses only that attribute.
    fn unknown(&self, at: &str) -> Result<(), ScimError> {
        if self.dialect.takes(Habit::UnknownAttributes) {
            return Ok(());
        }
        Err(ScimError::invalid_syntax(format!("`{at}` is not an attribute of {}", self.of.kind.name())))
    }
}

/// Returns the object under that name, whatever its letter case; it is created if it is missing.
fn within<'m>(map: &'m mut Map<String, Value>, name: &str) -> Result<&'m mut Map<String, Value>, ScimError> {
    match map.entry(key_of(map, name)).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => Ok(inner),
        _ => Err(occurs_twice(name)),
    }
}

/// Inserts an attribute that must not be there yet. One that occurs twice, once by its name and once written in full,
/// is a mistake: one of its values would be lost.
fn insert_new(to: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), ScimError> {
    match to.insert(name.to_string(), value) {
        None => Ok(()),
        Some(_) => Err(occurs_twice(name)),
    }
}

fn occurs_twice(name: &str) -> ScimError {
    ScimError::invalid_syntax(format!("`{name}` occurs twice"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Body, read_body};
    use crate::{Dialect, Kind, Registry, ScimError, urn};

    fn read(kind: Kind, body: Value, dialect: Dialect) -> Result<Body, ScimError> {
        read_body(Registry::load().unwrap().resource_type(kind), body, dialect)
    }

    #[track_caller]
    fn stores(body: Value, document: Value) {
        let read = read(crate::testing::user(), body, Dialect::TOLERANT).unwrap();
        assert_eq!(Value::Object(read.document.0), document);
    }

    #[test]
    fn names_take_the_letter_case_of_their_schema() {
        stores(
            json!({"USERNAME": "a", "NAME": {"GIVENNAME": "G"}, "urn:ietf:params:scim:SCHEMAS:extension:enterprise:2.0:USER": {"Department": "D"}}),
            json!({"userName": "a", "name": {"givenName": "G"}, urn::ENTERPRISE_USER: {"department": "D"}}),
        );
    }

    #[test]
    fn what_is_unassigned_is_not_stored() {
        stores(
            json!({"userName": "a", "title": null, "nickName": "", "emails": [], "roles": [{"value": null}], "name": {"givenName": null}, urn::ENTERPRISE_USER: {}}),
            json!({"userName": "a"}),
        );
    }

    #[test]
    fn what_only_the_server_writes_and_passwords_are_not_stored() {
        stores(
            json!({"userName": "a", "id": "x", "meta": {"version": "1"}, "groups": [{"value": "g"}], "password": "p"}),
            json!({"userName": "a"}),
        );
    }

    #[test]
    fn values_in_the_wrong_clothes_are_read_as_they_are_meant() {
        stores(
            json!({"userName": ["a"], "active": "False", "emails": {"value": "e", "primary": "True"}, "manager": "m", "roles": ["r", {"value": "s", "displayName": "S"}]}),
            json!({"userName": "a", "active": false, "emails": [{"value": "e", "primary": true}],
                "roles": [{"value": "r"}, {"value": "s", "display": "S"}], urn::ENTERPRISE_USER: {"manager": {"value": "m"}}}),
        );
    }

    #[test]
    fn extensions_that_nothing_declares_are_kept_and_misspelt_attributes_dropped() {
        stores(
            json!({"userName": "a", "dispalyName": "x", "name": {"giveName": "g"}, "urn:example:2.0:User": {"Badge": 7, "none": null}, "urn:example:2.0:User:floor": "3"}),
            json!({"userName": "a", "urn:example:2.0:User": {"Badge": 7, "floor": "3"}}),
        );
    }

    #[test]
    fn attributes_may_be_written_in_full() {
        let core = |name: &str| format!("{}:{name}", urn::USER);
        let enterprise = |name: &str| format!("{}:{name}", urn::ENTERPRISE_USER);
        stores(
            json!({"userName": "a", core("title"): "T", core("name"): {"givenName": "G"}, core("emails"): ["e"],
                enterprise("manager"): {"value": "m"}, enterprise("department"): "D", urn::USER: {"nickName": "N"}}),
            json!({"userName": "a", "title": "T", "nickName": "N", "name": {"givenName": "G"}, "emails": [{"value": "e"}],
                urn::ENTERPRISE_USER: {"manager": {"value": "m"}, "department": "D"}}),
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        for (body, detail) in [
            (json!({"userName": "a", "name": "text"}), "`name` is not an object"),
            (json!({"userName": "a", "displayName": {"a": 1}}), "`displayName` is not a string"),
            (json!({"userName": "a", "displayName": ["a", "b"]}), "`displayName` is not a string"),
            (json!({"userName": 5}), "`userName` is not a string"),
            (json!({"userName": "a", "active": "maybe"}), "`active` is not a boolean"),
            (
                json!({"userName": "a", "emails": [{"value": "e"}, {"value": {}}]}),
                "`emails[1].value` is not a string",
            ),
            (
                json!({"userName": "a", "emails": [{"primary": true, "value": "1"}, {"primary": true, "value": "2"}]}),
                "`emails` has more than one primary value",
            ),
            (json!({"displayName": "a"}), "a User needs a value for `userName`"),
            (json!({"userName": ""}), "a User needs a value for `userName`"),
            (json!({"userName": "  "}), "a User needs a value for `userName`"),
            (
                json!({"userName": "a", "schemas": []}),
                "`schemas` does not list `urn:ietf:params:scim:schemas:core:2.0:User`",
            ),
            (
                json!({"userName": "a", "schemas": [urn::GROUP]}),
                "`schemas` does not list `urn:ietf:params:scim:schemas:core:2.0:User`",
            ),
            (json!({"userName": "a", format!("{}:userName", urn::USER): "b"}), "`userName` occurs twice"),
            (
                json!({"userName": "a", urn::ENTERPRISE_USER: {"department": "D"}, format!("{}:department", urn::ENTERPRISE_USER): "E"}),
                "`department` occurs twice",
            ),
            (
                json!({"userName": "a", "manager": "m", urn::ENTERPRISE_USER: {"manager": "n"}}),
                "`manager` occurs twice",
            ),
            (
                json!({"userName": "a", "urn:example:2.0:User": {"b": 1}, "urn:example:2.0:User:b": 2}),
                "`b` occurs twice",
            ),
            (json!({"userName": "a", "schemas": "x"}), "`schemas` is not an array of URNs"),
            (json!([1]), "the body is not a JSON object"),
        ] {
            assert_eq!(
                read(crate::testing::user(), body.clone(), Dialect::TOLERANT).unwrap_err().detail,
                detail,
                "{body}"
            );
        }
    }

    #[test]
    fn the_strict_dialect_takes_no_habits() {
        for body in [
            json!({"schemas": [urn::USER], "userName": "a", "active": "False"}),
            json!({"schemas": [urn::USER], "userName": "a", "shoeSize": 1}),
            json!({"schemas": [urn::USER], "userName": "a", "emails": {"value": "e"}}),
            json!({"userName": "a"}),
        ] {
            assert!(read(crate::testing::user(), body.clone(), Dialect::STRICT).is_err(), "{body}");
        }
    }

    #[test]
    fn a_reference_by_url_alone_is_to_the_resource_at_its_end() {
        stores(
            json!({"userName": "a", "manager": {"$ref": "https://scim.example/scim/v2/Users/m1"}}),
            json!({"userName": "a", urn::ENTERPRISE_USER: {"manager": {"$ref": "https://scim.example/scim/v2/Users/m1", "value": "m1"}}}),
        );
    }

    #[test]
    fn members_are_identified_by_their_ids() {
        let body =
            json!({"displayName": "g", "members": [{"value": "a", "$ref": null, "display": "x"}, "b"]});
        let read = read(crate::testing::group(), body, Dialect::TOLERANT).unwrap();
        assert_eq!(read.members, Some(vec!["a".to_string(), "b".to_string()]));
        assert_eq!(Value::Object(read.document.0), json!({"displayName": "g"}));
        let error = super::read_body(
            Registry::load().unwrap().resource_type(crate::testing::group()),
            json!({"displayName": "g", "members": [{"display": "x"}]}),
            Dialect::TOLERANT,
        );
        assert_eq!(error.unwrap_err().detail, "`members[0]` has no `value` that is an id");
    }
}
