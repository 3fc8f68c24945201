//! The table `key_pairs`: the keys that sign what others verify with a published key (Security Event Tokens).
//!
//! What lives here: which pair signs, and which public keys are published. What does not: making, sealing and using them (the
//! Worker, by WebCrypto).

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;
use serde_json::Value;

/// Milliseconds after which a pair is replaced: 90 days.
const LIFE: i64 = 90 * 86_400_000;
/// Milliseconds for which its public key stays published after that: what it has signed may be verified later.
const AFTERLIFE: i64 = LIFE;
/// Milliseconds for which a new public key is published before its pair signs, so that a receiver that keeps the published keys
/// for some minutes has it. The first pair of all signs at once.
const PUBLISHED_FIRST: i64 = 600_000;

/// A pair to save.
pub struct NewKeyPair {
    /// `kid`.
    pub id: String,
    /// The public key, a JWK.
    pub public: String,
    /// The private key, sealed.
    pub sealed: String,
}

/// A pair that signs.
pub struct KeyPair {
    /// `kid`.
    pub id: String,
    /// The private key, sealed.
    pub sealed: String,
    /// Whether every pair is so old that another one must be made.
    pub is_old: bool,
}

/// Returns the pair that signs; None if there is none.
///
/// # Errors
/// If the database fails.
pub async fn key_pair(database: &impl Database, now: Instant) -> Result<Option<KeyPair>, Failure> {
    let sql = "SELECT id, sealed, (SELECT max(created) FROM key_pairs) <= ?1 - ?3 AS is_old FROM key_pairs \
        ORDER BY created > ?1 - ?2, created DESC, id DESC LIMIT 1";
    let params = vec![now.0.into(), PUBLISHED_FIRST.into(), LIFE.into()];
    let row = database.query_one(Statement::new(sql, params)).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<KeyPair, Failure> {
    Ok(KeyPair {
        id: row.text("id")?.to_string(),
        sealed: row.text("sealed")?.to_string(),
        is_old: row.integer("is_old")? == 1,
    })
}

/// Saves a pair, unless another one was made meanwhile, and forgets those whose time is over. `unusable` is a pair that cannot
/// be opened any more: it goes at once.
///
/// # Errors
/// If the database fails.
pub async fn save_key_pair(
    database: &impl Database,
    new: NewKeyPair,
    unusable: Option<&str>,
    now: Instant,
) -> Result<(), Failure> {
    let forget = "DELETE FROM key_pairs WHERE created <= ?1 - ?2 OR id = +?3";
    let insert = "INSERT INTO key_pairs (id, public, sealed, created) SELECT ?1, ?2, ?3, ?4 \
        WHERE NOT EXISTS (SELECT 1 FROM key_pairs WHERE created > ?4 - ?5)";
    let statements = vec![
        Statement::new(forget, vec![now.0.into(), (LIFE + AFTERLIFE).into(), unusable.into()]),
        Statement::new(
            insert,
            vec![new.id.into(), new.public.into(), new.sealed.into(), now.0.into(), LIFE.into()],
        ),
    ];
    database.run(statements).await?;
    Ok(())
}

/// Returns the public keys that are published, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn public_keys(database: &impl Database, now: Instant) -> Result<Vec<Value>, Failure> {
    let sql = "SELECT public FROM key_pairs WHERE created > ?1 - ?2 ORDER BY created DESC, id DESC";
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![now.0.into(), (LIFE + AFTERLIFE).into()]));
    let rows = batch.query(database).await?;
    let key = |row: &Row| {
        serde_json::from_str(row.text("public")?)
            .map_err(|_| Failure::corrupt("column `public` holds no JSON"))
    };
    rows.of(found).iter().map(key).collect()
}
