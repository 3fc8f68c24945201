//! Parses the body of a PATCH: `schemas`, `Operations`, and in each operation `op`, `path` and `value`.

use serde_json::{Map, Value, json};

use super::change::{Action, Change, ChangeTarget, Patch, in_operation};
use super::member_op::MemberOp;
use crate::document::{conform, conform_element, conform_sub, is_assigned, is_members, member_ids};
use crate::extension::{Undeclared, Written};
use crate::filter::{ValuePath, check_element, parse_value_path};
use crate::message::Message;
use crate::path::ResolvedPath;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::{Dialect, Habit, ScimError, dialect, limits, urn};

/// Parses the body of a PATCH on a resource of that type.
pub(crate) fn read_patch<'r>(
    of: &'r ResourceType,
    body: Value,
    dialect: Dialect,
) -> Result<Patch<'r>, ScimError> {
    let operations = operations(body, dialect)?;
    let mut reader = Reader {
        of,
        dialect,
        operation: 0,
        written: Written::Path,
        changes: Vec::new(),
        attributes: 0,
        members: Vec::new(),
        terms: 0,
        member_terms: 0,
        unknown: None,
    };
    for (index, operation) in operations.into_iter().enumerate() {
        reader.operation = index;
        reader.operation(operation).map_err(|error| in_operation(index, error))?;
        limits::check(reader.changes.len() + reader.attributes, limits::PATCH_CHANGES, "changes")?;
        limits::check(reader.terms, limits::PATCH_TERMS, "comparisons in its paths")?;
        limits::check(reader.member_terms, limits::MEMBER_TERMS, "comparisons that look at all members")?;
    }
    let Reader { changes, members, unknown, .. } = reader;
    limits::check(members.iter().map(|op| op.ids().len()).sum(), limits::MEMBERS, "members")?;
    match unknown {
        // The refusal loses no other change, and it tells the administrator about the misspelt mapping.
        Some(error) if changes.is_empty() && members.is_empty() => Err(error),
        _ => Ok(Patch { changes, members, dialect }),
    }
}

fn operations(body: Value, dialect: Dialect) -> Result<Vec<Value>, ScimError> {
    let mut body = Message::read(body, urn::PATCH_OP, dialect)?;
    let operations = match body.take("Operations") {
        Some(Value::Array(operations)) => operations,
        Some(_) => return Err(ScimError::invalid_syntax("`Operations` is not an array")),
        None => return Err(ScimError::invalid_syntax("the body has no `Operations`")),
    };
    if operations.is_empty() && !dialect.takes(Habit::EmptyOperations) {
        return Err(ScimError::invalid_syntax("`Operations` is empty"));
    }
    limits::check(operations.len(), limits::PATCH_OPERATIONS, "operations")?;
    Ok(operations)
}

struct Reader<'r> {
    of: &'r ResourceType,
    dialect: Dialect,
    /// The index of the operation that is being parsed, counted from 0.
    operation: usize,
    /// Where its names are written.
    written: Written,
    changes: Vec<Change<'r>>,
    /// Attributes in objects of undeclared extensions: each counts as a change, though they are kept together.
    attributes: usize,
    members: Vec<MemberOp<'r>>,
    /// Comparisons in the paths so far.
    terms: usize,
    /// Those that look at all members of a group.
    member_terms: usize,
    /// The first attribute or sub-attribute that no schema has.
    unknown: Option<ScimError>,
}

impl<'r> Reader<'r> {
    fn operation(&mut self, operation: Value) -> Result<(), ScimError> {
        let Some(mut operation) = Message::part(operation) else {
            return Err(ScimError::invalid_syntax("the operation is not an object"));
        };
        let action = self.action(operation.take("op"))?;
        let value = operation.take("value");
        if value.is_none() && action != Action::Remove {
            return Err(ScimError::invalid_value("the operation has no `value`"));
        }
        match operation.take("path") {
            Some(Value::String(path)) if !path.trim().is_empty() => {
                self.written = Written::Path;
                self.at_path(action, &path, value)
            }
            None | Some(Value::Null | Value::String(_)) => {
                self.written = Written::Key;
                self.without_path(action, value)
            }
            Some(_) => Err(ScimError::invalid_path("`path` is not a string")),
        }
    }

    fn push(&mut self, action: Action, place: ChangeTarget<'r>, value: Option<Value>) {
        self.changes.push(Change { operation: self.operation, action, place, value });
    }

    fn action(&self, op: Option<Value>) -> Result<Action, ScimError> {
        let op = match op {
            Some(Value::String(op)) => op,
            Some(_) => return Err(ScimError::invalid_syntax("`op` is not a string")),
            None => return Err(ScimError::invalid_syntax("the operation has no `op`")),
        };
        match dialect::operation_name(&op, self.dialect).as_str() {
            "add" => Ok(Action::Add),
            "remove" => Ok(Action::Remove),
            "replace" => Ok(Action::Replace),
            _ => Err(ScimError::invalid_syntax(format!("`{op}` is not add, remove or replace"))),
        }
    }

    /// Parses an operation without a path: its value is a set of attributes (RFC 7644 s3.5.2.1, s3.5.2.3). With
    /// `aadOptscim062020` Entra writes their names as paths (`name.givenName`), which are parsed alike.
    fn without_path(&mut self, action: Action, value: Option<Value>) -> Result<(), ScimError> {
        match (action, value.map(|value| dialect::unwrapped(value, self.dialect))) {
            (Action::Remove, _) => Err(ScimError::no_target("a remove needs a `path`")),
            (_, Some(Value::Object(attributes))) => {
                attributes.into_iter().try_for_each(|(key, value)| self.at_path(action, &key, Some(value)))
            }
            _ => Err(ScimError::invalid_value("without a `path`, `value` is an object of attributes")),
        }
    }

    fn at_path(&mut self, action: Action, path: &str, value: Option<Value>) -> Result<(), ScimError> {
        let ValuePath { path: parsed, filter } = parse_value_path(path)?;
        match parsed.resolve(self.of, self.dialect) {
            Some(ResolvedPath::Declared { extension, attribute, sub }) => {
                let filter = filter.map(|filter| check_element(&filter, attribute, self.dialect)).transpose();
                let filter =
                    filter.map_err(|error| ScimError::invalid_path(format!("`{path}`: {}", error.detail)))?;
                self.declared(
                    action,
                    ChangeTarget::Attribute { extension, attribute, filter, sub },
                    path,
                    value,
                )
            }
            None => self.nothing(path),
            Some(_) if filter.is_some() => Err(ScimError::invalid_path(format!(
                "`{path}`: only an attribute that a schema declares takes a filter"
            ))),
            Some(ResolvedPath::Core) => self.whole_schema(action, &self.of.schema, path, value),
            Some(ResolvedPath::Extension(schema)) => self.whole_schema(action, schema, path, value),
            Some(ResolvedPath::Undeclared(undeclared)) => {
                self.undeclared(action, undeclared, value);
                Ok(())
            }
        }
    }

    /// Skips a path that names nothing, and keeps the other operations: Entra sends one request for all the
    /// attributes of a user, and a name misspelt in the mapping would keep the others from ever arriving.
    fn nothing(&mut self, path: &str) -> Result<(), ScimError> {
        let kind = self.of.kind.name();
        let error = ScimError::invalid_path(format!("`{path}` is not an attribute of {kind}"));
        if !self.dialect.takes(Habit::UnknownAttributes) {
            return Err(error);
        }
        self.unknown.get_or_insert(in_operation(self.operation, error));
        Ok(())
    }

    /// Parses an operation whose path is the URN of a schema (RFC 7644 s3.10): its attributes are set one by one.
    fn whole_schema(
        &mut self,
        action: Action,
        schema: &'r Schema,
        path: &str,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let value = value.map(|value| dialect::unwrapped(value, self.dialect));
        let is_core = self.of.schema.is(&schema.id);
        match (action, value.filter(|value| !dialect::is_no_value(value, self.dialect))) {
            (Action::Remove, _) if is_core => {
                let detail = format!("`{path}` has required attributes and cannot be removed as a whole");
                Err(ScimError::mutability(detail))
            }
            (Action::Add | Action::Replace, None) if is_core => self.nothing(path),
            (Action::Remove, _) | (Action::Replace, None) => {
                self.push(Action::Remove, ChangeTarget::Extension(schema), None);
                Ok(())
            }
            (Action::Add, None) => Ok(()),
            (_, Some(Value::Object(attributes))) => {
                self.written = Written::Key;
                attributes.into_iter().try_for_each(|(key, value)| {
                    self.at_path(action, &format!("{}:{key}", schema.id), Some(value))
                })
            }
            _ => Err(ScimError::invalid_value(format!("the value of `{}` is not an object", schema.id))),
        }
    }

    fn undeclared(&mut self, action: Action, path: Undeclared, value: Option<Value>) {
        let value = match action {
            Action::Remove => dialect::listed_for_removal(value, self.dialect),
            Action::Add | Action::Replace => value,
        };
        self.attributes += value.as_ref().and_then(Value::as_object).map_or(0, |object| object.len());
        self.push(action, ChangeTarget::Undeclared(path, self.written), value);
    }

    fn declared(
        &mut self,
        action: Action,
        place: ChangeTarget<'r>,
        path: &str,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let ChangeTarget::Attribute { extension, attribute, filter, sub } = place else { return Ok(()) };
        let server = written_by_the_server(attribute, sub);
        // Okta and authentik repeat the `id` among the attributes, and whole resources carry `meta` and `schemas`; none of
        // it is meant as a change.
        if server.is_some()
            && filter.is_none()
            && self.written == Written::Key
            && self.dialect.takes(Habit::ServerAttributes)
        {
            return Ok(());
        }
        if is_members(self.of, attribute) {
            return self.of_members(action, attribute, filter, sub, value);
        }
        self.terms += filter.as_ref().map_or(0, crate::Predicate::terms);
        // RFC 7643 s3: a resource always has `schemas`, so to remove all of them is refused.
        let removes_all = action == Action::Remove && value.is_none();
        if attribute.is("schemas") && !removes_all && self.dialect.takes(Habit::ServerAttributes) {
            return Ok(());
        }
        if let Some(attribute) = server {
            return Err(ScimError::mutability(format!("`{}` is readOnly", attribute.name)));
        }
        if action == Action::Remove {
            return self.removal(ChangeTarget::Attribute { extension, attribute, filter, sub }, path, value);
        }
        if attribute.is_complex() && !attribute.multi_valued && filter.is_none() {
            match sub {
                None => return self.complex(action, extension, attribute, path, value),
                // A `$ref` alone names the resource, at its own path too.
                Some(sub) if sub.is("$ref") => {
                    let whole = path.rsplit_once('.').map_or(path, |(whole, _)| whole);
                    return self.complex(action, extension, attribute, whole, Some(json!({"$ref": value})));
                }
                Some(_) => {}
            }
        }
        let given = value.unwrap_or_default();
        let says_something = is_assigned(&given);
        let value = match (sub, &filter) {
            (Some(sub), _) => conform_sub(attribute, sub, given, path, self.dialect)?,
            (None, Some(_)) => conform_element(attribute, given, path, self.dialect)?,
            (None, None) => conform(attribute, given, path, self.dialect)?,
        };
        // Unknown sub-attributes do not clear those that are there.
        if value.is_none() && says_something && attribute.is_complex() && sub.is_none() {
            return self.nothing(path);
        }
        if !sub.unwrap_or(attribute).is_write_only() {
            let place = ChangeTarget::Attribute { extension, attribute, filter, sub };
            self.push(action, place, value);
        }
        Ok(())
    }

    /// Parses a removal. RFC 7644 s3.5.2.2: a remove has no value. If a client gives one for a multi-valued
    /// attribute, it lists what to remove, and an empty list removes nothing. `null` and `""` are not lists: they remove
    /// everything, as without a value.
    fn removal(
        &mut self,
        place: ChangeTarget<'r>,
        path: &str,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let ChangeTarget::Attribute { attribute, ref filter, sub, .. } = place else { return Ok(()) };
        let leaf = sub.unwrap_or(attribute);
        if leaf.required {
            return Err(ScimError::mutability(format!("`{}` is required and cannot be removed", leaf.name)));
        }
        let whole = attribute.multi_valued && sub.is_none() && filter.is_none();
        let listed = dialect::listed_for_removal(value, self.dialect)
            .filter(|listed| whole && !dialect::is_no_value(listed, self.dialect));
        let lists = listed.is_some();
        let listed = listed.map(|listed| dialect::plain_values(attribute, listed, self.dialect));
        let value =
            listed.map(|listed| conform(attribute, listed, path, self.dialect)).transpose()?.flatten();
        if value.is_some() || !lists {
            self.push(Action::Remove, place, value);
        }
        Ok(())
    }

    /// Splits a complex value into changes of its sub-attributes (RFC 7644 s3.5.2.3: those that are given are set and
    /// the others left). `value` goes last, since clearing it clears the sub-attributes that describe it.
    fn complex(
        &mut self,
        action: Action,
        extension: Option<&'r Schema>,
        attribute: &'r Attribute,
        path: &str,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let value = dialect::coerce(attribute, false, value.unwrap_or_default(), self.dialect);
        let Value::Object(members) = value else {
            let value = conform(attribute, value, path, self.dialect)?;
            let place = ChangeTarget::Attribute { extension, attribute, filter: None, sub: None };
            self.push(action, place, value);
            return Ok(());
        };
        let is_value = |key: &String| key.eq_ignore_ascii_case("value");
        let (last, first): (Map<_, _>, Map<_, _>) = members.into_iter().partition(|(key, _)| is_value(key));
        for (key, value) in first.into_iter().chain(last) {
            match dialect::sub_attribute(attribute, &key, self.dialect) {
                // Within an object, readOnly attributes are ignored (RFC 7644 s3.3).
                Some(sub) if sub.mutability == Mutability::ReadOnly => {}
                Some(sub) => {
                    let at = format!("{path}.{}", sub.name);
                    let value = conform_sub(attribute, sub, value, &at, self.dialect)?;
                    let place =
                        ChangeTarget::Attribute { extension, attribute, filter: None, sub: Some(sub) };
                    self.push(action, place, value);
                }
                None => self.nothing(&format!("{path}.{key}"))?,
            }
        }
        Ok(())
    }

    fn of_members(
        &mut self,
        action: Action,
        attribute: &'r Attribute,
        filter: Option<crate::Predicate<'r>>,
        sub: Option<&'r Attribute>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        // RFC 7643 s4.2: a member's sub-attributes are immutable; members are added and removed as a whole.
        if let Some(sub) = sub {
            let detail = format!("`members.{}` is immutable: remove the member and add another", sub.name);
            return Err(ScimError::mutability(detail));
        }
        let ids = |value| member_ids(attribute, value, self.dialect);
        match (action, filter, value) {
            (Action::Remove, Some(filter), _) => {
                let op = MemberOp::remove_where(filter);
                if let MemberOp::RemoveWhere(filter) = &op {
                    self.member_terms += filter.terms();
                }
                self.members.push(op);
            }
            (Action::Remove, None, value) => match dialect::listed_for_removal(value, self.dialect) {
                // An id that came out empty: to remove all members would be too much, and to remove none is not a removal.
                Some(listed) if dialect::is_no_value(&listed, self.dialect) => {
                    let detail = "`value` lists no member; without a `value` a remove is of all members";
                    return Err(ScimError::invalid_value(detail));
                }
                Some(listed) => {
                    let ids = ids(listed)?;
                    self.members.push(MemberOp::Remove(ids));
                }
                None => self.members.push(MemberOp::Clear),
            },
            (Action::Add, None, value) => {
                let ids = ids(value.unwrap_or_default())?;
                self.members.push(MemberOp::Add(ids));
            }
            (Action::Replace, None, value) => {
                let ids = ids(value.unwrap_or_default())?;
                self.members.extend([MemberOp::Clear, MemberOp::Add(ids)]);
            }
            (Action::Add | Action::Replace, Some(_), _) => {
                return Err(ScimError::invalid_path("members are added without a filter"));
            }
        }
        Ok(())
    }
}

/// Returns the readOnly attribute or sub-attribute that the path names, if it names one.
fn written_by_the_server<'r>(attribute: &'r Attribute, sub: Option<&'r Attribute>) -> Option<&'r Attribute> {
    let is_read_only = |attribute: &&'r Attribute| attribute.mutability == Mutability::ReadOnly;
    sub.into_iter().chain([attribute]).find(is_read_only)
}
