//! The digest of a directory: how many resources there are, and hashes of their ids and versions. A version counts every
//! change of a resource, and that of a group every change of its members, so equal hashes mean equal directories.

use database::{Batch, Database, Failure, Statement};
use sha2::{Digest as _, Sha256};

use super::page::latest;

/// Resources that are read at once.
const PART: i64 = 5_000;
/// The type under which memberships are counted.
const MEMBERSHIP: &str = "Membership";

/// What a reader compares its copy with.
pub struct Digest {
    /// The sequence of the last change that it covers.
    pub sequence: i64,
    /// Whether nothing has changed while it was made. Otherwise it is of no single moment.
    pub is_consistent: bool,
    /// The number of resources of each type.
    pub resources: Vec<(String, i64)>,
    /// The number of memberships.
    pub memberships: i64,
    /// 256 buckets; the first byte of the SHA-256 of a resource's id says into which it falls.
    pub buckets: Vec<Bucket>,
}

/// Resources whose ids fall together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bucket {
    /// How many there are.
    pub count: u64,
    hash: u128,
}

impl Bucket {
    /// Returns the hash as 32 hexadecimal digits: the exclusive or of the first 16 bytes of the SHA-256 of
    /// `<type>/<id>/<version>` of each resource.
    pub fn hash(&self) -> String {
        format!("{:032x}", self.hash)
    }

    fn add(&mut self, kind: &str, id: &str, version: i64) {
        let hash = Sha256::digest(format!("{kind}/{id}/{version}"));
        let first = hash.first_chunk::<16>().copied().unwrap_or_default();
        self.hash ^= u128::from_be_bytes(first);
        self.count += 1;
    }
}

/// Returns the digest of the tenant's directory. It reads each resource once, a bounded number of them with each call.
///
/// # Errors
/// If the database fails.
pub async fn digest(database: &impl Database, tenant: &str) -> Result<Digest, Failure> {
    let sequence = latest(database, tenant).await?;
    let mut buckets = vec![Bucket::default(); 256];
    let (mut kind, mut id) = (String::new(), String::new());
    loop {
        let sql = "SELECT type, id, version FROM resources WHERE tenant = +?1 AND (type, id) > (?2, ?3) ORDER BY type, id LIMIT +?4";
        let params = vec![tenant.into(), kind.as_str().into(), id.as_str().into(), PART.into()];
        let rows = database.query(vec![Statement::new(sql, params)]).await?.pop().unwrap_or_default();
        for row in &rows {
            let id = row.text("id")?;
            let place = Sha256::digest(id).first().copied().unwrap_or_default();
            if let Some(bucket) = buckets.get_mut(usize::from(place)) {
                bucket.add(row.text("type")?, id, row.integer("version")?);
            }
        }
        let Some(last) = rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|count| count == PART))
        else {
            break;
        };
        (kind, id) = (last.text("type")?.to_string(), last.text("id")?.to_string());
    }
    let mut batch = Batch::new();
    let totals = "SELECT type, total FROM totals WHERE tenant = +?1 ORDER BY type DESC";
    let totals = batch.add(Statement::new(totals, vec![tenant.into()]));
    let rows = batch.query(database).await?;
    let (mut resources, mut memberships) = (Vec::new(), 0);
    for row in rows.of(totals) {
        match (row.text("type")?, row.integer("total")?) {
            (MEMBERSHIP, total) => memberships = total,
            (kind, total) => resources.push((kind.to_string(), total)),
        }
    }
    let is_consistent = latest(database, tenant).await? == sequence;
    Ok(Digest { sequence, is_consistent, resources, memberships, buckets })
}
