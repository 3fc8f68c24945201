//! Which parts of a filter an index can find.

use scim::{Attribute, CompareOp, Field, Kind, Memberships, Operand, Predicate};

use super::compare::text;
use super::groups;
use super::needs::{GATE, Needs};

/// Returns the condition that the field's values are as `asked`, equal to a text or in a range of texts, if another
/// table has an index of them.
pub(super) fn indexed(
    kind: Kind,
    field: &Field<'_>,
    asked: impl Fn(&str) -> String,
    needs: &mut Needs,
) -> Option<String> {
    let Field::Declared { extension: None, attribute, sub: Some(sub) } = field else { return None };
    match (kind.memberships(), attribute.name.as_str(), sub.name.as_str()) {
        (_, "emails", "value") if attribute.multi_valued => Some(format!(
            "r.id IN (SELECT resource_id FROM emails WHERE tenant = +?1 AND {})",
            asked("value")
        )),
        (Some(Memberships::Owner), "members", "value") => Some(format!(
            "r.id IN (SELECT m.group_id FROM memberships AS m WHERE m.tenant = +?1 AND {})",
            asked("m.member_id")
        )),
        (Some(Memberships::Member), "groups", "value") => {
            let members = format!(
                "SELECT m.member_id FROM {GATE}memberships AS m WHERE m.tenant = +?1 AND {}",
                asked("m.group_id")
            );
            Some(groups::walked_down(&members, needs))
        }
        _ => None,
    }
}

/// Returns the `value` that every element which matches the filter of a value path must have.
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

/// Returns the part of a filter that an index finds and that every match satisfies, if there is one.
pub(crate) fn led_by<'f, 'p>(kind: Kind, filter: &'f Predicate<'p>) -> Option<&'f Predicate<'p>> {
    match filter {
        Predicate::And(terms) => {
            let mut led: Vec<_> = terms.iter().filter_map(|term| led_by(kind, term)).collect();
            led.sort_by_key(|term| !is_unique(kind, term));
            led.first().copied()
        }
        Predicate::Or(terms) => {
            (!terms.is_empty() && terms.iter().all(|term| led_by(kind, term).is_some())).then_some(filter)
        }
        Predicate::Compare {
            field: Field::Declared { extension: None, attribute, sub },
            op: CompareOp::Eq,
            operand: Operand::Text { .. },
        } => has_index(kind, attribute, *sub).then_some(filter),
        Predicate::Element { extension: None, attribute, filter: of_element } => {
            let value = attribute.sub_attribute("value");
            let named = attribute.multi_valued && named_value(of_element).is_some();
            (named && has_index(kind, attribute, value)).then_some(filter)
        }
        _ => None,
    }
}

/// Returns whether the part that leads the filter has one match at most.
pub(crate) fn is_unique(kind: Kind, filter: &Predicate<'_>) -> bool {
    match filter {
        Predicate::Or(terms) => terms.iter().all(|term| is_unique(kind, term)),
        Predicate::Compare { field: Field::Declared { attribute, .. }, op: CompareOp::Eq, .. } => {
            attribute.is("id") || kind.unique().is_some_and(|name| attribute.is(name))
        }
        _ => false,
    }
}

fn has_index(kind: Kind, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
    match (attribute.name.as_str(), sub.map(|sub| sub.name.as_str())) {
        ("id" | "externalId" | "displayName", None) => true,
        (name, None) => kind.unique() == Some(name),
        ("emails", Some("value")) => attribute.multi_valued,
        ("members", Some("value")) => kind.has_members(),
        _ => false,
    }
}
