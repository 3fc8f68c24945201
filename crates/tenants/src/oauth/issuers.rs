//! The table `issuers`: the issuers whose tokens a tenant accepts, and their public keys.
//!
//! The keys are kept in the database and not in an instance's memory. So a new instance does not ask the issuer, an
//! issuer that is down affects no tenant, and how often an issuer is asked is bounded for all instances together.
//! Keys are fetched when an administrator trusts the issuer and by a cron trigger (`claim_due`), never because of a
//! token in a request.

use std::collections::BTreeMap;

use database::{Batch, Database, Failure, Row, Statement};
use oauth::IssuerPolicy;
use scim::{Instant, ScimError};
use serde_json::Value;

use super::clients::here;
use super::no_client;
use crate::not_found;
use crate::table::takes_credentials;

/// Milliseconds for which an address is not claimed again after an instance has claimed it: less than the ten minutes
/// between two runs of the cron trigger, and longer than one run lasts.
const LEASE: i64 = 9 * 60_000;

/// A trusted issuer of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Issuer {
    /// The id, by which the administration refers to it.
    pub id: String,
    /// The name, which says what it is for.
    pub name: String,
    /// The client whose assertions it issues; None if its tokens are bearer tokens.
    pub client: Option<String>,
    /// Which of its tokens are accepted.
    pub trust: IssuerPolicy,
    /// The address of its public keys.
    pub jwks_uri: String,
    /// When they were fetched.
    pub fetched: Instant,
    /// When it was made.
    pub created: Instant,
    /// When a token of it was last used, to within a few minutes.
    pub last_used: Option<Instant>,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

/// An issuer to trust.
pub struct NewIssuer<'n> {
    /// See [`Issuer`].
    pub id: &'n str,
    /// See [`Issuer`].
    pub name: &'n str,
    /// See [`Issuer`].
    pub client: Option<&'n str>,
    /// See [`Issuer`].
    pub trust: &'n IssuerPolicy,
    /// See [`Issuer`].
    pub jwks_uri: &'n str,
    /// Its keys as a JWK Set.
    pub keys: &'n str,
}

/// An address whose keys the caller must fetch, and the issuers that publish their keys there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The address.
    pub jwks_uri: String,
    /// Ids of trusted issuers, possibly of several tenants.
    pub issuers: Vec<String>,
}

pub(super) const COLUMNS: &str = "i.id, i.name, i.client, i.issuers, i.audiences, i.directory, i.subject, i.jwks_uri, i.fetched, \
    i.created, i.last_used, i.revoked";

/// Creates a trusted issuer.
///
/// # Errors
/// 404 if the tenant does not exist, or does not have the client.
pub async fn create_issuer(
    database: &impl Database,
    tenant: &str,
    new: NewIssuer<'_>,
    now: Instant,
) -> Result<Issuer, Failure> {
    let sql = format!(
        "INSERT INTO issuers (id, tenant, client, name, issuers, audiences, directory, subject, jwks_uri, keys, fetched, asked, created) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11 WHERE {} \
         AND (?3 IS NULL OR EXISTS (SELECT 1 FROM clients WHERE tenant = +?2 AND id = +?3 AND revoked IS NULL))",
        takes_credentials("+?2")
    );
    let params = vec![
        new.id.into(),
        tenant.into(),
        new.client.into(),
        new.name.into(),
        list(&new.trust.issuers).into(),
        list(&new.trust.audiences).into(),
        new.trust.directory.clone().into(),
        new.trust.subject.clone().into(),
        new.jwks_uri.into(),
        new.keys.into(),
        now.0.into(),
    ];
    let mut batch = Batch::new();
    batch.add(Statement::new(sql, params));
    let (found, here) = (batch.add(find(tenant, new.id)), batch.add(here(tenant)));
    let rows = batch.run(database).await?;
    match (rows.first(found), rows.first(here), new.client) {
        (Some(row), ..) => issuer(row),
        (None, Some(_), Some(client)) => Err(no_client(tenant, client)),
        _ => Err(not_found(tenant)),
    }
}

/// Returns the trusted issuers of a tenant, the oldest first, including those that were revoked.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list_issuers(database: &impl Database, tenant: &str) -> Result<Vec<Issuer>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM issuers AS i WHERE i.tenant = +?1 ORDER BY i.id");
    let mut batch = Batch::new();
    let (here, all) = (batch.add(here(tenant)), batch.add(Statement::new(sql, vec![tenant.into()])));
    let rows = batch.query(database).await?;
    rows.first(here).ok_or_else(|| not_found(tenant))?;
    rows.of(all).iter().map(issuer).collect()
}

/// Revokes the trust in an issuer, and with it the access tokens that were issued for its assertions.
///
/// # Errors
/// 404 if the tenant does not have the issuer.
pub async fn revoke_issuer(
    database: &impl Database,
    tenant: &str,
    id: &str,
    now: Instant,
) -> Result<Issuer, Failure> {
    let sql = "UPDATE issuers SET revoked = coalesce(revoked, ?3) WHERE tenant = +?1 AND id = +?2";
    let revoke = Statement::new(sql, vec![tenant.into(), id.into(), now.0.into()]);
    let found = database.run_for_one(vec![revoke, find(tenant, id)]).await?;
    found.as_ref().map_or_else(|| Err(no_issuer(tenant, id)), issuer)
}

/// Finds a trusted issuer of a tenant.
///
/// # Errors
/// 404 if the tenant does not have the issuer.
pub async fn find_issuer(database: &impl Database, tenant: &str, id: &str) -> Result<Issuer, Failure> {
    let found = database.query_one(find(tenant, id)).await?;
    found.as_ref().map_or_else(|| Err(no_issuer(tenant, id)), issuer)
}

/// Claims addresses whose keys are due to be fetched again, each once however many tenants trust it. Those that were
/// asked longest ago come first, so that addresses which do not answer do not delay the others. Other instances
/// cannot claim them for a while.
///
/// # Errors
/// If the database fails.
pub async fn claim_due(database: &impl Database, most: usize, now: Instant) -> Result<Vec<Due>, Failure> {
    let sql = "UPDATE issuers SET asked = +?1 WHERE revoked IS NULL AND jwks_uri IN (\
        SELECT jwks_uri FROM issuers WHERE revoked IS NULL GROUP BY jwks_uri HAVING min(asked) <= ?1 - ?2 \
        ORDER BY min(asked), jwks_uri LIMIT +?3) RETURNING id, jwks_uri";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let claim = Statement::new(sql, vec![now.0.into(), LEASE.into(), most.into()]);
    let mut by_address: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in database.run(vec![claim]).await?.iter().flatten() {
        by_address.entry(row.text("jwks_uri")?.to_string()).or_default().push(row.text("id")?.to_string());
    }
    Ok(by_address.into_iter().map(|(jwks_uri, issuers)| Due { jwks_uri, issuers }).collect())
}

/// Stores the keys that were fetched for these issuers.
///
/// # Errors
/// If the database fails.
pub async fn keep_keys(
    database: &impl Database,
    issuers: &[String],
    keys: &str,
    now: Instant,
) -> Result<(), Failure> {
    let sql = "UPDATE issuers SET keys = +?2, fetched = +?3, asked = max(asked, ?3) \
        WHERE id IN (SELECT value FROM json_each(?1))";
    let params = vec![list(issuers).into(), keys.into(), now.0.into()];
    database.run(vec![Statement::new(sql, params)]).await?;
    Ok(())
}

fn no_issuer(tenant: &str, id: &str) -> Failure {
    ScimError::not_found(format!("the tenant `{tenant}` has no issuer `{id}`")).into()
}

fn find(tenant: &str, id: &str) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM issuers AS i WHERE i.tenant = +?1 AND i.id = +?2");
    Statement::new(sql, vec![tenant.into(), id.into()])
}

fn list(texts: &[String]) -> String {
    serde_json::json!(texts).to_string()
}

pub(super) fn issuer(row: &Row) -> Result<Issuer, Failure> {
    let texts = |column: &str| match serde_json::from_str(row.text(column)?) {
        Ok(Value::Array(texts)) => {
            Ok(texts.iter().filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>())
        }
        _ => Err(Failure::corrupt(format!("column `{column}` holds no JSON list"))),
    };
    let optional = |column: &str| row.optional_text(column).map(str::to_string);
    let time = |column: &str| row.optional_integer(column).map(|time| time.map(Instant));
    Ok(Issuer {
        id: row.text("id")?.to_string(),
        name: row.text("name")?.to_string(),
        client: optional("client"),
        trust: IssuerPolicy {
            issuers: texts("issuers")?,
            audiences: texts("audiences")?,
            directory: optional("directory"),
            subject: optional("subject"),
        },
        jwks_uri: row.text("jwks_uri")?.to_string(),
        fetched: Instant(row.integer("fetched")?),
        created: Instant(row.integer("created")?),
        last_used: time("last_used")?,
        revoked: time("revoked")?,
    })
}
