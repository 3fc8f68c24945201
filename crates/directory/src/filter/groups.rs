//! `groups` of users in filters and as a sort key. The groups that match are found first, and then their users, down
//! through groups within groups, so that the groups of each user are not walked through and each group is visited
//! once.

use scim::{Attribute, CompareOp, Field, Kind, Operand, Predicate};

use super::compare::text;
use super::needs::{GATE, LIMIT, Needs, THIS};

/// The one type that has members.
pub(super) const TYPE: &str = "Group";

/// How a user is in the group `e`: as a member itself, or through a group within the group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Direct,
    Indirect,
}

impl Way {
    /// Returns the value of `groups.type`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Direct => "direct",
            Way::Indirect => "indirect",
        }
    }

    /// Returns whether `groups.type` of such a group compares so with one of the texts.
    pub(super) fn compares(self, op: CompareOp, others: &[&str]) -> bool {
        let value = self.name();
        others.iter().any(|other| match op {
            CompareOp::Eq => value == *other,
            CompareOp::Ne => value != *other,
            CompareOp::Co => value.contains(other),
            CompareOp::Sw => value.starts_with(other),
            CompareOp::Ew => value.ends_with(other),
            CompareOp::Gt => value > *other,
            CompareOp::Ge => value >= *other,
            CompareOp::Lt => value < *other,
            CompareOp::Le => value <= *other,
        })
    }

    /// Returns whether a filter certainly holds, or certainly does not, for a group that is reached in this way; None
    /// if it depends on the group.
    pub(super) fn settles(self, filter: &Predicate<'_>) -> Option<bool> {
        match filter {
            Predicate::And(terms) => self.settles_all(terms, false),
            Predicate::Or(terms) => self.settles_all(terms, true),
            Predicate::Not(term) => self.settles(term).map(|holds| !holds),
            Predicate::Compare { field: Field::Sub(sub), op, operand: operand @ Operand::Text { .. } }
                if sub.is("type") =>
            {
                Some(self.compares(*op, &[text(operand)]))
            }
            _ => None,
        }
    }

    /// Returns the common value of the terms if one of them decides it.
    fn settles_all(self, terms: &[Predicate<'_>], so: bool) -> Option<bool> {
        let terms: Vec<Option<bool>> = terms.iter().map(|term| self.settles(term)).collect();
        match terms.contains(&Some(so)) {
            true => Some(so),
            false => terms.iter().all(|term| *term == Some(!so)).then_some(!so),
        }
    }
}

/// SQL: the user `r` is in a group.
pub(super) const ANY: &str =
    "EXISTS (SELECT 1 FROM memberships AS m WHERE m.tenant = +?1 AND m.member_id = r.id)";

/// SQL: the user `r` is in a group within a group, without being a member of the outer one itself. If all groups of
/// its groups are its own too, so are theirs: two steps are enough.
pub(super) const ANY_INDIRECT: &str = "EXISTS (SELECT 1 FROM memberships AS m \
    CROSS JOIN memberships AS up ON up.tenant = +?1 AND up.member_id = m.group_id \
    WHERE m.tenant = +?1 AND m.member_id = r.id AND NOT EXISTS (SELECT 1 FROM memberships AS own \
    WHERE own.tenant = +?1 AND own.group_id = up.group_id AND own.member_id = r.id))";

/// Returns the table of the groups `e` that meet the condition, which is evaluated once for each group and not for
/// each member.
fn matched(condition: &str, needs: &mut Needs) -> String {
    needs.table(
        "matched",
        "id",
        &format!(
            "SELECT e.id FROM {GATE}resources AS e WHERE e.tenant = +?1 AND e.type = 'Group' AND {condition}"
        ),
    )
}

/// Returns the direct members of the groups that meet the condition.
fn members_of(condition: &str, needs: &mut Needs) -> String {
    let matched = matched(condition, needs);
    format!(
        "SELECT m.member_id FROM {matched} AS matched CROSS JOIN memberships AS m \
         ON m.tenant = +?1 AND m.group_id = matched.id"
    )
}

/// Returns the condition that the user `r` is in a group `e` that meets the condition.
pub(super) fn below(condition: &str, needs: &mut Needs) -> String {
    let members = members_of(condition, needs);
    walked_down(&members, needs)
}

/// Returns the condition that the user `r` is one of the members that `first` selects, or below one of them.
pub(super) fn walked_down(first: &str, needs: &mut Needs) -> String {
    let down = needs.walk(
        "down",
        "id",
        &format!(
            "{first} UNION SELECT m.member_id FROM {THIS} AS down CROSS JOIN memberships AS m \
             ON m.tenant = +?1 AND m.group_id = down.id {LIMIT}"
        ),
    );
    format!("r.id IN (SELECT id FROM {down})")
}

/// Returns the condition that the user `r` is a member of a group `e` that meets the condition.
pub(super) fn directly(condition: &str, needs: &mut Needs) -> String {
    let members = members_of(condition, needs);
    let own = needs.walk("own", "id", &format!("{members} {LIMIT}"));
    format!("r.id IN (SELECT id FROM {own})")
}

/// Returns the condition that the user `r` is in a group `e` that meets the condition, without being a member of it
/// itself.
pub(super) fn indirectly(condition: &str, needs: &mut Needs) -> String {
    let (matched, above) = (matched(condition, needs), above(needs));
    let ties = needs.walk(
        "ties",
        "id, group_id",
        &format!(
            "SELECT m.member_id, matched.id FROM {matched} AS matched CROSS JOIN {above} AS above \
             ON above.group_id = matched.id CROSS JOIN memberships AS m ON m.tenant = +?1 AND m.group_id = above.id {LIMIT}"
        ),
    );
    format!(
        "r.id IN (SELECT ties.id FROM {ties} AS ties WHERE NOT EXISTS (SELECT 1 FROM memberships AS own \
         WHERE own.tenant = +?1 AND own.group_id = ties.group_id AND own.member_id = ties.id))"
    )
}

/// Returns the table of groups together with the groups that they are in, at any depth.
fn above(needs: &mut Needs) -> String {
    needs.price.compare(TYPE, 1);
    needs.walk(
        "above",
        "id, group_id",
        &format!(
            "SELECT g.id, m.group_id FROM {GATE}resources AS g CROSS JOIN memberships AS m \
             ON m.tenant = +?1 AND m.member_id = g.id WHERE g.tenant = +?1 AND g.type = 'Group' \
             UNION SELECT above.id, m.group_id FROM {THIS} AS above CROSS JOIN memberships AS m \
             ON m.tenant = +?1 AND m.member_id = above.group_id {LIMIT}"
        ),
    )
}

/// Returns the value that the user `r` is sorted by: that of the first of its groups, in the order of their ids.
pub(super) fn sort_key(kind: Kind, sub: Option<&Attribute>, needs: &mut Needs) -> String {
    needs.price.walk(3);
    let above = above(needs);
    let least = needs.table(
        "least",
        "id, first",
        &format!(
            "SELECT id, min(first) FROM (SELECT id, group_id AS first FROM {above} UNION ALL \
             SELECT id, id FROM {GATE}resources WHERE tenant = +?1 AND type = 'Group') GROUP BY id"
        ),
    );
    let first = needs.table(
        "first",
        "id, group_id",
        &format!(
            "SELECT m.member_id, min(least.first) FROM {GATE}{least} AS least CROSS JOIN memberships AS m \
             ON m.tenant = +?1 AND m.group_id = least.id WHERE m.member_type <> 'Group' GROUP BY m.member_id"
        ),
    );
    needs.join = Some(format!(" LEFT JOIN {first} AS first ON first.id = r.id"));
    match sub.map(|sub| sub.name.as_str()) {
        Some("value") => "first.group_id".into(),
        Some("display") => format!(
            "(SELECT named.{} FROM resources AS named WHERE named.tenant = +?1 \
             AND named.type = 'Group' AND named.id = first.group_id)",
            display_of_group(kind)
        ),
        Some("type") => "iif(first.group_id IS NULL, NULL, iif(EXISTS (SELECT 1 FROM memberships AS own \
            WHERE own.tenant = +?1 AND own.group_id = first.group_id AND own.member_id = r.id), 'direct', 'indirect'))"
            .into(),
        _ => format!("('/{}/' || first.group_id)", endpoint_of_group(kind)),
    }
}

/// Returns the endpoint of the groups that resources of the type are members of.
pub(super) fn endpoint_of_group(kind: Kind) -> &'static str {
    kind.owner().map(Kind::endpoint).unwrap_or_default()
}

/// Returns the column that has the displayName of these groups.
pub(super) fn display_of_group(kind: Kind) -> &'static str {
    match kind.owner().and_then(Kind::unique) {
        Some("displayName") => "unique_key",
        _ => "display_key",
    }
}
