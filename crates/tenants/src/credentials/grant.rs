//! What a token grants: one round trip, by the UNIQUE index on its hash.

use database::{Database, Failure, Row, Statement};
use oauth::Scopes;
use scim::{Dialect, Instant};

use super::secret::Hash;
use crate::dialect;
use crate::table::served;

/// The least time between two records of a token's use, in milliseconds.
pub(crate) const USE_NOTED: i64 = 300_000;

/// What a valid token grants.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The token's id.
    pub token: String,
    /// The tenant that it belongs to.
    pub tenant: String,
    /// How the requests of the tenant's client are read.
    pub dialect: Dialect,
    /// What it may do.
    pub scopes: Scopes,
    /// When it expires.
    pub expires: Option<Instant>,
    /// When it was last used, as far as that was recorded.
    pub last_used: Option<Instant>,
}

impl Grant {
    /// Returns whether it opens the directory of that tenant at that time.
    pub fn opens(&self, tenant: &str, now: Instant) -> bool {
        self.tenant == tenant && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Finds what a token grants. None if there is no such token, it was revoked, or its tenant is suspended or deleted.
/// [`Grant::opens`] checks whether it has expired.
///
/// # Errors
/// If the database fails.
pub async fn look_up(database: &impl Database, hash: Hash) -> Result<Option<Grant>, Failure> {
    from_row(hash, database.query_one(find(hash)).await?.as_ref())
}

/// Finds what a token grants, and records that the token was used now, unless a use of the last few minutes is
/// recorded already.
///
/// # Errors
/// If the database fails.
pub async fn refresh(database: &impl Database, hash: Hash, now: Instant) -> Result<Option<Grant>, Failure> {
    let note = "UPDATE tokens SET last_used = +?2 WHERE hash = +?1 AND revoked IS NULL \
        AND (last_used IS NULL OR last_used <= ?2 - ?3)";
    let note = Statement::new(note, vec![hash.to_hex().into(), now.0.into(), USE_NOTED.into()]);
    from_row(hash, database.run_for_one(vec![note, find(hash)]).await?.as_ref())
}

fn find(hash: Hash) -> Statement {
    // The dialect of `default` is a variable of the Worker: what stands here in its place is not used.
    let sql = format!(
        "SELECT k.hash, k.id AS token, k.tenant, k.scopes, k.expires, k.last_used, coalesce(t.dialect, '{}') AS dialect \
         FROM tokens AS k LEFT JOIN tenants AS t ON t.id = k.tenant \
         WHERE k.hash = +?1 AND k.revoked IS NULL AND {}",
        Dialect::TOLERANT.name(),
        served("k")
    );
    Statement::new(sql, vec![hash.to_hex().into()])
}

fn from_row(hash: Hash, row: Option<&Row>) -> Result<Option<Grant>, Failure> {
    let Some(row) = row else { return Ok(None) };
    if !hash.is(row.text("hash")?) {
        return Ok(None);
    }
    Ok(Some(Grant {
        token: row.text("token")?.to_string(),
        tenant: row.text("tenant")?.to_string(),
        dialect: dialect(row.text("dialect")?)?,
        scopes: Scopes::from_stored(row.text("scopes")?),
        expires: row.optional_integer("expires")?.map(Instant),
        last_used: row.optional_integer("last_used")?.map(Instant),
    }))
}
