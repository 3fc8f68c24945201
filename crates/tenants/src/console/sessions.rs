//! The table `console_sessions`: who is signed in, by the hash of a cookie.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, ScimError};

use super::role::Role;
use crate::Hash;
use crate::table::served;

/// Milliseconds after which a session expires: eight hours.
pub const SESSION: i64 = 8 * 3_600_000;
/// The most sign-ins that are shown.
const MOST: i64 = 1_000;

/// A session in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The id, by which the administration refers to it.
    pub id: String,
    /// What the person may see and change.
    pub role: Role,
    /// Who it is.
    pub person: String,
    /// When it expires.
    pub expires: Instant,
}

/// What is new of a session: its id, and the hash of the value of its cookie.
pub struct NewSession {
    /// See [`Session`].
    pub id: String,
    /// The hash of 256 random bits.
    pub hash: Hash,
}

/// A sign-in, in force or past.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// The session that it made.
    pub session: Session,
    /// The link that was used; None for the vendor's identity provider.
    pub link: Option<String>,
    /// When it was.
    pub created: Instant,
    /// When the session was ended before it expired.
    pub ended: Option<Instant>,
}

/// Makes a session of a person whom the vendor's identity provider has authenticated. It ends `previous`, the session that the same
/// browser had.
///
/// # Errors
/// If the database fails.
pub async fn sign_in(
    database: &impl Database,
    new: NewSession,
    role: &Role,
    person: &str,
    previous: Option<Hash>,
    now: Instant,
) -> Result<Option<Session>, Failure> {
    let NewSession { id, hash } = new;
    let insert = "INSERT INTO console_sessions (hash, id, role, tenant, person, created, expires) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let [role, tenant] = role.columns();
    let params = vec![
        hash.to_hex().into(),
        id.into(),
        role,
        tenant,
        person.into(),
        now.0.into(),
        now.0.saturating_add(SESSION).into(),
    ];
    let mut batch = Batch::new();
    batch.add(Statement::new(insert, params));
    batch.extend(previous.map(|previous| replace(previous, hash, now)));
    let found = batch.add(find(hash, now));
    from_row(hash, batch.run(database).await?.first(found))
}

/// Finds the session of a cookie. None if there is none, it has ended or expired, or its tenant is suspended or deleted.
///
/// # Errors
/// If the database fails.
pub async fn find_session(
    database: &impl Database,
    cookie: Hash,
    now: Instant,
) -> Result<Option<Session>, Failure> {
    from_row(cookie, database.query_one(find(cookie, now)).await?.as_ref())
}

/// Ends the session of a cookie at once.
///
/// # Errors
/// If the database fails.
pub async fn end(database: &impl Database, cookie: Hash, now: Instant) -> Result<(), Failure> {
    let sql = "UPDATE console_sessions SET ended = coalesce(ended, ?2) WHERE hash = +?1";
    database.run(vec![Statement::new(sql, vec![cookie.to_hex().into(), now.0.into()])]).await?;
    Ok(())
}

/// Returns the sign-in that made the session of that id.
///
/// # Errors
/// 404 if it does not exist.
pub async fn find_sign_in(database: &impl Database, id: &str) -> Result<SignIn, Failure> {
    found(id, database.query_one(by_id(id)).await?.as_ref())
}

/// Ends the session of that id at once. One that has ended or expired already stays as it is.
///
/// # Errors
/// 404 if it does not exist.
pub async fn revoke_session(database: &impl Database, id: &str, now: Instant) -> Result<SignIn, Failure> {
    let end = "UPDATE console_sessions SET ended = coalesce(ended, ?2) WHERE id = +?1 AND expires > ?2";
    let statements = vec![Statement::new(end, vec![id.into(), now.0.into()]), by_id(id)];
    found(id, database.run_for_one(statements).await?.as_ref())
}

fn by_id(id: &str) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM console_sessions AS s WHERE s.id = +?1");
    Statement::new(sql, vec![id.into()])
}

fn found(id: &str, row: Option<&Row>) -> Result<SignIn, Failure> {
    let missing = || ScimError::not_found(format!("there is no session `{id}` of the console")).into();
    row.map_or_else(|| Err(missing()), sign_in_of)
}

/// Returns the latest sign-ins of the last months, the newest first: those of one tenant's administrators, or of all people.
///
/// # Errors
/// If the database fails.
pub async fn list_sign_ins(database: &impl Database, tenant: Option<&str>) -> Result<Vec<SignIn>, Failure> {
    // Ids sort by the time of their creation.
    let (sql, params) = match tenant {
        Some(tenant) => (
            format!(
                "SELECT {COLUMNS} FROM console_sessions AS s WHERE tenant = +?1 ORDER BY id DESC LIMIT +?2"
            ),
            vec![tenant.into(), MOST.into()],
        ),
        None => (
            format!("SELECT {COLUMNS} FROM console_sessions AS s ORDER BY id DESC LIMIT +?1"),
            vec![MOST.into()],
        ),
    };
    let mut batch = Batch::new();
    let all = batch.add(Statement::new(sql, params));
    batch.query(database).await?.of(all).iter().map(sign_in_of).collect()
}

const COLUMNS: &str = "s.hash, s.id, s.role, s.tenant, s.person, s.link, s.created, s.expires, s.ended";

/// Selects the session of a cookie, if it is in force.
pub(super) fn find(cookie: Hash, now: Instant) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS} FROM console_sessions AS s LEFT JOIN tenants AS t ON t.id = s.tenant \
         WHERE s.hash = +?1 AND s.ended IS NULL AND s.expires > ?2 AND (s.tenant IS NULL OR {})",
        served("s")
    );
    Statement::new(sql, vec![cookie.to_hex().into(), now.0.into()])
}

/// Ends the session that a browser had, if it has got the new one.
pub(super) fn replace(previous: Hash, new: Hash, now: Instant) -> Statement {
    let sql = "UPDATE console_sessions SET ended = coalesce(ended, ?3) \
        WHERE hash = +?1 AND hash <> ?2 AND EXISTS (SELECT 1 FROM console_sessions WHERE hash = +?2)";
    Statement::new(sql, vec![previous.to_hex().into(), new.to_hex().into(), now.0.into()])
}

/// Reads what [`find`] has found.
pub(super) fn from_row(cookie: Hash, row: Option<&Row>) -> Result<Option<Session>, Failure> {
    let Some(row) = row else { return Ok(None) };
    if !cookie.is(row.text("hash")?) {
        return Ok(None);
    }
    session(row).map(Some)
}

fn session(row: &Row) -> Result<Session, Failure> {
    Ok(Session {
        id: row.text("id")?.to_string(),
        role: Role::of(row)?,
        person: row.text("person")?.to_string(),
        expires: Instant(row.integer("expires")?),
    })
}

fn sign_in_of(row: &Row) -> Result<SignIn, Failure> {
    Ok(SignIn {
        session: session(row)?,
        link: row.optional_text("link").map(str::to_string),
        created: Instant(row.integer("created")?),
        ended: row.optional_integer("ended")?.map(Instant),
    })
}
