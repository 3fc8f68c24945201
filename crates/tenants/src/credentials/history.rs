//! What happened to the credentials of a tenant, of all kinds together. Nothing here can be used to authenticate.

use database::{Database, Failure, Statement};
use scim::Instant;
use serde_json::Value;

/// The most events that are shown.
const MOST: i64 = 4_000;

/// SQL of all credentials of the tenant `?1`, of each kind by its index.
const CREDENTIALS: &str = "\
    SELECT 'token' AS kind, id, name, scopes, created, expires, revoked FROM tokens WHERE tenant = +?1 UNION ALL \
    SELECT 'client', id, name, scopes, created, NULL, revoked FROM clients WHERE tenant = +?1 UNION ALL \
    SELECT 'client secret', s.id, c.name, c.scopes, s.created, s.expires, s.revoked \
    FROM client_secrets AS s CROSS JOIN clients AS c ON c.id = s.client WHERE s.tenant = +?1 UNION ALL \
    SELECT 'issuer', id, name, NULL, created, NULL, revoked FROM issuers WHERE tenant = +?1 UNION ALL \
    SELECT 'set-up link', id, person, NULL, created, expires, revoked FROM console_links WHERE tenant = +?1";

/// Returns SQL of what happened to the credentials of the tenant `?1`: `what`, `at`, and the columns of each credential. One that was
/// revoked before does not expire; of what did not happen `at` is NULL.
pub(crate) fn happened() -> String {
    format!(
        "SELECT *, CASE what WHEN 'created' THEN created WHEN 'revoked' THEN revoked \
         ELSE iif(revoked <= expires, NULL, expires) END AS at FROM ({CREDENTIALS}) CROSS JOIN (\
         SELECT 'created' AS what UNION ALL SELECT 'expired' UNION ALL SELECT 'revoked')"
    )
}

/// Returns what happened to the credentials of a tenant from `from` until `to`, the oldest first, as JSON: each was `created`, has
/// `expired` or was `revoked`. One that was revoked before does not expire.
///
/// # Errors
/// If the database fails.
pub async fn credential_events(
    database: &impl Database,
    tenant: &str,
    (from, to): (Instant, Instant),
) -> Result<Vec<Value>, Failure> {
    let sql = format!(
        "SELECT json_object('kind', 'credential', 'at', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), \
         'operation', what, 'tenant', ?1, 'credential', \
         json_object('kind', kind, 'id', id, 'name', name, 'scopes', scopes)) AS entry FROM ({}) \
         WHERE at >= ?2 AND at < ?3 ORDER BY at, id, what LIMIT +?4",
        happened()
    );
    let params = vec![tenant.into(), from.0.into(), to.0.into(), MOST.into()];
    let rows = database.query(vec![Statement::new(sql, params)]).await?;
    let parsed =
        |text: &str| serde_json::from_str(text).map_err(|_| Failure::corrupt("an entry is not JSON"));
    rows.iter().flatten().map(|row| parsed(row.text("entry")?)).collect()
}
