//! The members of a group that a PATCH selects by a filter. A group may have more members than fit into memory, so
//! they are looked at a part at a time, and only the ids of those that are selected are kept.

use serde_json::Value;

use super::MemberOp;
use crate::resource::Member;
use crate::{ScimError, limits};

/// The ids that each operation of a PATCH selects.
#[derive(Debug, Default)]
pub struct SelectedMembers {
    /// The index of the operation among those on members, and an id.
    ids: Vec<(usize, String)>,
}

impl SelectedMembers {
    /// Looks at some of the members.
    ///
    /// # Errors
    /// 400 `tooMany` if more members are selected than one request may name.
    pub fn look(&mut self, ops: &[MemberOp<'_>], members: &[Member]) -> Result<(), ScimError> {
        self.add(ops, members);
        if self.ids.len() <= limits::MEMBERS {
            return Ok(());
        }
        let most = limits::MEMBERS;
        Err(ScimError::too_many(format!("the filters select more than {most} members; select fewer at once")))
    }

    /// Looks at all members.
    pub(super) fn of_all(ops: &[MemberOp<'_>], members: &[Member]) -> SelectedMembers {
        let mut selected = SelectedMembers::default();
        selected.add(ops, members);
        selected
    }

    fn add(&mut self, ops: &[MemberOp<'_>], members: &[Member]) {
        let filters: Vec<_> =
            ops.iter().enumerate().filter_map(|(index, op)| Some((index, op.filter()?))).collect();
        if filters.is_empty() {
            return;
        }
        for member in members {
            let element = Value::Object(member.to_json(""));
            let selects = filters.iter().filter(|(_, filter)| filter.matches(&element));
            self.ids.extend(selects.map(|(index, _)| (*index, member.id.clone())));
        }
    }

    /// Returns the ids that the operation of that index selects.
    pub(super) fn by(&self, index: usize) -> impl Iterator<Item = &str> {
        self.ids.iter().filter(move |(by, _)| *by == index).map(|(_, id)| id.as_str())
    }
}
