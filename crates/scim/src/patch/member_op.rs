//! One operation of a PATCH on the members of a group.

use crate::filter::{CompareOp, Field, Operand, Predicate};

/// One operation on members.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberOp<'r> {
    /// Adds these, unless they are members already.
    Add(Vec<String>),
    /// Removes these.
    Remove(Vec<String>),
    /// Removes all members.
    Clear,
    /// Removes the members that match: the only operation for which the present members must be known.
    RemoveWhere(Predicate<'r>),
}

impl<'r> MemberOp<'r> {
    /// Returns the removal of the members that `filter` selects: by id if the filter compares only ids.
    pub(super) fn remove_where(filter: Predicate<'r>) -> MemberOp<'r> {
        let mut ids = Vec::new();
        if names_ids(&filter, &mut ids) { MemberOp::Remove(ids) } else { MemberOp::RemoveWhere(filter) }
    }

    /// Returns the filter of a removal for which the members must be known.
    pub(super) fn filter(&self) -> Option<&Predicate<'r>> {
        match self {
            MemberOp::RemoveWhere(filter) => Some(filter),
            MemberOp::Add(_) | MemberOp::Remove(_) | MemberOp::Clear => None,
        }
    }

    /// Returns the ids of the members that it names.
    pub(crate) fn ids(&self) -> &[String] {
        match self {
            MemberOp::Add(ids) | MemberOp::Remove(ids) => ids,
            MemberOp::Clear | MemberOp::RemoveWhere(_) => &[],
        }
    }

    pub(crate) fn ids_mut(&mut self) -> Option<&mut Vec<String>> {
        match self {
            MemberOp::Add(ids) | MemberOp::Remove(ids) => Some(ids),
            MemberOp::Clear | MemberOp::RemoveWhere(_) => None,
        }
    }
}

/// Collects the ids of `value eq "a"`, or of several of these with `or` between; returns whether the filter is
/// nothing else.
fn names_ids(filter: &Predicate<'_>, ids: &mut Vec<String>) -> bool {
    match filter {
        Predicate::Or(terms) => terms.iter().all(|term| names_ids(term, ids)),
        Predicate::Compare {
            field: Field::Sub(sub),
            op: CompareOp::Eq,
            operand: Operand::Text { exact, .. },
        } => {
            ids.push(exact.clone());
            sub.is("value")
        }
        _ => false,
    }
}
