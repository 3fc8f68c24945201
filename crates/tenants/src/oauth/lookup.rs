//! The look-ups for a client's credentials and for JWTs: one round trip each, and one more if the key for a token
//! must be created.

use database::{Batch, Database, Failure, Row, Statement};
use oauth::Scopes;
use scim::{Dialect, Instant};

use super::issuers::{COLUMNS, Issuer, issuer};
use super::signing_keys::{self, NewSigningKey};
use crate::table::served;
use crate::{Grant, Secret, USE_NOTED, dialect};

/// A client that has authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedClient {
    /// `client_id`.
    pub client: String,
    /// What it authenticated with: the id of the secret or of the trusted issuer.
    pub credential: String,
    /// What its access token may do.
    pub scopes: Scopes,
    /// For how many seconds its access token is valid.
    pub token_seconds: i64,
}

/// An issuer that a tenant trusts, with what a token of it grants.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuerMatch {
    /// The issuer, which is not revoked.
    pub issuer: Issuer,
    /// Its keys as a JWK Set.
    pub keys: String,
    /// For how many seconds the access token of its client is valid; None if it has no client.
    pub token_seconds: Option<i64>,
    /// What its client may do; all of SCIM if it has no client.
    pub scopes: Scopes,
    /// How the requests of the tenant's client are read.
    pub dialect: Dialect,
}

/// Authenticates a client by its secret, and finds the key for its token (id and salt; see [`super::current_key`]).
/// None if the secret is not a valid one of that client of that tenant.
///
/// # Errors
/// If the database fails.
pub async fn prove(
    database: &impl Database,
    tenant: &str,
    client: &str,
    secret: &Secret,
    new: NewSigningKey,
    now: Instant,
) -> Result<Option<(AuthenticatedClient, (String, String))>, Failure> {
    let hash = secret.hash();
    let find = format!(
        "SELECT s.hash, s.id AS credential, c.id AS client, c.token_seconds, c.scopes \
         FROM client_secrets AS s CROSS JOIN clients AS c ON c.id = s.client LEFT JOIN tenants AS t ON t.id = s.tenant \
         WHERE s.hash = +?1 AND s.tenant = +?2 AND s.client = +?3 AND s.revoked IS NULL AND s.expires > ?4 \
         AND c.tenant = s.tenant AND c.revoked IS NULL AND {}",
        served("s")
    );
    let note = "UPDATE client_secrets SET last_used = +?4 WHERE hash = +?1 AND tenant = +?2 AND client = +?3 \
        AND revoked IS NULL AND expires > ?4 AND (last_used IS NULL OR last_used <= ?4 - ?5)";
    let params = || vec![hash.to_hex().into(), tenant.into(), client.into(), now.0.into()];
    let mut noting = params();
    noting.push(USE_NOTED.into());
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(find, params()));
    batch.add(Statement::new(note, noting));
    let signing = batch.add(signing_keys::signing(now));
    let rows = batch.run(database).await?;
    let Some(row) = rows.first(found) else { return Ok(None) };
    if !hash.is(row.text("hash")?) {
        return Ok(None);
    }
    let proven = AuthenticatedClient {
        client: row.text("client")?.to_string(),
        credential: row.text("credential")?.to_string(),
        scopes: Scopes::from_stored(row.text("scopes")?),
        token_seconds: row.integer("token_seconds")?,
    };
    // A key is created only after the client has authenticated, so that strangers cause no write. It costs one more
    // round trip every 90 days.
    let key = match rows.first(signing) {
        Some(row) => signing_keys::id_and_salt(row)?,
        None => signing_keys::current_key(database, new, now).await?,
    };
    Ok(Some((proven, key)))
}

/// Returns the salt of the key that is said to have signed one of this service's access tokens, and what the token
/// grants if it has. None if the key no longer verifies; no grant if the client, its credential, or the tenant no
/// longer exists.
///
/// # Errors
/// If the database fails.
pub async fn grant_of(
    database: &impl Database,
    token: &oauth::AccessToken,
    key: &str,
    now: Instant,
) -> Result<Option<(String, Option<Grant>)>, Failure> {
    let find = format!(
        "SELECT c.scopes, coalesce(t.dialect, 'tolerant') AS dialect FROM clients AS c LEFT JOIN tenants AS t ON t.id = c.tenant \
         WHERE c.id = +?1 AND c.tenant = +?2 AND c.revoked IS NULL AND {} \
         AND (EXISTS (SELECT 1 FROM client_secrets WHERE id = +?3 AND client = +?1 AND tenant = +?2 AND revoked IS NULL) \
           OR EXISTS (SELECT 1 FROM issuers WHERE id = +?3 AND client = +?1 AND tenant = +?2 AND revoked IS NULL))",
        served("c")
    );
    let params =
        vec![token.client.as_str().into(), token.tenant.as_str().into(), token.credential.as_str().into()];
    let mut batch = Batch::new();
    let (key, found) =
        (batch.add(signing_keys::verifying(key, now)), batch.add(Statement::new(find, params)));
    let rows = batch.query(database).await?;
    let Some(key) = rows.first(key) else { return Ok(None) };
    let salt = key.text("salt")?.to_string();
    let Some(row) = rows.first(found) else { return Ok(Some((salt, None))) };
    let grant = Grant {
        token: token.credential.clone(),
        tenant: token.tenant.clone(),
        dialect: dialect(row.text("dialect")?)?,
        scopes: Scopes::from_stored(row.text("scopes")?),
        expires: Some(Instant(token.ends())),
        // `last_used` is recorded on the credential when the access token is issued.
        last_used: Some(now),
    };
    Ok(Some((salt, Some(grant))))
}

/// Returns the issuers of that name that a tenant trusts, for assertions of clients or for bearer tokens.
///
/// # Errors
/// If the database fails.
pub async fn trusted(
    database: &impl Database,
    tenant: &str,
    named: &str,
    for_clients: bool,
) -> Result<Vec<IssuerMatch>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS}, i.keys, c.token_seconds, coalesce(c.scopes, 'scim') AS scopes, coalesce(t.dialect, 'tolerant') AS dialect \
         FROM issuers AS i LEFT JOIN clients AS c ON c.id = i.client AND c.tenant = i.tenant AND c.revoked IS NULL \
         LEFT JOIN tenants AS t ON t.id = i.tenant \
         WHERE i.tenant = +?1 AND i.revoked IS NULL AND (i.client IS NOT NULL) = +?3 AND (c.id IS NOT NULL) = +?3 \
         AND EXISTS (SELECT 1 FROM json_each(i.issuers) WHERE value = +?2) AND {} ORDER BY i.id",
        served("i")
    );
    let params = vec![tenant.into(), named.into(), i64::from(for_clients).into()];
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, params));
    let from_row = |row: &Row| {
        Ok(IssuerMatch {
            issuer: issuer(row)?,
            keys: row.text("keys")?.to_string(),
            token_seconds: row.optional_integer("token_seconds")?,
            scopes: Scopes::from_stored(row.text("scopes")?),
            dialect: dialect(row.text("dialect")?)?,
        })
    };
    batch.query(database).await?.of(found).iter().map(from_row).collect()
}

/// Records that a token of the issuer was used now, unless a use of the last few minutes is recorded already.
///
/// # Errors
/// If the database fails.
pub async fn note_use(database: &impl Database, issuer: &str, now: Instant) -> Result<(), Failure> {
    let sql =
        "UPDATE issuers SET last_used = +?2 WHERE id = +?1 AND (last_used IS NULL OR last_used <= ?2 - ?3)";
    database.run(vec![Statement::new(sql, vec![issuer.into(), now.0.into(), USE_NOTED.into()])]).await?;
    Ok(())
}
