//! The tables `clients` and `client_secrets`: creating, listing and revoking. What is stored does not suffice to use
//! a secret.

use database::{Batch, Database, Failure, Key, Row, Rows, Statement};
use oauth::Scopes;
use scim::Instant;

use super::no_client;
use crate::table::takes_credentials;
use crate::{Secret, not_found};

/// An OAuth client of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// The name, which says what it is for.
    pub name: String,
    /// What its access tokens may do.
    pub scopes: Scopes,
    /// For how many seconds an access token is valid.
    pub token_seconds: i64,
    /// When it was made.
    pub created: Instant,
    /// When it was revoked.
    pub revoked: Option<Instant>,
    /// Its secrets, the oldest first, without what would open a directory.
    pub secrets: Vec<ClientSecret>,
}

/// A secret of a client, without the secret itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientSecret {
    /// The id, by which the administration refers to it.
    pub id: String,
    /// The client that it belongs to.
    pub client: String,
    /// When it was made.
    pub created: Instant,
    /// When it expires.
    pub expires: Instant,
    /// When it was last used, to within a few minutes.
    pub last_used: Option<Instant>,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

impl ClientSecret {
    /// Returns whether it is neither revoked nor expired at that time.
    pub fn is_in_force(&self, now: Instant) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// A client to create.
pub struct NewClient<'n> {
    /// See [`Client`].
    pub id: &'n str,
    /// See [`Client`].
    pub name: &'n str,
    /// See [`Client`].
    pub scopes: Scopes,
    /// See [`Client`].
    pub token_seconds: i64,
}

/// A secret to create. The caller shows it; only its hash is stored.
pub struct NewClientSecret<'n> {
    /// See [`ClientSecret`].
    pub id: &'n str,
    /// The secret itself.
    pub secret: &'n Secret,
    /// See [`ClientSecret`].
    pub expires: Instant,
}

const COLUMNS: &str = "id, name, scopes, token_seconds, created, revoked";
const SECRET_COLUMNS: &str = "id, client, created, expires, last_used, revoked";

/// Creates a client, with its first secret if one is given.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn create_client(
    database: &impl Database,
    tenant: &str,
    new: NewClient<'_>,
    secret: Option<NewClientSecret<'_>>,
    now: Instant,
) -> Result<Client, Failure> {
    let insert = format!(
        "INSERT INTO clients (id, tenant, name, token_seconds, created, scopes) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE {}",
        takes_credentials("+?2")
    );
    let scopes = new.scopes.to_string();
    let params = vec![
        new.id.into(),
        tenant.into(),
        new.name.into(),
        new.token_seconds.into(),
        now.0.into(),
        scopes.into(),
    ];
    let mut batch = Batch::new();
    batch.add(Statement::new(insert, params));
    batch.extend(secret.map(|secret| insert_secret(tenant, new.id, secret, now)));
    let selected = select(&mut batch, tenant, Some(new.id));
    clients(&batch.run(database).await?, selected)?.pop().ok_or_else(|| not_found(tenant))
}

/// Returns the clients of a tenant, the oldest first, including those that were revoked.
///
/// # Errors
/// 404 if the tenant does not exist.
pub async fn list_clients(database: &impl Database, tenant: &str) -> Result<Vec<Client>, Failure> {
    let mut batch = Batch::new();
    let here = batch.add(here(tenant));
    let selected = select(&mut batch, tenant, None);
    let rows = batch.query(database).await?;
    rows.first(here).ok_or_else(|| not_found(tenant))?;
    clients(&rows, selected)
}

/// Revokes a client, and with it every access token that was issued to it. Revoking it again changes nothing.
///
/// # Errors
/// 404 if the tenant does not have the client.
pub async fn revoke_client(
    database: &impl Database,
    tenant: &str,
    id: &str,
    now: Instant,
) -> Result<Client, Failure> {
    let sql = "UPDATE clients SET revoked = coalesce(revoked, ?3) WHERE tenant = +?1 AND id = +?2";
    let mut batch = Batch::new();
    batch.add(Statement::new(sql, vec![tenant.into(), id.into(), now.0.into()]));
    let selected = select(&mut batch, tenant, Some(id));
    clients(&batch.run(database).await?, selected)?.pop().ok_or_else(|| no_client(tenant, id))
}

/// Creates another secret of a client; the others stay as they are. Returns it, and how many of the client's secrets
/// are then valid.
///
/// # Errors
/// 404 if the tenant does not have the client, or it was revoked.
pub async fn create_secret(
    database: &impl Database,
    tenant: &str,
    client: &str,
    new: NewClientSecret<'_>,
    now: Instant,
) -> Result<(ClientSecret, i64), Failure> {
    let id = new.id.to_string();
    let count = "SELECT count(*) AS in_force FROM client_secrets \
        WHERE tenant = +?1 AND client = +?2 AND revoked IS NULL AND expires > ?3";
    let count = Statement::new(count, vec![tenant.into(), client.into(), now.0.into()]);
    let insert = insert_secret(tenant, client, new, now);
    let mut batch = Batch::new();
    batch.add(insert);
    let (made, count) = (batch.add(select_secret(tenant, client, &id)), batch.add(count));
    let rows = batch.run(database).await?;
    let (Some(made), Some(count)) = (rows.first(made), rows.first(count)) else {
        return Err(no_client(tenant, client));
    };
    Ok((secret(made)?, count.integer("in_force")?))
}

/// Revokes a secret, and with it the access tokens that were issued for it. Revoking it again changes nothing.
///
/// # Errors
/// 404 if the client does not have the secret.
pub async fn revoke_secret(
    database: &impl Database,
    tenant: &str,
    client: &str,
    id: &str,
    now: Instant,
) -> Result<ClientSecret, Failure> {
    let sql = "UPDATE client_secrets SET revoked = coalesce(revoked, ?4) WHERE tenant = +?1 AND client = +?2 AND id = +?3";
    let params = vec![tenant.into(), client.into(), id.into(), now.0.into()];
    let found =
        database.run_for_one(vec![Statement::new(sql, params), select_secret(tenant, client, id)]).await?;
    let missing = || scim::ScimError::not_found(format!("the client `{client}` has no secret `{id}`")).into();
    found.as_ref().map_or_else(|| Err(missing()), secret)
}

/// Returns a statement that yields a row if the tenant exists.
pub(super) fn here(tenant: &str) -> Statement {
    Statement::new(format!("SELECT 1 WHERE {}", takes_credentials("+?1")), vec![tenant.into()])
}

fn insert_secret(tenant: &str, client: &str, new: NewClientSecret<'_>, now: Instant) -> Statement {
    let sql = format!(
        "INSERT INTO client_secrets (id, tenant, client, hash, created, expires) SELECT ?1, tenant, id, ?4, ?5, ?6 \
         FROM clients WHERE tenant = +?2 AND id = +?3 AND revoked IS NULL AND {}",
        takes_credentials("+?2")
    );
    let hash = new.secret.hash().to_hex();
    let params =
        vec![new.id.into(), tenant.into(), client.into(), hash.into(), now.0.into(), new.expires.0.into()];
    Statement::new(sql, params)
}

fn select_secret(tenant: &str, client: &str, id: &str) -> Statement {
    let sql = format!(
        "SELECT {SECRET_COLUMNS} FROM client_secrets WHERE tenant = +?1 AND client = +?2 AND id = +?3"
    );
    Statement::new(sql, vec![tenant.into(), client.into(), id.into()])
}

/// The keys to the clients, and to their secrets.
type Selected = (Key, Key);

/// Selects the clients, or one of them, with their secrets.
fn select(batch: &mut Batch, tenant: &str, id: Option<&str>) -> Selected {
    let statement = |columns: &str, table: &str, key: &str| {
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE tenant = +?1 AND (?2 IS NULL OR {key} = +?2) ORDER BY id"
        );
        Statement::new(sql, vec![tenant.into(), id.into()])
    };
    let clients = batch.add(statement(COLUMNS, "clients", "id"));
    (clients, batch.add(statement(SECRET_COLUMNS, "client_secrets", "client")))
}

/// Parses the rows of [`select`].
fn clients(rows: &Rows, (clients, secrets): Selected) -> Result<Vec<Client>, Failure> {
    let secrets: Vec<ClientSecret> = rows.of(secrets).iter().map(secret).collect::<Result<_, _>>()?;
    let client = |row: &Row| {
        let id = row.text("id")?;
        Ok(Client {
            id: id.to_string(),
            name: row.text("name")?.to_string(),
            scopes: Scopes::from_stored(row.text("scopes")?),
            token_seconds: row.integer("token_seconds")?,
            created: Instant(row.integer("created")?),
            revoked: row.optional_integer("revoked")?.map(Instant),
            secrets: secrets.iter().filter(|secret| secret.client == id).cloned().collect(),
        })
    };
    rows.of(clients).iter().map(client).collect()
}

fn secret(row: &Row) -> Result<ClientSecret, Failure> {
    Ok(ClientSecret {
        id: row.text("id")?.to_string(),
        client: row.text("client")?.to_string(),
        created: Instant(row.integer("created")?),
        expires: Instant(row.integer("expires")?),
        last_used: row.optional_integer("last_used")?.map(Instant),
        revoked: row.optional_integer("revoked")?.map(Instant),
    })
}
