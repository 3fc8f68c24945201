//! The `members` of a group, which are kept as rows and not in its document.

use serde_json::Value;

use crate::dialect;
use crate::object::member;
use crate::schema::{Attribute, ResourceType};
use crate::{Dialect, ScimError, limits};

/// Returns whether the attribute is the group's `members`, which are kept as rows.
pub(crate) fn is_members(of: &ResourceType, attribute: &Attribute) -> bool {
    of.kind.has_members() && attribute.is("members")
}

/// Returns the ids in a `members` value. Their `$ref`, `type` and `display` follow from the id and are ignored.
pub(crate) fn member_ids(
    attribute: &Attribute,
    value: Value,
    dialect: Dialect,
) -> Result<Vec<String>, ScimError> {
    let elements = match dialect::coerce(attribute, true, value, dialect) {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements,
        _ => return Err(ScimError::invalid_value("`members` is not an array")),
    };
    limits::check(elements.len(), limits::MEMBERS, "members")?;
    let id = |(at, element)| {
        let element = dialect::coerce(attribute, false, element, dialect);
        let value = element.as_object().and_then(|element| member(element, "value"));
        let id = value.and_then(Value::as_str).filter(|id| !id.is_empty());
        id.map(str::to_string)
            .ok_or_else(|| ScimError::invalid_value(format!("`members[{at}]` has no `value` that is an id")))
    };
    elements.into_iter().enumerate().map(id).collect()
}
