//! The table `audit_log`: what people and programs did in the console and in the administration, and by whom.
//!
//! What lives here: writing a row in the transaction of its deed, and the rows as evidence. What does not: which deeds there are (`manage` of the
//! Worker), and the list of them with sign-ins and credentials (`console::deeds`).

use database::{Database, DatabaseError, Failure, Statement};
use scim::Instant;
use serde_json::Value;

/// Milliseconds for which rows are kept: 400 days.
const KEPT: i64 = 400 * 86_400_000;
/// How many rows are trimmed at a time.
const TRIMMED: i64 = 1_000;
/// Milliseconds for which a row tells of the parts of the deed that follow: an hour.
const LATELY: i64 = 3_600_000;
/// The most rows that are shown as evidence of one range of times.
const MOST: i64 = 10_000;

/// What was done, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The id of the row.
    pub id: String,
    /// The tenant; None if it is about the whole service.
    pub tenant: Option<&'a str>,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub person: &'a str,
    /// The role of that person; `administrator` for the holder of the token of the administration.
    pub role: &'a str,
    /// Of what kind the target is, such as `token`.
    pub kind: &'a str,
    /// What was done to it, such as `created`.
    pub what: &'a str,
    /// The id of the target.
    pub target: &'a str,
    /// The name of the target, as people know it, if it has none in the tables of this crate.
    pub name: &'a str,
    /// What else there is to say, without any secret.
    pub detail: &'a Value,
}

/// Returns the statement that writes a row.
pub fn note(entry: Entry<'_>) -> Statement {
    insert(entry, "true")
}

/// Returns the statement that writes a row if the last statement before it that writes has written something: the row is the end of the batch of
/// its deed.
pub fn note_if_done(entry: Entry<'_>) -> Statement {
    insert(entry, "changes() > 0")
}

/// Returns the statement that writes a row if the tenant may be changed: it exists, and is not being deleted. `default` always exists.
pub fn note_if_tenant(entry: Entry<'_>) -> Statement {
    insert(entry, "?2 = 'default' OR EXISTS (SELECT 1 FROM tenants WHERE id = +?2 AND deleted IS NULL)")
}

/// Returns the statement that writes a row if the tenant which is its target is not marked as deleted yet.
pub fn note_if_not_marked(entry: Entry<'_>) -> Statement {
    insert(entry, "EXISTS (SELECT 1 FROM tenants WHERE id = +?8 AND deleted IS NULL)")
}

/// Returns the statement that writes a row unless there is one of the same deed by the same person from the last hour.
pub fn note_if_not_lately(entry: Entry<'_>) -> Statement {
    let lately = format!(
        "NOT EXISTS (SELECT 1 FROM audit_log WHERE target = +?8 AND kind = +?6 AND what = +?7 AND tenant IS +?2 \
         AND person = +?4 AND role = +?5 AND at > ?3 - {LATELY})"
    );
    insert(entry, &lately)
}

/// Returns SQL of the name that the target `?8` of that kind has in the tables of this crate; NULL if it has none there.
fn name_of(kind: &str) -> &'static str {
    match kind {
        "tenant" => "SELECT name FROM tenants WHERE id = +?8",
        "token" => "SELECT name FROM tokens WHERE id = +?8",
        "client" => "SELECT name FROM clients WHERE id = +?8",
        "client secret" => {
            "SELECT c.name FROM client_secrets AS s CROSS JOIN clients AS c ON c.id = s.client WHERE s.id = +?8"
        }
        "issuer" => "SELECT name FROM issuers WHERE id = +?8",
        "set-up link" | "one-time link" => "SELECT person FROM console_links WHERE id = +?8",
        "session" => "SELECT person FROM console_sessions WHERE id = +?8",
        _ => "SELECT NULL",
    }
}

fn insert(entry: Entry<'_>, condition: &str) -> Statement {
    let Entry { id, tenant, at, person, role, kind, what, target, name, detail } = entry;
    let sql = format!(
        "INSERT INTO audit_log (id, tenant, at, person, role, kind, what, target, name, detail) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(({}), ?9), ?10 WHERE {condition}",
        name_of(kind)
    );
    let params = vec![
        id.into(),
        tenant.into(),
        at.0.into(),
        person.into(),
        role.into(),
        kind.into(),
        what.into(),
        target.into(),
        name.into(),
        detail.to_string().into(),
    ];
    Statement::new(sql, params)
}

/// SQL of who has done what the row `a` says, for a reader who sees the names of the vendor's staff if `?2` is 1. NULL for the holder of
/// the token of the administration, of whom no name is known.
pub(crate) const WHO: &str = "CASE WHEN a.role = 'administrator' THEN NULL WHEN ?2 = 1 OR a.role = 'customer' THEN a.person ELSE 'the vendor' END";

/// SQL of whether such a reader sees the row `a`: where events are sent is the vendor's affair.
pub(crate) const SEEN: &str = "(?2 = 1 OR a.kind <> 'endpoint')";

/// Returns what was done to a tenant from `from` until `to`, the oldest first, as JSON. The vendor's staff are named if that is asked for.
///
/// # Errors
/// If the database fails.
pub async fn deed_lines(
    database: &impl Database,
    tenant: &str,
    with_staff: bool,
    (from, to): (Instant, Instant),
) -> Result<Vec<Value>, Failure> {
    let sql = format!(
        "SELECT json_object('kind', 'deed', 'at', strftime('%Y-%m-%dT%H:%M:%fZ', a.at / 1000.0, 'unixepoch'), 'tenant', ?1, \
         'by', coalesce({WHO}, 'administrator'), 'operation', a.what, \
         'target', json_object('kind', a.kind, 'id', a.target, 'name', a.name), 'detail', json(a.detail)) AS entry \
         FROM audit_log AS a WHERE a.tenant = +?1 AND a.at >= ?3 AND a.at < ?4 AND {SEEN} ORDER BY a.at, a.id LIMIT +?5"
    );
    let params = vec![tenant.into(), i64::from(with_staff).into(), from.0.into(), to.0.into(), MOST.into()];
    let rows = database.query(vec![Statement::new(sql, params)]).await?;
    let parsed =
        |text: &str| serde_json::from_str(text).map_err(|_| Failure::corrupt("an entry is not JSON"));
    rows.iter().flatten().map(|row| parsed(row.text("entry")?)).collect()
}

/// Deletes a bounded part of the rows that are older than they are kept; the next call goes on.
///
/// # Errors
/// If the database fails.
pub async fn trim(database: &impl Database, now: Instant) -> Result<(), DatabaseError> {
    let sql =
        "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < ?1 ORDER BY at LIMIT +?2)";
    database.run(vec![Statement::new(sql, vec![(now.0 - KEPT).into(), TRIMMED.into()])]).await.map(drop)
}
