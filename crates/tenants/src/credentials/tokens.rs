//! The table `tokens`: creating, listing, replacing and revoking tokens. What is stored does not suffice to use one.

use database::{Batch, Database, Failure, Key, Row, Rows, Statement};
use oauth::Scopes;
use scim::{Instant, ScimError};

use super::secret::Secret;
use crate::not_found;
use crate::table::{exists, takes_credentials};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The id, by which the administration refers to it.
    pub id: String,
    /// The name, which says what it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created: Instant,
    /// When it expires.
    pub expires: Option<Instant>,
    /// When it was last used, to within a few minutes.
    pub last_used: Option<Instant>,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

impl Token {
    /// Returns whether it is neither revoked nor expired at that time.
    pub fn is_in_force(&self, now: Instant) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// A token to create. The caller shows the secret; only its hash is stored.
pub struct NewToken<'n> {
    /// See [`Token`].
    pub id: String,
    /// See [`Token`]; None for the name of the token that it replaces.
    pub name: Option<&'n str>,
    /// See [`Token`]; None for the scopes of the token that it replaces, or for all of SCIM.
    pub scopes: Option<Scopes>,
    /// The token itself.
    pub secret: &'n Secret,
    /// See [`Token`].
    pub expires: Option<Instant>,
}

const COLUMNS: &str = "id, name, scopes, created, expires, last_used, revoked";

/// Creates a token of a tenant. Returns it, and how many tokens of the tenant are then valid.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn create_token(
    database: &impl Database,
    tenant: &str,
    new: NewToken<'_>,
    now: Instant,
) -> Result<(Token, i64), Failure> {
    let sql = format!(
        "INSERT INTO tokens (id, tenant, name, hash, created, expires, scopes) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 \
         WHERE {} RETURNING {COLUMNS}",
        takes_credentials("+?2")
    );
    let params = vec![
        new.id.into(),
        tenant.into(),
        new.name.unwrap_or_default().into(),
        new.secret.hash().to_hex().into(),
        now.0.into(),
        new.expires.map(|at| at.0).into(),
        new.scopes.unwrap_or(Scopes::SCIM).to_string().into(),
    ];
    let mut batch = Batch::new();
    let (new, count) = (batch.add(Statement::new(sql, params)), batch.add(in_force(tenant, now)));
    made(&batch.run(database).await?, new, count).unwrap_or_else(|| Err(not_found(tenant)))
}

/// Returns the tokens of a tenant, the oldest first.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list_tokens(database: &impl Database, tenant: &str) -> Result<Vec<Token>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM tokens WHERE tenant = +?1 ORDER BY id");
    let mut batch = Batch::new();
    let (here, tokens) = (batch.add(exists(tenant)), batch.add(Statement::new(sql, vec![tenant.into()])));
    let rows = batch.query(database).await?;
    rows.first(here).ok_or_else(|| not_found(tenant))?;
    rows.of(tokens).iter().map(token).collect()
}

/// Creates a token that replaces another, which expires at `until` unless it expires earlier. Returns the new one,
/// and how many tokens of the tenant are then valid.
///
/// # Errors
/// 404 if the tenant does not have the old token, 409 if that was revoked.
pub async fn rotate(
    database: &impl Database,
    tenant: &str,
    old: &str,
    new: NewToken<'_>,
    until: Instant,
    now: Instant,
) -> Result<(Token, i64), Failure> {
    // The new token first: the next statement changes the row that decides whether there may be one.
    let insert = format!(
        "INSERT INTO tokens (id, tenant, name, hash, created, expires, scopes) \
         SELECT ?1, k.tenant, coalesce(?3, k.name), ?4, ?5, ?6, coalesce(?8, k.scopes) FROM tokens AS k \
         WHERE k.tenant = +?2 AND k.id = +?7 AND k.revoked IS NULL AND {} RETURNING {COLUMNS}",
        takes_credentials("+?2")
    );
    let params = vec![
        new.id.into(),
        tenant.into(),
        new.name.into(),
        new.secret.hash().to_hex().into(),
        now.0.into(),
        new.expires.map(|at| at.0).into(),
        old.into(),
        new.scopes.map(|scopes| scopes.to_string()).into(),
    ];
    let end = "UPDATE tokens SET expires = min(coalesce(expires, ?3), ?3) WHERE tenant = +?1 AND id = +?2 AND revoked IS NULL";
    let end = Statement::new(end, vec![tenant.into(), old.into(), until.0.into()]);
    let insert = Statement::new(insert, params);
    let mut batch = Batch::new();
    let new = batch.add(insert);
    batch.add(end);
    let (old_one, count) = (batch.add(find(tenant, old)), batch.add(in_force(tenant, now)));
    let rows = batch.run(database).await?;
    if let Some(made) = made(&rows, new, count) {
        return made;
    }
    match rows.first(old_one) {
        Some(_) => {
            Err(ScimError::new(409, format!("the token `{old}` was revoked: create another one")).into())
        }
        None => Err(no_token(tenant, old)),
    }
}

/// Revokes a token. Revoking it again changes nothing.
///
/// # Errors
/// 404 if the tenant does not have the token.
pub async fn revoke(
    database: &impl Database,
    tenant: &str,
    id: &str,
    now: Instant,
) -> Result<Token, Failure> {
    let sql = "UPDATE tokens SET revoked = coalesce(revoked, ?3) WHERE tenant = +?1 AND id = +?2";
    let revoke = Statement::new(sql, vec![tenant.into(), id.into(), now.0.into()]);
    let found = database.run_for_one(vec![revoke, find(tenant, id)]).await?;
    found.as_ref().map_or_else(|| Err(no_token(tenant, id)), token)
}

/// Returns the new token and the count of [`in_force`]; None if no token was created.
fn made(rows: &Rows, new: Key, count: Key) -> Option<Result<(Token, i64), Failure>> {
    let (new, count) = (rows.first(new)?, rows.first(count)?);
    Some(token(new).and_then(|token| Ok((token, count.integer("in_force")?))))
}

fn in_force(tenant: &str, now: Instant) -> Statement {
    let sql = "SELECT count(*) AS in_force FROM tokens \
        WHERE tenant = +?1 AND revoked IS NULL AND (expires IS NULL OR expires > ?2)";
    Statement::new(sql, vec![tenant.into(), now.0.into()])
}

fn find(tenant: &str, id: &str) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM tokens WHERE tenant = +?1 AND id = +?2");
    Statement::new(sql, vec![tenant.into(), id.into()])
}

fn no_token(tenant: &str, id: &str) -> Failure {
    ScimError::not_found(format!("the tenant `{tenant}` has no token `{id}`")).into()
}

fn token(row: &Row) -> Result<Token, Failure> {
    let time = |column: &str| row.optional_integer(column).map(|time| time.map(Instant));
    Ok(Token {
        id: row.text("id")?.to_string(),
        name: row.text("name")?.to_string(),
        scopes: Scopes::from_stored(row.text("scopes")?),
        created: Instant(row.integer("created")?),
        expires: time("expires")?,
        last_used: time("last_used")?,
        revoked: time("revoked")?,
    })
}
