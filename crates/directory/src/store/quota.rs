//! How much a tenant may hold: users, groups, memberships, and bytes of its resources.
//!
//! What lives here: the defaults, and the SQL by which a statement that writes checks them itself, against `totals` and
//! the tenant's row in `quotas`. So two requests at once cannot pass a quota together. What does not: setting them
//! (`quotas`), and keeping `totals` (the triggers of migrations/0004, and `members` for memberships).

use database::Row;
use scim::{Kind, ScimError};

use super::record::Record;

/// The types whose resources have a quota of their own.
pub(super) const USERS: &str = "User";
pub(super) const GROUPS: &str = "Group";

/// What is limited for each tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Resources of the type User.
    Users,
    /// Resources of the type Group.
    Groups,
    /// Direct members of groups.
    Memberships,
    /// Bytes of the resources as they are stored, which is twice: as sent, and as filters compare them.
    Bytes,
}

impl Quota {
    /// All quotas, in the order in which a refusal names the first one that a request exceeds.
    pub const ALL: [Quota; 4] = [Quota::Users, Quota::Groups, Quota::Memberships, Quota::Bytes];

    /// Returns the quota of resources of that type; None for a type that only the quota of bytes limits.
    pub(crate) fn of(kind: Kind) -> Option<Quota> {
        Quota::of_type(kind.name())
    }

    pub(super) fn of_type(name: &str) -> Option<Quota> {
        match name {
            USERS => Some(Quota::Users),
            GROUPS => Some(Quota::Groups),
            _ => None,
        }
    }

    /// Returns its name in a refusal and in responses of the administration.
    pub fn name(self) -> &'static str {
        match self {
            Quota::Users => "users",
            Quota::Groups => "groups",
            Quota::Memberships => "memberships",
            Quota::Bytes => "bytes",
        }
    }

    /// Returns the limit if none is set. A customer of 300,000 people has 20 memberships and 10,000 bytes for each of
    /// them (of which a user takes about 5,000). All four together are about half of the 10 GB that D1 has for all
    /// tenants: a membership takes 330 bytes of it.
    pub fn default_most(self) -> i64 {
        match self {
            Quota::Users => 1_000_000,
            Quota::Groups => 200_000,
            Quota::Memberships => 6_000_000,
            Quota::Bytes => 3_000_000_000,
        }
    }

    /// Returns the name of a refusal by this quota in the log.
    fn limited(self) -> &'static str {
        match self {
            Quota::Users => "quota users",
            Quota::Groups => "quota groups",
            Quota::Memberships => "quota memberships",
            Quota::Bytes => "quota bytes",
        }
    }

    /// Returns the column of `quotas`.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Quota::Users => "max_users",
            Quota::Groups => "max_groups",
            Quota::Memberships => "max_memberships",
            Quota::Bytes => "max_bytes",
        }
    }

    /// Returns SQL of the most that the tenant may have.
    fn most(self) -> String {
        format!("coalesce(quotas.{}, {})", self.column(), self.default_most())
    }
}

/// Returns SQL of the one row that holds what the tenant `?1` has, with a column for each of these quotas.
pub(crate) fn used(of: &[Quota]) -> String {
    let column = |quota: &Quota| {
        let name = quota.name();
        match quota {
            Quota::Users => format!("coalesce(sum(total) FILTER (WHERE type = '{USERS}'), 0) AS {name}"),
            Quota::Groups => format!("coalesce(sum(total) FILTER (WHERE type = '{GROUPS}'), 0) AS {name}"),
            Quota::Memberships => {
                format!("coalesce(sum(total) FILTER (WHERE type = 'Membership'), 0) AS {name}")
            }
            Quota::Bytes => format!("coalesce(sum(bytes), 0) AS {name}"),
        }
    };
    let columns: Vec<String> = of.iter().map(column).collect();
    format!("SELECT {} FROM totals WHERE tenant = +?1", columns.join(", "))
}

/// Returns SQL of that row beside the tenant's row in `quotas`, which the tenant need not have.
fn used_and_most(of: &[Quota]) -> String {
    format!("({}) AS used LEFT JOIN quotas ON quotas.tenant = +?1", used(of))
}

/// What a write would add to what a quota limits, as SQL.
pub(crate) struct Growth {
    quota: Quota,
    /// At least as large as `exact`, and cheaper to compute.
    bound: String,
    exact: String,
}

impl Growth {
    /// Returns a growth that is known before the database is asked.
    pub(crate) fn by(quota: Quota, by: impl Into<String>) -> Growth {
        let by = by.into();
        Growth { quota, bound: by.clone(), exact: by }
    }

    /// Returns a growth that is counted only if `bound` would not fit.
    pub(crate) fn counted(quota: Quota, bound: impl Into<String>, exact: impl Into<String>) -> Growth {
        Growth { quota, bound: bound.into(), exact: exact.into() }
    }
}

/// Returns SQL of the quota that a write would exceed, as `1000 users`; NULL if it fits. Only growth is refused: a
/// write that leaves as much or less is possible beyond a quota too.
///
/// `revokes` is SQL that says whether the write takes access away from a user. Such a write may use an eighth more of
/// each quota, since an identity provider may send other changes along with it.
pub(crate) fn exceeded(growth: &[Growth], revokes: Option<&str>) -> String {
    let case = |Growth { quota, bound, exact }: &Growth| {
        let (name, most) = (quota.name(), quota.most());
        let reserve = revokes.map(|revokes| format!(" + {most} / 8 * ({revokes})")).unwrap_or_default();
        let within = match bound == exact {
            true => String::new(),
            false => format!("used.{name} + ({bound}) > {most} AND "),
        };
        format!(
            "WHEN {within}({exact}) > 0 AND used.{name} + ({exact}) > {most}{reserve} THEN {most} || ' {name}'"
        )
    };
    let cases: Vec<String> = growth.iter().map(case).collect();
    let quotas: Vec<Quota> = growth.iter().map(|growth| growth.quota).collect();
    format!("(SELECT CASE {} END FROM {})", cases.join(" "), used_and_most(&quotas))
}

/// Returns SQL of how many more the tenant may have.
pub(crate) fn room(quota: Quota) -> String {
    let (name, most) = (quota.name(), quota.most());
    format!("(SELECT max(0, {most} - used.{name}) FROM {})", used_and_most(&[quota]))
}

/// Returns the refusal of a write if the column `quota` of the row names the quota that it would exceed.
pub(crate) fn refusal(row: Option<&Row>) -> Option<ScimError> {
    let said = row?.optional_text("quota")?;
    let quota = Quota::ALL.into_iter().find(|quota| said.ends_with(quota.name()))?;
    let detail = format!("this would be more than the tenant's quota of {said}");
    Some(ScimError::beyond_quota(quota.limited(), detail))
}

/// Octets of `"active":false,` and of `"active":true,`, each in both columns.
const INACTIVE: i64 = 30;
const ACTIVE: i64 = 28;

/// Returns the growth of the row `r` in bytes if it becomes the record whose [`lasting_bytes`] are bound as `new`.
/// `active` does not count on either side, so that a quota never prevents a change of `active` alone.
pub(crate) fn resized(new: &str) -> Growth {
    let old = "octet_length(r.document) - octet_length(r.search)";
    let exact = format!(
        "{new} - {old} + CASE json_extract(r.document, '$.active') WHEN 1 THEN {ACTIVE} WHEN 0 THEN {INACTIVE} ELSE 0 END"
    );
    Growth::counted(Quota::Bytes, format!("{new} - {old} + {INACTIVE}"), exact)
}

/// Returns the bytes of a record without its `active`.
pub(crate) fn lasting_bytes(record: &Record) -> i64 {
    record.bytes()
        - match record.active {
            Some(true) => ACTIVE,
            Some(false) => INACTIVE,
            None => 0,
        }
}

/// Returns SQL of whether the record makes the row `r` inactive; None if it cannot.
pub(crate) fn deactivates(record: &Record) -> Option<&'static str> {
    (record.active == Some(false)).then_some("json_extract(r.document, '$.active') IS NOT 0")
}
