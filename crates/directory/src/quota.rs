//! How much a tenant may hold: users, groups, memberships, and bytes of its resources.
//!
//! What lives here: the defaults, and the SQL by which a statement that writes checks them itself, against `totals` and
//! the tenant's row in `quotas`. So two requests at once cannot pass a quota together. What does not: setting them
//! (`tenants::quotas`), and keeping `totals` (the triggers of migrations/0004, and `memberships` for memberships).

use database::{Failure, Param, Row, Statement};
use scim::{Kind, ScimError};
use serde_json::Value;

use crate::record::Record;

/// What of a tenant is limited.
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
    /// All of them, in the order in which a refusal names the first that a request exceeds.
    pub const ALL: [Quota; 4] = [Quota::Users, Quota::Groups, Quota::Memberships, Quota::Bytes];

    /// The quota of resources of that type.
    pub(crate) fn of(kind: Kind) -> Quota {
        match kind {
            Kind::User => Quota::Users,
            Kind::Group => Quota::Groups,
        }
    }

    /// Its name in a refusal and in an answer of the administration.
    pub fn name(self) -> &'static str {
        match self {
            Quota::Users => "users",
            Quota::Groups => "groups",
            Quota::Memberships => "memberships",
            Quota::Bytes => "bytes",
        }
    }

    /// What holds where nothing is set. A customer of 300,000 people has 20 memberships and 10,000 bytes for each of them
    /// (of which a user takes about 5,000). All four together are about half of the 10 GB that D1 has for all tenants:
    /// a membership takes 330 bytes of it.
    pub fn default_most(self) -> i64 {
        match self {
            Quota::Users => 1_000_000,
            Quota::Groups => 200_000,
            Quota::Memberships => 6_000_000,
            Quota::Bytes => 3_000_000_000,
        }
    }

    /// How the log names a refusal by it.
    fn limited(self) -> &'static str {
        match self {
            Quota::Users => "quota users",
            Quota::Groups => "quota groups",
            Quota::Memberships => "quota memberships",
            Quota::Bytes => "quota bytes",
        }
    }

    /// The column of `quotas`.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Quota::Users => "max_users",
            Quota::Groups => "max_groups",
            Quota::Memberships => "max_memberships",
            Quota::Bytes => "max_bytes",
        }
    }

    /// SQL of the most that the tenant may have.
    fn most(self) -> String {
        format!("coalesce(quotas.{}, {})", self.column(), self.default_most())
    }
}

/// SQL of the one row that holds what the tenant `?1` has, a column a quota.
pub(crate) const USED: &str = "SELECT coalesce(sum(total) FILTER (WHERE type = 'User'), 0) AS users, \
    coalesce(sum(total) FILTER (WHERE type = 'Group'), 0) AS groups, \
    coalesce(sum(total) FILTER (WHERE type = 'Membership'), 0) AS memberships, \
    coalesce(sum(bytes), 0) AS bytes FROM totals WHERE tenant = ?1";

/// What a write would add to what a quota limits, as SQL.
pub(crate) struct Growth {
    quota: Quota,
    /// No less than `exact`, and cheaper to find.
    bound: String,
    exact: String,
}

impl Growth {
    /// What is known before the database is asked.
    pub(crate) fn by(quota: Quota, by: impl Into<String>) -> Growth {
        let by = by.into();
        Growth { quota, bound: by.clone(), exact: by }
    }

    /// What is only counted where `bound` would not fit.
    pub(crate) fn counted(quota: Quota, bound: impl Into<String>, exact: impl Into<String>) -> Growth {
        Growth { quota, bound: bound.into(), exact: exact.into() }
    }
}

/// SQL of the quota that a write would exceed, as `1000 users`; NULL where it fits. Only growth is refused: what
/// leaves as much or less is possible beyond a quota too.
///
/// `revokes` is SQL that says whether the write takes somebody's access away, which has an eighth more of each quota to
/// itself: an identity provider may send other changes along with it.
pub(crate) fn exceeded(growth: &[Growth], revokes: Option<&str>) -> String {
    let case = |Growth { quota, bound, exact }: &Growth| {
        let (name, most) = (quota.name(), quota.most());
        let reserve = revokes.map(|revokes| format!(" + {most} / 8 * ({revokes})")).unwrap_or_default();
        format!(
            "WHEN used.{name} + ({bound}) > {most} AND ({exact}) > 0 AND used.{name} + ({exact}) > {most}{reserve} \
             THEN {most} || ' {name}'"
        )
    };
    let cases: Vec<String> = growth.iter().map(case).collect();
    format!(
        "(SELECT CASE {} END FROM ({USED}) AS used LEFT JOIN quotas ON quotas.tenant = ?1)",
        cases.join(" ")
    )
}

/// SQL of how many more the tenant may have.
pub(crate) fn room(quota: Quota) -> String {
    let (name, most) = (quota.name(), quota.most());
    format!(
        "(SELECT max(0, {most} - used.{name}) FROM ({USED}) AS used LEFT JOIN quotas ON quotas.tenant = ?1)"
    )
}

/// The refusal of a write where a row says, in the column `quota`, which one it would exceed.
pub(crate) fn refusal(row: Option<&Row>) -> Option<ScimError> {
    let said = row?.optional_text("quota")?;
    let quota = Quota::ALL.into_iter().find(|quota| said.ends_with(quota.name()))?;
    let detail = format!("this would be more than the tenant's quota of {said}");
    Some(ScimError::beyond_quota(quota.limited(), detail))
}

/// Octets of `"active":false,` and of `"active":true,`, each in both columns.
const INACTIVE: i64 = 30;
const ACTIVE: i64 = 28;

/// The growth of the row `r` in bytes where it becomes the record whose [`lasting_bytes`] are bound as `new`. `active`
/// counts on neither side, so that no quota ever stands in the way of `active` alone.
pub(crate) fn resized(new: &str) -> Growth {
    let old = "octet_length(r.document) - octet_length(r.search)";
    let exact = format!(
        "{new} - {old} + CASE json_extract(r.document, '$.active') WHEN 1 THEN {ACTIVE} WHEN 0 THEN {INACTIVE} ELSE 0 END"
    );
    Growth::counted(Quota::Bytes, format!("{new} - {old} + {INACTIVE}"), exact)
}

/// The bytes of a record but for its `active`.
pub(crate) fn lasting_bytes(record: &Record) -> i64 {
    record.bytes()
        - match record.active {
            Some(true) => ACTIVE,
            Some(false) => INACTIVE,
            None => 0,
        }
}

/// SQL of whether the row `r` becomes inactive by the record.
pub(crate) fn deactivates(record: &Record) -> &'static str {
    if record.active == Some(false) { "json_extract(r.document, '$.active') IS NOT 0" } else { "0" }
}

/// Many new rows of `resources` as one JSON array, each with its `type`, `id`, `unique_key` and `bytes`, and what the quotas
/// ask of them. They are kept as text, so that none of their documents has to be there more than once.
#[derive(Default)]
pub(crate) struct Rows {
    rows: String,
    /// The rows without their documents.
    named: String,
    users: i64,
    groups: i64,
    bytes: i64,
}

impl Rows {
    /// Adds a row to the last of these, or to a new one where it would become longer than `most`.
    pub(crate) fn push(all: &mut Vec<Rows>, row: &Value, most: usize) {
        let text = row.to_string();
        match all.last_mut() {
            Some(rows) if rows.rows.len() + text.len() < most => rows.add(row, &text),
            _ => {
                let mut rows = Rows::default();
                rows.add(row, &text);
                all.push(rows);
            }
        }
    }

    fn add(&mut self, row: &Value, text: &str) {
        let named = ["type", "id", "unique_key", "bytes"];
        let named: Value =
            named.iter().filter_map(|name| Some((name.to_string(), row.get(name)?.clone()))).collect();
        append(&mut self.rows, text);
        append(&mut self.named, &named.to_string());
        match row.get("type").and_then(Value::as_str).and_then(Kind::from_name) {
            Some(Kind::Group) => self.groups += 1,
            _ => self.users += 1,
        }
        self.bytes += row.get("bytes").and_then(Value::as_i64).unwrap_or_default();
    }

    /// The statement that finds the rows that were refused, after those that fit were inserted. It takes no documents.
    pub(crate) fn refused(&self, tenant: &str) -> Statement {
        let sql = format!(
            "SELECT type, id, quota FROM ({}) WHERE {} IS NOT NULL AND quota IS NOT NULL",
            Rows::one_by_one(),
            Rows::all_exceed()
        );
        let (named, counts) = (self.named.as_str().into(), [self.users, self.groups, self.bytes]);
        Statement::new(sql, Rows::params(tenant, named, counts))
    }

    /// The parameters of a statement with [`Rows::fit`]: tenant, rows, and how many users, groups and bytes they are.
    pub(crate) fn into_params(self, tenant: &str) -> Vec<Param> {
        Rows::params(tenant, self.rows.into(), [self.users, self.groups, self.bytes])
    }

    fn params(tenant: &str, rows: Param, counts: [i64; 3]) -> Vec<Param> {
        let counts = counts.into_iter().map(Param::from);
        [tenant.into(), rows].into_iter().chain(counts).collect()
    }

    /// SQL of whether the row `new` of `json_each(?2)` fits: all do, or it stands before the first that does not.
    pub(crate) fn fit() -> String {
        format!(
            "({} IS NULL OR new.key IN (SELECT key FROM ({}) WHERE quota IS NULL))",
            Rows::all_exceed(),
            Rows::one_by_one()
        )
    }

    fn all_exceed() -> String {
        let growth = [(Quota::Users, "?3"), (Quota::Groups, "?4"), (Quota::Bytes, "?5")];
        exceeded(&growth.map(|(quota, by)| Growth::by(quota, by)), None)
    }

    /// Those that are not there, with the quota that each would exceed after the ones before it.
    fn one_by_one() -> String {
        let place = |kind: Kind| format!("CASE one.type WHEN '{}' THEN one.place ELSE 0 END", kind.name());
        let growth = [
            Growth::by(Quota::Users, place(Kind::User)),
            Growth::by(Quota::Groups, place(Kind::Group)),
            Growth::by(Quota::Bytes, "one.size"),
        ];
        let there = "SELECT 1 FROM resources AS r WHERE r.tenant = ?1 AND r.type = each.value->>'type'";
        format!(
            "SELECT one.key, one.type, one.id, {} AS quota FROM (SELECT each.key, each.value->>'type' AS type, each.value->>'id' AS id, \
             row_number() OVER (PARTITION BY each.value->>'type' ORDER BY each.key) AS place, \
             sum(each.value->>'bytes') OVER (ORDER BY each.key) AS size FROM json_each(?2) AS each \
             WHERE NOT EXISTS ({there} AND r.unique_key = each.value->>'unique_key') \
             AND NOT EXISTS ({there} AND r.id = each.value->>'id')) AS one",
            exceeded(&growth, None)
        )
    }

    /// The refusals that [`Rows::refused`] found, by type and id.
    pub(crate) fn refusals<'a>(
        found: impl Iterator<Item = &'a Row>,
    ) -> Result<Vec<(&'a str, &'a str, ScimError)>, Failure> {
        let one = |row: &'a Row| {
            let Some(error) = refusal(Some(row)) else { return Ok(None) };
            Ok(Some((row.text("type")?, row.text("id")?, error)))
        };
        found.map(one).filter_map(Result::transpose).collect()
    }
}

/// Adds an element to the text of a JSON array; the empty text is one without elements.
fn append(array: &mut String, element: &str) {
    match array.pop() {
        Some(_) => array.push(','),
        None => array.push('['),
    }
    array.push_str(element);
    array.push(']');
}
