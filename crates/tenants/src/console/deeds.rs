//! What people did to a tenant besides its directory: who signed in to the console, which credentials were made and ended, and what else the
//! table `audit_log` says. Newest first, page by page. A tenant has few sign-ins and credentials, so all of them are looked at; of the table
//! one page is read.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, ScimError};

use crate::audit_log::{SEEN, WHO};
use crate::credentials::happened;

/// The most sign-ins that are shown, the latest ones; and as many of the vendor's staff.
const SIGN_INS: i64 = 1_000;

/// One thing that a person did, or that a time brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Instant,
    /// The id of the credential or of the session.
    pub id: String,
    /// `created`, `expired` or `revoked` of a credential, `signed in`, `signed out` or `ended with its link` of a session, or what `audit_log`
    /// says.
    pub what: String,
    /// The kind of the credential, such as `token`; `session` of a sign-in; or what `audit_log` says.
    pub kind: String,
    /// The name of the credential; of a set-up link whom it is for, of a sign-in the role, of a session that ended with its link the person; or what `audit_log` says.
    pub name: String,
    /// What else there is to say, as JSON.
    pub detail: String,
    /// Who did it, if that is known.
    pub person: Option<String>,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deeds {
    /// The newest first.
    pub deeds: Vec<Deed>,
    /// Where the next page begins; None if this is the last.
    pub next: Option<DeedCursor>,
}

/// The last deed of a page, as a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedCursor {
    at: i64,
    id: String,
    what: String,
}

impl DeedCursor {
    /// Returns it as text.
    pub fn to_text(&self) -> String {
        format!("{}_{}_{}", self.at, self.id, self.what)
    }

    /// Parses a place.
    ///
    /// ```
    /// use tenants::console::DeedCursor;
    /// assert_eq!(DeedCursor::parse("5_token_signed in").unwrap().to_text(), "5_token_signed in");
    /// assert!(DeedCursor::parse("5_token").is_err() && DeedCursor::parse("x_token_signed in").is_err());
    /// ```
    ///
    /// # Errors
    /// 400 if it was not issued by a page.
    pub fn parse(text: &str) -> Result<DeedCursor, ScimError> {
        let mut parts = text.splitn(3, '_');
        let at = parts.next().and_then(|at| at.parse().ok());
        match (at, parts.next(), parts.next()) {
            (Some(at), Some(id), Some(what)) => {
                Ok(DeedCursor { at, id: id.to_string(), what: what.to_string() })
            }
            _ => Err(ScimError::new(400, "the cursor was not issued by a page of the audit")),
        }
    }
}

/// Returns what was done to a tenant until now, the newest first. The vendor's staff, who may see every tenant, are named only if that
/// is asked for: their sign-ins, and who of them made a set-up link.
///
/// # Errors
/// If the database fails.
pub async fn deeds(
    database: &impl Database,
    tenant: &str,
    with_staff: bool,
    (after, limit): (Option<DeedCursor>, usize),
    now: Instant,
) -> Result<Deeds, Failure> {
    let first = DeedCursor { at: now.0.saturating_add(1), id: String::new(), what: String::new() };
    let after = after.unwrap_or(first);
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let params = vec![
        tenant.into(),
        i64::from(with_staff).into(),
        now.0.into(),
        after.at.into(),
        after.id.into(),
        after.what.into(),
        most.into(),
    ];
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(select(), params));
    let rows = batch.query(database).await?;
    let mut deeds: Vec<Deed> = rows.of(found).iter().map(read).collect::<Result<_, _>>()?;
    let has_more = deeds.len() > limit;
    deeds.truncate(limit);
    let place = |last: &Deed| DeedCursor { at: last.at.0, id: last.id.clone(), what: last.what.clone() };
    let next = deeds.last().filter(|_| has_more).map(place);
    Ok(Deeds { deeds, next })
}

/// Kinds of which the page tells what has become of each credential: `audit_log` adds by whom.
const CREDENTIALS: &str = "('token', 'client', 'client secret', 'issuer', 'set-up link')";

/// Returns SQL of how these sessions ended: with the link that had made them, or by a sign-out. One that another person has ended is shown by
/// `audit_log`.
fn ends(sessions: &str) -> String {
    let with_link = "EXISTS (SELECT 1 FROM console_links AS l WHERE l.id = s.link AND l.revoked = s.ended)";
    let by_other = "EXISTS (SELECT 1 FROM audit_log AS a WHERE a.target = s.id AND a.kind = 'session' AND a.what = 'ended')";
    format!(
        "SELECT ended, id, iif({with_link}, 'ended with its link', 'signed out'), 'session', iif({with_link}, person, role), \
         iif({with_link}, NULL, person), '{{}}' FROM ({sessions}) AS s WHERE NOT {by_other}"
    )
}

/// Returns SQL of a page: of the tenant `?1`, with the vendor's staff if `?2` is 1, until `?3`, after `?4` to `?6`, of `?7` rows.
fn select() -> String {
    let sessions = |of: &str| {
        format!("SELECT * FROM (SELECT * FROM console_sessions WHERE {of} ORDER BY id DESC LIMIT {SIGN_INS})")
    };
    let deeds = |of: &str| {
        format!(
            "SELECT * FROM (SELECT a.at, a.id, a.what, a.kind, a.name, {WHO} AS person, a.detail FROM audit_log AS a \
             WHERE {of} AND a.at <= min(?3, ?4) AND (a.at, a.id, a.what) < (?4, ?5, ?6) AND a.kind NOT IN {CREDENTIALS} \
             AND {SEEN} ORDER BY a.at DESC, a.id DESC LIMIT +?7)"
        )
    };
    let all = format!(
        "SELECT at, id, what, kind, name, NULL AS person, '{{}}' AS detail FROM ({}) UNION ALL \
         SELECT created, id, 'signed in', 'session', role, person, '{{}}' FROM ({} UNION ALL {}) UNION ALL {} UNION ALL {} UNION ALL {}",
        happened(),
        sessions("tenant = +?1"),
        sessions("tenant IS NULL AND ?2 = 1"),
        ends(&format!("{} UNION ALL {}", sessions("tenant = +?1"), sessions("tenant IS NULL AND ?2 = 1"))),
        deeds("a.tenant = +?1"),
        deeds("a.tenant IS NULL AND ?2 = 1")
    );
    let maker = "SELECT l.maker FROM console_links AS l \
        WHERE ?2 = 1 AND l.id = c.id AND c.what = 'created' AND c.kind = 'set-up link'";
    let by = format!(
        "SELECT {WHO} FROM audit_log AS a WHERE a.target = c.id AND a.kind = c.kind AND a.what = c.what LIMIT 1"
    );
    format!(
        "SELECT c.at, c.id, c.what, c.kind, c.name, c.detail, coalesce(c.person, ({by}), ({maker})) AS person FROM (\
         SELECT * FROM ({all}) WHERE at <= ?3 AND (at, id, what) < (?4, ?5, ?6) ORDER BY at DESC, id DESC, what DESC LIMIT +?7\
         ) AS c ORDER BY c.at DESC, c.id DESC, c.what DESC"
    )
}

fn read(row: &Row) -> Result<Deed, Failure> {
    Ok(Deed {
        at: Instant(row.integer("at")?),
        id: row.text("id")?.to_string(),
        what: row.text("what")?.to_string(),
        kind: row.text("kind")?.to_string(),
        name: row.text("name")?.to_string(),
        detail: row.text("detail")?.to_string(),
        person: row.optional_text("person").map(str::to_string),
    })
}
