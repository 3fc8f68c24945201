//! The bodies of POST and PUT.

use serde_json::{Map, Value};

use super::conform::{conform, without_unassigned};
use super::{Document, object};
use crate::dialect;
use crate::path::is_urn;
use crate::schema::{Attribute, ResourceType};
use crate::{Dialect, Kind, ScimError, limits, urn};

/// A body of POST or PUT: the document, and the members where the body is a group's and lists them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Body {
    pub document: Document,
    pub members: Option<Vec<String>>,
}
/// Reads the body of a POST or PUT. readOnly attributes in it are ignored (RFC 7644 s3.3, s3.5.1).
pub(crate) fn read_body(of: &ResourceType, body: Value, dialect: Dialect) -> Result<Body, ScimError> {
    let Value::Object(attributes) = body else {
        return Err(ScimError::invalid_syntax("the body is no JSON object"));
    };
    check_schemas(of, attributes.get("schemas"), dialect)?;
    let mut document = Map::new();
    let mut members = None;
    for (key, value) in attributes {
        if key == "schemas" {
            continue;
        }
        if is_urn(&key) {
            read_extension(of, key, value, dialect, &mut document)?;
            continue;
        }
        let found = of.attribute(&key).map(|attribute| (None, attribute));
        let Some((extension, attribute)) = found.or_else(|| dialect::unqualified(of, &key, dialect)) else {
            refuse_unknown(of, &key, dialect)?;
            continue;
        };
        if is_members(of, attribute) {
            members = Some(member_ids(attribute, value, dialect)?);
            continue;
        }
        let Some(value) = conform(attribute, value, &key, dialect)? else { continue };
        match extension {
            None => insert_new(&mut document, &attribute.name, value)?,
            Some(schema) => {
                let entry = document.entry(schema.id.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(own) = entry {
                    insert_new(own, &attribute.name, value)?;
                }
            }
        }
    }
    let document = Document(document);
    document.check_required(of)?;
    document.check_sizes()?;
    Ok(Body { document, members })
}

/// RFC 7643 s3: `schemas` is a non-empty array of URNs. Entra leaves those of custom extensions out and lists
/// some that have no attributes, so what it lists decides nothing.
fn check_schemas(of: &ResourceType, schemas: Option<&Value>, dialect: Dialect) -> Result<(), ScimError> {
    let urns = match schemas {
        None | Some(Value::Null) if dialect.is_tolerant() => return Ok(()),
        Some(Value::Array(urns)) if urns.iter().all(Value::is_string) => urns,
        _ => return Err(ScimError::invalid_syntax("`schemas` is no array of URNs")),
    };
    let lists =
        |urn: &str| urns.iter().filter_map(Value::as_str).any(|listed| listed.eq_ignore_ascii_case(urn));
    let other = [urn::USER, urn::GROUP].into_iter().any(|core| !of.schema.is(core) && lists(core));
    if !lists(&of.schema.id) && (urns.is_empty() || other || !dialect.is_tolerant()) {
        return Err(ScimError::invalid_syntax(format!("`schemas` does not list `{}`", of.schema.id)));
    }
    Ok(())
}

/// A value under a URN: an extension, an attribute of one (`urn:...:User:department`), or an attribute of the
/// core schema that is written in full.
fn read_extension(
    of: &ResourceType,
    urn: String,
    value: Value,
    dialect: Dialect,
    document: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    // RFC 7643 s3: the attributes of the core schema stand in the resource itself, so nothing stands under
    // its URN.
    if of.schema.is(&urn) {
        return refuse_unknown(of, &urn, dialect);
    }
    if let Some((schema, name)) = qualified(of, &urn, &value) {
        if !dialect.is_tolerant() {
            return Err(ScimError::invalid_syntax(format!("`{urn}` is no extension")));
        }
        if of.schema.is(schema) {
            let attribute = of.attribute(name).filter(|attribute| !is_members(of, attribute));
            let Some(attribute) = attribute else { return refuse_unknown(of, &urn, dialect) };
            return match conform(attribute, value, &urn, dialect)? {
                Some(value) => insert_new(document, &attribute.name, value),
                None => Ok(()),
            };
        }
        let inner = Value::Object(object([(name.to_string(), value)]));
        return read_extension(of, schema.to_string(), inner, dialect, document);
    }
    let key = of.extension(&urn).map_or(urn.as_str(), |schema| &schema.id).to_string();
    let Some(value) = conform_extension(of, &urn, value, dialect)? else { return Ok(()) };
    match (document.get_mut(&key), value) {
        (Some(Value::Object(present)), Value::Object(more)) => {
            more.into_iter().try_for_each(|(name, value)| insert_new(present, &name, value))?;
        }
        (_, value) => {
            document.insert(key, value);
        }
    }
    Ok(())
}

/// The schema and the attribute where the URN is an attribute's. Of what no schema declares, the value says
/// it: an extension is an object.
fn qualified<'u>(of: &ResourceType, urn: &'u str, value: &Value) -> Option<(&'u str, &'u str)> {
    let is_declared = |schema: &str| of.schema.is(schema) || of.extension(schema).is_some();
    let (schema, name) = urn.rsplit_once(':').filter(|_| of.extension(urn).is_none())?;
    (is_declared(schema) || !value.is_object() && !value.is_null()).then_some((schema, name))
}

/// The object of an extension as it is stored; None where it has no values.
pub(crate) fn conform_extension(
    of: &ResourceType,
    urn: &str,
    value: Value,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    let Some(schema) = of.extension(urn) else {
        return Ok(without_unassigned(value, dialect));
    };
    let Value::Object(attributes) = value else {
        return if dialect::is_no_value(&value, dialect) {
            Ok(None)
        } else {
            Err(ScimError::invalid_value(format!("`{urn}` is no object")))
        };
    };
    let mut kept = Map::new();
    for (key, value) in attributes {
        let Some(attribute) = schema.attribute(&key) else {
            refuse_unknown(of, &format!("{urn}:{key}"), dialect)?;
            continue;
        };
        if let Some(value) = conform(attribute, value, &key, dialect)? {
            insert_new(&mut kept, &attribute.name, value)?;
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// An attribute that occurs twice, once by its name and once written in full, is a mistake: one of its values would be
/// lost.
fn insert_new(to: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), ScimError> {
    match to.insert(name.to_string(), value) {
        None => Ok(()),
        Some(_) => Err(ScimError::invalid_syntax(format!("`{name}` occurs twice"))),
    }
}

/// Unknown attributes are dropped, so that a misspelling in an attribute mapping loses itself alone.
fn refuse_unknown(of: &ResourceType, key: &str, dialect: Dialect) -> Result<(), ScimError> {
    if dialect.is_tolerant() {
        return Ok(());
    }
    Err(ScimError::invalid_syntax(format!("`{key}` is no attribute of {}", of.kind.name())))
}

/// Whether the attribute is the group's `members`, which are kept as a relation.
pub(crate) fn is_members(of: &ResourceType, attribute: &Attribute) -> bool {
    of.kind == Kind::Group && attribute.is("members")
}

/// The ids in a `members` value. Their `$ref`, `type` and `display` follow from the id and are not taken.
pub(crate) fn member_ids(
    attribute: &Attribute,
    value: Value,
    dialect: Dialect,
) -> Result<Vec<String>, ScimError> {
    let elements = match dialect::coerce(attribute, true, value, dialect) {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements,
        _ => return Err(ScimError::invalid_value("`members` is no array")),
    };
    limits::check(elements.len(), limits::MEMBERS, "members")?;
    let id = |(at, element)| {
        let element = dialect::coerce(attribute, false, element, dialect);
        let value = element
            .as_object()
            .and_then(|element| element.iter().find(|(key, _)| key.eq_ignore_ascii_case("value")));
        let id = value.and_then(|(_, value)| value.as_str()).filter(|id| !id.is_empty());
        id.map(str::to_string)
            .ok_or_else(|| ScimError::invalid_value(format!("`members[{at}]` has no `value` that is an id")))
    };
    elements.into_iter().enumerate().map(id).collect()
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
        let read = read(Kind::User, body, Dialect::Tolerant).unwrap();
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
            json!({"userName": "a", "title": "T", "name": {"givenName": "G"}, "emails": [{"value": "e"}],
                urn::ENTERPRISE_USER: {"manager": {"value": "m"}, "department": "D"}}),
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        for (body, detail) in [
            (json!({"userName": "a", "name": "text"}), "`name` is no object"),
            (json!({"userName": "a", "displayName": {"a": 1}}), "`displayName` is no text"),
            (json!({"userName": "a", "displayName": ["a", "b"]}), "`displayName` is no text"),
            (json!({"userName": 5}), "`userName` is no text"),
            (json!({"userName": "a", "active": "maybe"}), "`active` is no boolean"),
            (
                json!({"userName": "a", "emails": [{"value": "e"}, {"value": {}}]}),
                "`emails[1].value` is no text",
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
            (json!({"userName": "a", "schemas": "x"}), "`schemas` is no array of URNs"),
            (json!([1]), "the body is no JSON object"),
        ] {
            assert_eq!(
                read(Kind::User, body.clone(), Dialect::Tolerant).unwrap_err().detail,
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
            assert!(read(Kind::User, body.clone(), Dialect::Strict).is_err(), "{body}");
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
    fn members_are_told_by_their_ids() {
        let body =
            json!({"displayName": "g", "members": [{"value": "a", "$ref": null, "display": "x"}, "b"]});
        let read = read(Kind::Group, body, Dialect::Tolerant).unwrap();
        assert_eq!(read.members, Some(vec!["a".to_string(), "b".to_string()]));
        assert_eq!(Value::Object(read.document.0), json!({"displayName": "g"}));
        let error = super::read_body(
            Registry::load().unwrap().resource_type(Kind::Group),
            json!({"displayName": "g", "members": [{"display": "x"}]}),
            Dialect::Tolerant,
        );
        assert_eq!(error.unwrap_err().detail, "`members[0]` has no `value` that is an id");
    }
}
