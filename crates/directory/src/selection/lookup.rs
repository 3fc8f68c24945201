//! What an index of another table leads to.

use scim::{CompareOp, Field, Kind, Operand, Predicate};

use super::condition::text;

/// Equality of the field's values with `is_one` (`= x` or `IN (x, y)`), where a table has an index of them.
pub(super) fn indexed(kind: Kind, field: &Field<'_>, is_one: &str) -> Option<String> {
    let Field::Declared { extension: None, attribute, sub: Some(sub) } = field else { return None };
    match (kind, attribute.name.as_str(), sub.name.as_str()) {
        (Kind::User, "emails", "value") => {
            Some(format!("r.id IN (SELECT resource_id FROM emails WHERE tenant = ?1 AND value {is_one})"))
        }
        (Kind::Group, "members", "value") => Some(format!(
            "r.id IN (SELECT m.group_id FROM memberships AS m WHERE m.tenant = ?1 AND m.member_id {is_one})"
        )),
        // Down from the group, through the groups within it.
        (Kind::User, "groups", "value") => Some(format!(
            "r.id IN (WITH RECURSIVE down (id) AS (\
             SELECT m.member_id FROM memberships AS m WHERE m.tenant = ?1 AND m.group_id {is_one} \
             UNION SELECT m.member_id FROM down CROSS JOIN memberships AS m ON m.tenant = ?1 AND m.group_id = down.id) \
             SELECT id FROM down)"
        )),
        _ => None,
    }
}

/// The `value` that every element has to have that meets the filter of a value path.
pub(super) fn named_value<'f>(filter: &'f Predicate<'_>) -> Option<&'f str> {
    match filter {
        Predicate::And(terms) => terms.iter().find_map(named_value),
        Predicate::Compare {
            field: Field::Sub(sub),
            op: CompareOp::Eq,
            operand: operand @ Operand::Text { .. },
        } if sub.is("value") => Some(text(operand)),
        _ => None,
    }
}
