//! Checks a filter against a resource type: names become attributes, values become operands.

use super::predicate::{Field, Operand, Predicate};
use super::syntax::{CompareOp, Filter, Literal};
use crate::path::{AttrPath, ResolvedPath};
use crate::schema::{Attribute, AttributeType, ResourceType, Returned};
use crate::{Dialect, Instant, ScimError, dialect, fold};

/// Checks a filter on the resources of one type, in a search among the resources of `types`.
///
/// RFC 7644 s3.4.2.1: an attribute that another of the types has, and this one does not, is an attribute without a
/// value here.
pub(crate) fn check<'r>(
    filter: &Filter,
    of: &'r ResourceType,
    types: &[&ResourceType],
    dialect: Dialect,
) -> Result<Predicate<'r>, ScimError> {
    let has = |of: &ResourceType, path: &AttrPath| path.resolve(of, dialect).is_some();
    let scope = Scope {
        dialect,
        is_id: &|field| matches!(field, Field::Declared { extension: None, attribute, sub: Some(sub) } if is_id(attribute, sub)),
        field: &|path: &AttrPath| resource_field(path, of, dialect),
        is_absent: &|path: &AttrPath| !has(of, path) && types.iter().any(|other| has(other, path)),
    };
    let element = |path: &AttrPath, filter: &Filter| {
        let Field::Declared { extension, attribute, sub: None } = resource_field(path, of, dialect)? else {
            return Err(ScimError::invalid_filter(format!("`{path}` takes no `[...]`")));
        };
        let filter = Box::new(check_element(filter, attribute, dialect)?);
        Ok(Predicate::Element { extension, attribute, filter })
    };
    predicate(filter, &scope, &element)
}

/// Checks the filter of a value path on the elements of `attribute`.
pub(crate) fn check_element<'r>(
    filter: &Filter,
    attribute: &'r Attribute,
    dialect: Dialect,
) -> Result<Predicate<'r>, ScimError> {
    let field = |path: &AttrPath| element_field(path, attribute, dialect);
    let is_id = |field: &Field<'_>| matches!(field, Field::Sub(sub) if is_id(attribute, sub));
    let scope = Scope { dialect, is_id: &is_id, field: &field, is_absent: &|_| false };
    let element = |path: &AttrPath, _: &Filter| {
        Err(ScimError::invalid_filter(format!("`{path}[...]` stands within another value path")))
    };
    predicate(filter, &scope, &element)
}

/// Returns the field that `sortBy` names.
pub(crate) fn sort_field<'r>(
    path: &AttrPath,
    of: &'r ResourceType,
    dialect: Dialect,
) -> Result<Field<'r>, ScimError> {
    compared(resource_field(path, of, dialect)?, path)
}

struct Scope<'s, 'r> {
    dialect: Dialect,
    /// Tells whether the field holds ids of resources.
    is_id: &'s dyn Fn(&Field<'r>) -> bool,
    field: &'s dyn Fn(&AttrPath) -> Result<Field<'r>, ScimError>,
    /// Tells whether the attribute is known but has no value in this type.
    is_absent: &'s dyn Fn(&AttrPath) -> bool,
}

type ElementCheck<'s, 'r> = &'s dyn Fn(&AttrPath, &Filter) -> Result<Predicate<'r>, ScimError>;

fn predicate<'r>(
    filter: &Filter,
    scope: &Scope<'_, 'r>,
    element: ElementCheck<'_, 'r>,
) -> Result<Predicate<'r>, ScimError> {
    let all = |terms: &[Filter]| -> Result<Vec<Predicate<'r>>, ScimError> {
        terms.iter().map(|term| predicate(term, scope, element)).collect()
    };
    Ok(match filter {
        Filter::And(terms) => Predicate::And(all(terms)?),
        Filter::Or(terms) => Predicate::Or(all(terms)?),
        Filter::Not(term) => Predicate::Not(Box::new(predicate(term, scope, element)?)),
        Filter::Present { path } | Filter::Element { path, .. } if (scope.is_absent)(path) => {
            Predicate::never()
        }
        Filter::Compare { path, op, value } if (scope.is_absent)(path) => match (op, value) {
            (CompareOp::Ne, Literal::Null) => Predicate::never(),
            (CompareOp::Ne, _) | (CompareOp::Eq, Literal::Null) => {
                Predicate::Not(Box::new(Predicate::never()))
            }
            _ => Predicate::never(),
        },
        Filter::Present { path } => present((scope.field)(path)?),
        Filter::Compare { path, op, value } => comparison(path, *op, value, scope)?,
        Filter::Element { path, filter } => element(path, filter)?,
    })
}

fn comparison<'r>(
    path: &AttrPath,
    op: CompareOp,
    value: &Literal,
    scope: &Scope<'_, 'r>,
) -> Result<Predicate<'r>, ScimError> {
    let field = (scope.field)(path)?;
    if *value == Literal::Null {
        let present = present(field);
        return match op {
            CompareOp::Eq => Ok(Predicate::Not(Box::new(present))),
            CompareOp::Ne => Ok(present),
            _ => Err(ScimError::invalid_filter(format!("`{path} {}` takes no null", op.as_str()))),
        };
    }
    let field = compared(field, path)?;
    let operand = match attribute_of(&field) {
        Some(attribute) => typed(attribute, path, op, value, scope.dialect)?,
        None => untyped(path, op, value, scope.dialect)?,
    };
    let is_id = (scope.is_id)(&field);
    let equal_or = |op| match &operand {
        Operand::Text { exact, .. } if is_id && op == CompareOp::Eq => any_letter_case(field, exact),
        _ => Predicate::Compare { field, op, operand },
    };
    Ok(match op {
        CompareOp::Ne => Predicate::Not(Box::new(equal_or(CompareOp::Eq))),
        op => equal_or(op),
    })
}

/// Returns the predicate that a value is present. For an attribute whose elements have a `value`, that is the value
/// which counts (RFC 7643 s2.4), so that an element without one is not present.
fn present<'r>(field: Field<'r>) -> Predicate<'r> {
    let field = match field {
        Field::Declared { extension, attribute, sub: None } if attribute.multi_valued => {
            Field::Declared { extension, attribute, sub: attribute.sub_attribute("value") }
        }
        other => other,
    };
    Predicate::Present { field }
}

/// Returns whether the sub-attribute holds the ids of members, or of groups.
fn is_id(attribute: &Attribute, sub: &Attribute) -> bool {
    let is_relation = attribute.is("members") || attribute.is("groups");
    is_relation && attribute.sub_attribute("$ref").is_some() && sub.is("value")
}

/// Compares an id as it was sent, or in lower case. The ids of this service are in lower case, whatever case clients
/// send them back in; imported ids may have capitals.
fn any_letter_case<'r>(field: Field<'r>, id: &str) -> Predicate<'r> {
    let is = |id: String| Predicate::Compare {
        field: field.clone(),
        op: CompareOp::Eq,
        operand: Operand::Text { folded: fold(&id), exact: id, case_exact: true },
    };
    match id.to_ascii_lowercase() {
        lower if lower == id => is(lower),
        lower => Predicate::Or(vec![is(id.to_string()), is(lower)]),
    }
}

/// Returns the field that is compared: of a complex attribute its `value` (RFC 7644 s3.4.2.2 figure 2: `emails co
/// "example.com"`).
fn compared<'r>(field: Field<'r>, path: &AttrPath) -> Result<Field<'r>, ScimError> {
    match field {
        Field::Declared { extension, attribute, sub: None } if attribute.is_complex() => {
            let sub = attribute.sub_attribute("value");
            let sub = sub.ok_or_else(|| {
                ScimError::invalid_filter(format!("`{path}` is complex: name one of its sub-attributes"))
            })?;
            Ok(Field::Declared { extension, attribute, sub: Some(sub) })
        }
        other => Ok(other),
    }
}

fn attribute_of<'r>(field: &Field<'r>) -> Option<&'r Attribute> {
    match field {
        Field::Declared { sub: Some(attribute), .. } | Field::Sub(attribute) => Some(attribute),
        Field::Declared { attribute, sub: None, .. } => Some(attribute),
        Field::Itself(attribute) => Some(attribute),
        Field::Undeclared { .. } => None,
    }
}

/// Returns the operand in the attribute's type (RFC 7644 table 3 says which operators apply to which types).
fn typed(
    attribute: &Attribute,
    path: &AttrPath,
    op: CompareOp,
    value: &Literal,
    dialect: Dialect,
) -> Result<Operand, ScimError> {
    let refused = |what: &str| {
        let name = op.as_str();
        Err(ScimError::invalid_filter(format!("`{path} {name} {value}`: `{path}` is {what}")))
    };
    let value = &dialect::unquoted_text(attribute.data_type, value, dialect);
    match (attribute.data_type, value) {
        (_, Literal::Word(_)) => refused("not compared with a word; text stands between double quotes"),
        (AttributeType::Boolean, _) if op.is_ordering() || op.is_substring() => {
            refused("a boolean, which takes eq, ne and pr")
        }
        (AttributeType::Binary, _) if op.is_ordering() => refused("binary, which has no order"),
        (AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime, _)
            if op.is_substring() =>
        {
            refused("not a string, so nothing can be found within it")
        }
        (AttributeType::Boolean, value) => match dialect::boolean_literal(value, dialect) {
            Some(boolean) => Ok(Operand::Boolean(boolean)),
            None => refused("a boolean"),
        },
        (AttributeType::Integer | AttributeType::Decimal, Literal::Number(number, _)) => {
            Ok(Operand::Number(*number))
        }
        (AttributeType::Integer | AttributeType::Decimal, _) => refused("a number"),
        (AttributeType::DateTime, Literal::String(text)) => match Instant::parse(text) {
            Some(instant) => Ok(Operand::Instant(instant)),
            None => refused("a dateTime"),
        },
        (AttributeType::DateTime, _) => refused("a dateTime"),
        (_, Literal::String(text)) => Ok(text_operand(text, attribute.case_exact)),
        _ => refused("text"),
    }
}

fn text_operand(text: &str, case_exact: bool) -> Operand {
    Operand::Text { exact: text.to_string(), folded: fold(text), case_exact }
}

/// Returns the operand for an undeclared attribute. Its type is unknown, so it is assumed to be that of the operand,
/// and text is compared without case, which is the default of RFC 7643 s2.2.
fn untyped(path: &AttrPath, op: CompareOp, value: &Literal, dialect: Dialect) -> Result<Operand, ScimError> {
    let refused = |what: &str| {
        let name = op.as_str();
        Err(ScimError::invalid_filter(format!("`{path} {name} {value}`: `{value}` is {what}")))
    };
    match value {
        Literal::Boolean(_) if op.is_ordering() || op.is_substring() => {
            refused("a boolean, which takes eq, ne and pr")
        }
        Literal::Number(..) if op.is_substring() => {
            refused("not a string, and the operator compares strings")
        }
        Literal::Boolean(value) => Ok(Operand::Boolean(*value)),
        Literal::Number(value, _) => Ok(Operand::Number(*value)),
        Literal::String(text) => Ok(text_operand(text, false)),
        Literal::Word(text) if dialect::is_text(text, dialect) => Ok(text_operand(text, false)),
        Literal::Word(_) => refused("not a value; text stands between double quotes"),
        Literal::Null => Ok(text_operand("", false)),
    }
}

fn resource_field<'r>(
    path: &AttrPath,
    of: &'r ResourceType,
    dialect: Dialect,
) -> Result<Field<'r>, ScimError> {
    let kind = of.kind.name();
    let of_schema = || ScimError::invalid_filter(format!("`{path}` is a schema: name one of its attributes"));
    match path.resolve(of, dialect) {
        Some(ResolvedPath::Declared { attribute, .. }) if attribute.returned == Returned::Never => {
            Err(ScimError::invalid_filter(format!("`{path}` is never returned, and cannot be filtered on")))
        }
        Some(ResolvedPath::Declared { extension, attribute, sub }) => {
            Ok(Field::Declared { extension, attribute, sub })
        }
        Some(ResolvedPath::Undeclared(undeclared)) => {
            let (urn, name, sub) = undeclared.attribute().ok_or_else(of_schema)?;
            Ok(Field::Undeclared { urn: urn.into(), name: name.into(), sub: sub.map(str::to_string) })
        }
        Some(ResolvedPath::Core | ResolvedPath::Extension(_)) => Err(of_schema()),
        None => Err(ScimError::invalid_filter(format!("`{path}` is not an attribute of {kind}"))),
    }
}

fn element_field<'r>(
    path: &AttrPath,
    attribute: &'r Attribute,
    dialect: Dialect,
) -> Result<Field<'r>, ScimError> {
    let unknown =
        || ScimError::invalid_filter(format!("`{path}` is not a sub-attribute of `{}`", attribute.name));
    let AttrPath::Plain { name, sub: None } = path else { return Err(unknown()) };
    if !attribute.is_complex() {
        return if name.eq_ignore_ascii_case("value") {
            Ok(Field::Itself(attribute))
        } else {
            Err(unknown())
        };
    }
    dialect::sub_attribute(attribute, name, dialect).map(Field::Sub).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::{Dialect, Filter, Registry};

    #[track_caller]
    fn refusal(text: &str) -> String {
        let registry = Registry::load().unwrap();
        let filter = Filter::parse(text).unwrap();
        check(&filter, registry.resource_type(crate::testing::user()), &[], Dialect::TOLERANT)
            .unwrap_err()
            .into_detail()
    }

    #[test]
    fn a_word_without_quotes_is_text_if_the_attribute_is() {
        let registry = Registry::load().unwrap();
        let user = registry.resource_type(crate::testing::user());
        let read = |text: &str, dialect| check(&Filter::parse(text).unwrap(), user, &[], dialect);
        for (bare, quoted) in [
            ("externalId eq jyoung", "externalId eq \"jyoung\""),
            ("userName sw J and externalId eq 12345", "userName sw \"J\" and externalId eq \"12345\""),
            ("externalId eq 90071992547409931", "externalId eq \"90071992547409931\""),
            ("externalId eq 1.50", "externalId eq \"1.50\""),
            (
                "emails[type eq work].value eq a@x.example",
                "emails[type eq \"work\"].value eq \"a@x.example\"",
            ),
            ("urn:example:2.0:User:badge eq B7", "urn:example:2.0:User:badge eq \"B7\""),
            ("meta.created gt 2026-01-01T00:00:00Z", "meta.created gt \"2026-01-01T00:00:00Z\""),
        ] {
            assert_eq!(read(bare, Dialect::TOLERANT), read(quoted, Dialect::TOLERANT), "{bare}");
            assert!(read(quoted, Dialect::TOLERANT).is_ok(), "{quoted}");
            assert!(read(bare, Dialect::STRICT).is_err(), "{bare}");
        }
        assert_eq!(
            refusal("userName eq 'ada'"),
            "`userName eq 'ada'`: `userName` is not compared with a word; text stands between double quotes"
        );
    }

    #[test]
    fn what_cannot_be_compared_is_refused_by_name() {
        for (text, detail) in [
            ("shoeSize eq 1", "`shoeSize` is not an attribute of User"),
            ("name.giveName pr", "`name.giveName` is not an attribute of User"),
            ("emails[colour eq \"red\"]", "`colour` is not a sub-attribute of `emails`"),
            ("name eq \"x\"", "`name` is complex: name one of its sub-attributes"),
            ("active gt true", "`active gt true`: `active` is a boolean, which takes eq, ne and pr"),
            ("active eq \"maybe\"", "`active eq \"maybe\"`: `active` is a boolean"),
            (
                "active eq maybe",
                "`active eq maybe`: `active` is not compared with a word; text stands between double quotes",
            ),
            (
                "meta.created gt \"yesterday\"",
                "`meta.created gt \"yesterday\"`: `meta.created` is a dateTime",
            ),
            ("password eq \"x\"", "`password` is never returned, and cannot be filtered on"),
            ("userName gt null", "`userName gt` takes no null"),
            (
                "urn:x:2.0:User:badge sw false",
                "`urn:x:2.0:User:badge sw false`: `false` is a boolean, which takes eq, ne and pr",
            ),
            (
                "urn:x:2.0:User:badge co 1",
                "`urn:x:2.0:User:badge co 1`: `1` is not a string, and the operator compares strings",
            ),
            (
                "x509Certificates.value gt \"a\"",
                "`x509Certificates.value gt \"a\"`: `x509Certificates.value` is binary, which has no order",
            ),
        ] {
            assert_eq!(refusal(text), detail, "{text}");
        }
    }
}
