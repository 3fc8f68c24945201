//! The table `signing_keys`: the keys that sign the Worker's own access tokens. The newest key signs; the previous
//! one verifies for as long as a token that it has signed may be valid.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, ScimError};

/// Milliseconds after which a key is replaced automatically: 90 days.
const LIFE: i64 = 90 * 86_400_000;
/// Milliseconds for which a retired key still verifies: the longest validity of an access token, and an hour.
const AFTERLIFE: i64 = 7 * 3_600_000;

/// A key as it is listed, without the salt that it is derived from.
#[derive(Debug, Clone, PartialEq)]
pub struct SigningKey {
    /// `kid`.
    pub id: String,
    /// When it was made.
    pub created: Instant,
    /// When it stopped signing.
    pub retired: Option<Instant>,
    /// When it stopped verifying as well.
    pub revoked: Option<Instant>,
}

/// A key to create if one is needed.
pub struct NewSigningKey {
    /// `kid`.
    pub id: String,
    /// 256 random bits.
    pub salt: String,
}

const COLUMNS: &str = "id, created, retired, revoked";

/// Returns the id and the salt of the key that signs. If there is none, or it is old, the new one becomes that key.
///
/// # Errors
/// If the database fails.
pub async fn current_key(
    database: &impl Database,
    new: NewSigningKey,
    now: Instant,
) -> Result<(String, String), Failure> {
    let mut batch = Batch::new();
    batch.extend(replace(new, now, LIFE));
    let current = batch.add(Statement::new(CURRENT, Vec::new()));
    let rows = batch.run(database).await?;
    id_and_salt(rows.first(current).ok_or_else(|| Failure::corrupt("there is no signing key"))?)
}

/// Replaces the key that signs by a new one. The old one still verifies for a while.
///
/// # Errors
/// If the database fails.
pub async fn rotate_keys(
    database: &impl Database,
    new: NewSigningKey,
    now: Instant,
) -> Result<Vec<SigningKey>, Failure> {
    let mut batch = Batch::new();
    batch.extend(replace(new, now, 0));
    let all = batch.add(list());
    batch.run(database).await?.of(all).iter().map(key).collect()
}

/// Returns the keys, the newest first. Keys that no longer verify are deleted after a while.
///
/// # Errors
/// If the database fails.
pub async fn list_keys(database: &impl Database) -> Result<Vec<SigningKey>, Failure> {
    let mut batch = Batch::new();
    let all = batch.add(list());
    batch.query(database).await?.of(all).iter().map(key).collect()
}

fn list() -> Statement {
    Statement::new(format!("SELECT {COLUMNS} FROM signing_keys ORDER BY created DESC, id DESC"), Vec::new())
}

/// Revokes a key at once, with every access token that it has signed. The next token is signed with a new key.
///
/// # Errors
/// 404 if the key does not exist.
pub async fn revoke_key(database: &impl Database, id: &str, now: Instant) -> Result<SigningKey, Failure> {
    let sql = format!(
        "UPDATE signing_keys SET retired = coalesce(retired, ?2), revoked = coalesce(revoked, ?2) \
         WHERE id = +?1 RETURNING {COLUMNS}"
    );
    let revoked = database.run_for_one(vec![Statement::new(sql, vec![id.into(), now.0.into()])]).await?;
    let missing = || ScimError::not_found(format!("there is no signing key `{id}`")).into();
    revoked.as_ref().map_or_else(|| Err(missing()), key)
}

/// Selects the key that signs.
const CURRENT: &str =
    "SELECT id, salt FROM signing_keys WHERE retired IS NULL ORDER BY created DESC, id DESC LIMIT 1";

/// Replaces the key that signs by the new one if it is older than `life`, or if there is none. That is the last to be written, so that its
/// number of rows says whether there is a new key.
fn replace(new: NewSigningKey, now: Instant, life: i64) -> [Statement; 3] {
    let insert = "INSERT INTO signing_keys (id, salt, created) SELECT ?1, ?2, ?3 \
        WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE retired IS NULL)";
    let retire = "UPDATE signing_keys SET retired = +?1 WHERE retired IS NULL AND created <= ?1 - ?2";
    let forget = "DELETE FROM signing_keys WHERE retired < ?1 - ?2";
    [
        Statement::new(forget, vec![now.0.into(), LIFE.into()]),
        Statement::new(retire, vec![now.0.into(), life.into()]),
        Statement::new(insert, vec![new.id.into(), new.salt.into(), now.0.into()]),
    ]
}

/// Selects the key that signs, unless there is none or it must be replaced.
pub(super) fn signing(now: Instant) -> Statement {
    let sql = "SELECT id, salt FROM signing_keys WHERE retired IS NULL AND created > ?1 - ?2 \
        ORDER BY created DESC, id DESC LIMIT 1";
    Statement::new(sql, vec![now.0.into(), LIFE.into()])
}

/// Returns what a key is derived from, together with the secret of the Worker.
pub(super) fn id_and_salt(row: &Row) -> Result<(String, String), Failure> {
    Ok((row.text("id")?.to_string(), row.text("salt")?.to_string()))
}

/// Selects the salt of a key that still verifies.
pub(super) fn verifying(id: &str, now: Instant) -> Statement {
    let sql = "SELECT salt FROM signing_keys WHERE id = +?1 AND revoked IS NULL AND (retired IS NULL OR retired > ?2 - ?3)";
    Statement::new(sql, vec![id.into(), now.0.into(), AFTERLIFE.into()])
}

fn key(row: &Row) -> Result<SigningKey, Failure> {
    Ok(SigningKey {
        id: row.text("id")?.to_string(),
        created: Instant(row.integer("created")?),
        retired: row.optional_integer("retired")?.map(Instant),
        revoked: row.optional_integer("revoked")?.map(Instant),
    })
}
