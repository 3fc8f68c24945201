//! All credentials of a tenant together, for those who read what was done with them: their names, and when they were created and
//! ended. Nothing here can be used to authenticate.

use std::collections::BTreeMap;

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;
use serde_json::Value;

/// The most credentials of each kind of which a range of times tells.
const MOST: i64 = 1_000;

/// Something that happened to a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialEvent {
    /// When.
    pub at: Instant,
    /// What happened: `created`, `expired` or `revoked`.
    pub what: &'static str,
    /// `token`, `client`, `client secret` or `issuer`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its name; of a client's secret, that of the client.
    pub name: String,
    /// What it may do, if that is said of it.
    pub scopes: Option<String>,
}

/// The tables: for each kind, what to select of it, and from where.
const KINDS: [(&str, &str, &str); 4] = [
    ("token", "k.id, k.name, k.scopes, k.created, k.expires, k.revoked", "tokens AS k"),
    ("client", "k.id, k.name, k.scopes, k.created, NULL AS expires, k.revoked", "clients AS k"),
    (
        "client secret",
        "k.id, c.name, c.scopes, k.created, k.expires, k.revoked",
        "client_secrets AS k CROSS JOIN clients AS c ON c.id = k.client",
    ),
    ("issuer", "k.id, k.name, NULL AS scopes, k.created, NULL AS expires, k.revoked", "issuers AS k"),
];

/// Returns what happened to the credentials of a tenant from `from` until `to`, the oldest first.
///
/// # Errors
/// If the database failed.
pub async fn credential_events(
    database: &impl Database,
    tenant: &str,
    (from, to): (Instant, Instant),
) -> Result<Vec<CredentialEvent>, Failure> {
    let mut batch = Batch::new();
    let keys = KINDS.map(|(kind, columns, tables)| {
        let sql = format!(
            "SELECT * FROM (SELECT {columns} FROM {tables} WHERE k.tenant = ?1) \
             WHERE created >= ?2 AND created < ?3 OR expires >= ?2 AND expires < ?3 OR revoked >= ?2 AND revoked < ?3 \
             ORDER BY id LIMIT ?4"
        );
        let params = vec![tenant.into(), from.0.into(), to.0.into(), MOST.into()];
        (kind, batch.add(Statement::new(sql, params)))
    });
    let rows = batch.query(database).await?;
    let mut events = Vec::new();
    for (kind, key) in keys {
        for row in rows.of(key) {
            for event in of(row, kind)? {
                if (from..to).contains(&event.at) {
                    events.push(event);
                }
            }
        }
    }
    events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    Ok(events)
}

/// Returns what happened to the credential of a row. One that was revoked does not expire.
fn of(row: &Row, kind: &'static str) -> Result<Vec<CredentialEvent>, Failure> {
    let revoked = row.optional_integer("revoked")?;
    let expired = row.optional_integer("expires")?.filter(|at| revoked.is_none_or(|revoked| *at < revoked));
    let times = [("created", Some(row.integer("created")?)), ("expired", expired), ("revoked", revoked)];
    let mut events = Vec::new();
    for (what, at) in times {
        let Some(at) = at else { continue };
        events.push(CredentialEvent {
            at: Instant(at),
            what,
            kind,
            id: row.text("id")?.to_string(),
            name: row.text("name")?.to_string(),
            scopes: row.optional_text("scopes").map(str::to_string),
        });
    }
    Ok(events)
}

/// Returns the names of those of these credentials that the tenant has (had), by their ids.
///
/// # Errors
/// If the database failed.
pub async fn credential_names<'i>(
    database: &impl Database,
    tenant: &str,
    ids: impl Iterator<Item = &'i str>,
) -> Result<BTreeMap<String, String>, Failure> {
    let ids: std::collections::BTreeSet<&str> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = Value::from_iter(ids).to_string();
    let mut batch = Batch::new();
    let keys = KINDS.map(|(_, columns, tables)| {
        let sql = format!(
            "SELECT {columns} FROM json_each(?2) AS wanted CROSS JOIN {} WHERE k.tenant = ?1",
            // By the primary key.
            tables.replacen("AS k", "AS k ON k.id = wanted.value", 1)
        );
        batch.add(Statement::new(sql, vec![tenant.into(), ids.as_str().into()]))
    });
    let rows = batch.query(database).await?;
    let names = keys.iter().flat_map(|key| rows.of(*key));
    names.map(|row| Ok((row.text("id")?.to_string(), row.text("name")?.to_string()))).collect()
}
