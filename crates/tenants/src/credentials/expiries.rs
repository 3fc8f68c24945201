//! Which credentials of a tenant expire, of both kinds that a client authenticates with. Nothing here can be used to authenticate.

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;

/// A token, or an OAuth client with the expiry of its secret that lasts longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// Whether it is an OAuth client, and not a token.
    pub is_client: bool,
    /// The id, by which the administration refers to it.
    pub id: String,
    /// The name, which says what it is for.
    pub name: String,
    /// When it expires; None if it does not.
    pub expires: Option<Instant>,
}

/// Returns the tokens and the OAuth clients of a tenant that are in force, or have expired since that time: the one that expires first
/// at the top. Those that were revoked are not among them.
///
/// # Errors
/// If the database fails.
pub async fn expiring(
    database: &impl Database,
    tenant: &str,
    (since, now): (Instant, Instant),
    most: i64,
) -> Result<Vec<Expiring>, Failure> {
    let is_kept = "(revoked IS NULL OR revoked > ?3)";
    let sql = format!(
        "SELECT * FROM (SELECT 0 AS is_client, id, name, expires FROM tokens WHERE tenant = +?1 AND {is_kept} \
         UNION ALL SELECT 1, c.id, c.name, max(s.expires) FROM client_secrets AS s CROSS JOIN clients AS c ON c.id = s.client \
         WHERE s.tenant = +?1 AND (s.revoked IS NULL OR s.revoked > ?3) AND (c.revoked IS NULL OR c.revoked > ?3) GROUP BY c.id) \
         WHERE expires IS NULL OR expires > ?2 ORDER BY expires IS NULL, expires, id LIMIT +?4"
    );
    let params = vec![tenant.into(), since.0.into(), now.0.into(), most.into()];
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, params));
    batch.query(database).await?.of(found).iter().map(read).collect()
}

fn read(row: &Row) -> Result<Expiring, Failure> {
    Ok(Expiring {
        is_client: row.integer("is_client")? == 1,
        id: row.text("id")?.to_string(),
        name: row.text("name")?.to_string(),
        expires: row.optional_integer("expires")?.map(Instant),
    })
}
