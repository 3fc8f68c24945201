//! What a request does to the members of a group.
//!
//! Entra adds and removes members of groups of any size, a few at a time and several requests at once. To make such a
//! PATCH cost what it changes, and not what the group holds, it is reduced to ids to add and ids to remove, without
//! reading the present members.

use std::collections::BTreeSet;

use super::{MemberOp, SelectedMembers};
use crate::resource::Member;

/// What is left to do to the rows, whatever the order of the operations was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberChange {
    /// Whether all members that are not in `add` are removed.
    pub only: bool,
    /// The ids to add.
    pub add: BTreeSet<String>,
    /// The ids to remove; empty if `only` is set.
    pub remove: BTreeSet<String>,
}

impl MemberChange {
    /// Returns the change after which the group has exactly these members.
    pub fn exactly(ids: impl IntoIterator<Item = String>) -> MemberChange {
        MemberChange { only: true, add: ids.into_iter().collect(), remove: BTreeSet::new() }
    }

    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.only && self.add.is_empty() && self.remove.is_empty()
    }

    /// Returns whether the operations can be reduced only if the members are known.
    pub fn needs_members(ops: &[MemberOp<'_>]) -> bool {
        ops.iter().any(|op| matches!(op, MemberOp::RemoveWhere(_)))
    }

    /// Reduces the operations to their sum, one after the other. `current` matters only if `needs_members` returns
    /// true.
    pub fn reduce(ops: &[MemberOp<'_>], current: &[Member]) -> MemberChange {
        MemberChange::reduce_selected(ops, &SelectedMembers::of_all(ops, current))
    }

    /// Reduces the operations on a group whose members were looked at before, a part at a time.
    pub fn reduce_selected(ops: &[MemberOp<'_>], selected: &SelectedMembers) -> MemberChange {
        let mut change = MemberChange::default();
        for (index, op) in ops.iter().enumerate() {
            match op {
                MemberOp::Add(ids) => ids.iter().for_each(|id| change.add(id)),
                MemberOp::Remove(ids) => ids.iter().for_each(|id| change.remove(id)),
                MemberOp::Clear => change = MemberChange::exactly([]),
                MemberOp::RemoveWhere(_) => selected.by(index).for_each(|id| change.remove(id)),
            }
        }
        change
    }

    fn add(&mut self, id: &str) {
        self.remove.remove(id);
        self.add.insert(id.to_string());
    }

    fn remove(&mut self, id: &str) {
        self.add.remove(id);
        if !self.only {
            self.remove.insert(id.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MemberChange, MemberOp};

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_string).collect()
    }

    #[track_caller]
    fn settles(ops: &[MemberOp<'_>], only: bool, add: &str, remove: &str) {
        let (add, remove) = (ids(add).into_iter().collect(), ids(remove).into_iter().collect());
        assert_eq!(MemberChange::reduce(ops, &[]), MemberChange { only, add, remove });
    }

    #[test]
    fn the_last_word_on_each_member_counts() {
        settles(&[MemberOp::Add(ids("a b")), MemberOp::Remove(ids("b c"))], false, "a", "b c");
        settles(&[MemberOp::Remove(ids("a")), MemberOp::Add(ids("a a"))], false, "a", "");
        settles(&[MemberOp::Add(ids("a")), MemberOp::Clear, MemberOp::Add(ids("b"))], true, "b", "");
        settles(&[MemberOp::Clear, MemberOp::Add(ids("a b")), MemberOp::Remove(ids("a"))], true, "b", "");
    }
}
