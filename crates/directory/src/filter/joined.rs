//! Conditions joined into one: any of them holds, or all of them do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A condition, and the depth of SQLite's tree of it above its comparisons.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    depth: usize,
    pub sql: String,
}

impl Condition {
    /// Returns a comparison.
    pub(super) fn new(sql: String) -> Condition {
        Condition { depth: 0, sql }
    }

    /// Returns the condition if `holds` is true, and its opposite otherwise. A comparison with nothing is NULL, and
    /// `not` of it is true (see [`scim::Predicate::Compare`]).
    pub(super) fn or_opposite(self, holds: bool) -> Condition {
        if holds { self } else { self.within(|sql| format!("({sql}) IS NOT TRUE")) }
    }

    /// Returns the condition with SQL around it that makes its tree deeper by one.
    pub(super) fn within(self, around: impl FnOnce(String) -> String) -> Condition {
        Condition { depth: self.depth + 1, sql: around(self.sql) }
    }
}

/// Returns the condition that any of the conditions holds, or otherwise that all of them do. D1 limits the depth of expressions to 100, so the two
/// shallowest are joined first: a thousand comparisons are ten deep, and a deep condition among shallow ones gets
/// deeper by one. Of no conditions all hold, and none does.
pub(super) fn joined(conditions: impl IntoIterator<Item = Condition>, any: bool) -> Condition {
    let (operator, of_none) = if any { (" OR ", "0") } else { (" AND ", "1") };
    let mut heap: BinaryHeap<Reverse<Condition>> = conditions.into_iter().map(Reverse).collect();
    while let Some(Reverse(first)) = heap.pop() {
        let Some(Reverse(second)) = heap.pop() else { return first };
        let depth = first.depth.max(second.depth) + 1;
        heap.push(Reverse(Condition { depth, sql: format!("({}{operator}{})", first.sql, second.sql) }));
    }
    Condition::new(of_none.into())
}
