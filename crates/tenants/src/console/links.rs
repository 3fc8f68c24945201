//! The table `console_links`: one-time links for the vendor's staff, and set-up links for a customer's administrator.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, ScimError};

use super::role::Role;
use super::sessions::{self, NewSession, Session};
use crate::table::{exists, served, takes_credentials};
use crate::{Hash, Secret, not_found};

/// Milliseconds for which a one-time link works: five minutes.
pub const ONE_TIME: i64 = 5 * 60_000;
/// Milliseconds for which a set-up link works: 30 days.
pub const SET_UP: i64 = 30 * 86_400_000;

/// A link, without its code.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The id, by which the administration refers to it.
    pub id: String,
    /// What it opens.
    pub role: Role,
    /// Whom it is for, as the console shows that.
    pub person: String,
    /// Who made it.
    pub maker: String,
    /// When it was made.
    pub created: Instant,
    /// When it expires.
    pub expires: Instant,
    /// When it was last used.
    pub used: Option<Instant>,
    /// How many sessions it has made.
    pub uses: i64,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

/// A link to create. The caller shows the code; only its hash is stored.
pub struct NewLink<'n> {
    /// See [`Link`].
    pub id: String,
    /// The code.
    pub code: &'n Secret,
    /// See [`Link`]. A customer's administrator gets a set-up link, the vendor's staff a link that works once.
    pub role: Role,
    /// See [`Link`].
    pub person: &'n str,
    /// See [`Link`].
    pub maker: &'n str,
}

/// What a link that works would open.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkOffer {
    /// See [`Link`].
    pub role: Role,
    /// The name of the tenant, if it opens one; for the default tenant its id.
    pub tenant: Option<String>,
}

const COLUMNS: &str = "id, role, tenant, person, maker, created, expires, used, uses, revoked";

/// Creates a link.
///
/// # Errors
/// 404 if its tenant does not exist.
pub async fn create_link(database: &impl Database, new: NewLink<'_>, now: Instant) -> Result<Link, Failure> {
    let sql = format!(
        "INSERT INTO console_links (id, hash, role, tenant, person, maker, once, created, expires) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ?4 IS NULL OR {} RETURNING {COLUMNS}",
        takes_credentials("+?4")
    );
    let is_once = new.role.is_vendor();
    let life = if is_once { ONE_TIME } else { SET_UP };
    let [role, tenant] = new.role.columns();
    let params = vec![
        new.id.into(),
        new.code.hash().to_hex().into(),
        role,
        tenant,
        new.person.into(),
        new.maker.into(),
        i64::from(is_once).into(),
        now.0.into(),
        now.0.saturating_add(life).into(),
    ];
    let created = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    created.as_ref().map_or_else(|| Err(not_found(new.role.tenant().unwrap_or_default())), link)
}

/// Returns the set-up links of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list_links(database: &impl Database, tenant: &str) -> Result<Vec<Link>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM console_links WHERE tenant = +?1 ORDER BY id");
    let mut batch = Batch::new();
    let here = batch.add(exists(tenant));
    let links = batch.add(Statement::new(sql, vec![tenant.into()]));
    let rows = batch.query(database).await?;
    rows.first(here).ok_or_else(|| not_found(tenant))?;
    rows.of(links).iter().map(link).collect()
}

/// Revokes a set-up link of a tenant and ends every session that it has made. Revoking it again changes nothing.
///
/// # Errors
/// 404 if the tenant does not have the link.
pub async fn revoke_link(
    database: &impl Database,
    tenant: &str,
    id: &str,
    now: Instant,
) -> Result<Link, Failure> {
    let revoke = "UPDATE console_links SET revoked = coalesce(revoked, ?3) WHERE tenant = +?1 AND id = +?2";
    let end = "UPDATE console_sessions SET ended = coalesce(ended, ?3) WHERE tenant = +?1 AND link = +?2";
    let find = format!("SELECT {COLUMNS} FROM console_links WHERE tenant = +?1 AND id = +?2");
    let of_link = || vec![tenant.into(), id.into()];
    let at = || vec![tenant.into(), id.into(), now.0.into()];
    let statements =
        vec![Statement::new(end, at()), Statement::new(revoke, at()), Statement::new(find, of_link())];
    let missing = || ScimError::not_found(format!("the tenant `{tenant}` has no set-up link `{id}`")).into();
    let found = database.run_for_one(statements).await?;
    found.as_ref().map_or_else(|| Err(missing()), link)
}

/// Returns what the link of that code opens, without using it. None if it does not work.
///
/// # Errors
/// If the database fails.
pub async fn offer(database: &impl Database, code: Hash, now: Instant) -> Result<Option<LinkOffer>, Failure> {
    let sql = format!(
        "SELECT l.hash, l.role, l.tenant, coalesce(t.name, l.tenant) AS name FROM {} WHERE {}",
        FROM,
        works("+?1", "+?2")
    );
    let found = database.query_one(Statement::new(sql, vec![code.to_hex().into(), now.0.into()])).await?;
    let Some(row) = found else { return Ok(None) };
    if !code.is(row.text("hash")?) {
        return Ok(None);
    }
    Ok(Some(LinkOffer { role: Role::of(&row)?, tenant: row.optional_text("name").map(str::to_string) }))
}

/// Uses the link of that code: makes a session of it, which ends `previous`, the session that the same browser had. Returns None if
/// the link does not work.
///
/// # Errors
/// If the database fails.
pub async fn redeem(
    database: &impl Database,
    code: Hash,
    new: NewSession,
    previous: Option<Hash>,
    now: Instant,
) -> Result<Option<Session>, Failure> {
    let NewSession { id, hash } = new;
    // A batch whose answer was lost is repeated: the session is there then, and the link counts as used by it.
    let insert = format!(
        "INSERT INTO console_sessions (hash, id, role, tenant, person, link, created, expires) \
         SELECT ?3, ?4, l.role, l.tenant, l.person, l.id, ?2, ?2 + ?5 FROM {} WHERE {} ON CONFLICT DO NOTHING",
        FROM,
        works("+?1", "+?2")
    );
    let count = "UPDATE console_links SET used = +?2, uses = uses + 1 \
        WHERE hash = +?1 AND id = (SELECT link FROM console_sessions WHERE hash = +?3)";
    let (code, session) = (code.to_hex(), hash.to_hex());
    let params = vec![
        code.as_str().into(),
        now.0.into(),
        session.as_str().into(),
        id.into(),
        sessions::SESSION.into(),
    ];
    let mut batch = Batch::new();
    batch.add(Statement::new(insert, params));
    batch.add(Statement::new(count, vec![code.into(), now.0.into(), session.into()]));
    batch.extend(previous.map(|previous| sessions::replace(previous, hash, now)));
    let found = batch.add(sessions::find(hash, now));
    sessions::from_row(hash, batch.run(database).await?.first(found))
}

/// A link `l` and its tenant `t`, in SQL.
const FROM: &str = "console_links AS l LEFT JOIN tenants AS t ON t.id = l.tenant";

/// Returns SQL of whether the link of the hash in one parameter works at the time in the other.
fn works(hash: &str, now: &str) -> String {
    format!(
        "l.hash = {hash} AND l.revoked IS NULL AND l.expires > {now} AND (l.once = 0 OR l.used IS NULL) \
         AND (l.tenant IS NULL OR {})",
        served("l")
    )
}

fn link(row: &Row) -> Result<Link, Failure> {
    let time = |column: &str| row.optional_integer(column).map(|time| time.map(Instant));
    Ok(Link {
        id: row.text("id")?.to_string(),
        role: Role::of(row)?,
        person: row.text("person")?.to_string(),
        maker: row.text("maker")?.to_string(),
        created: Instant(row.integer("created")?),
        expires: Instant(row.integer("expires")?),
        used: time("used")?,
        uses: row.integer("uses")?,
        revoked: time("revoked")?,
    })
}
