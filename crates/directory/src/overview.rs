//! What each of several tenants has, for a list of them: one round trip, whatever their number.

use database::{Batch, Database, Failure, Row, Statement};
use scim::Instant;

use crate::Usage;
use crate::activity::{Departures, read_warning, select_failing, select_warning};
use crate::store::read_usage;

/// What one tenant has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The id of the tenant.
    pub tenant: String,
    /// What it uses of each quota.
    pub usage: Vec<Usage>,
    /// When its client last sent a request.
    pub last_request: Option<Instant>,
    /// The users that went, if there is a warning of mass deprovisioning.
    pub warning: Option<Departures>,
    /// Whether at least 10 of the client's requests of the last hour have failed, and more than 40 % of them.
    pub is_failing: bool,
}

/// Returns what the tenants after that id have at that time, in the order of their ids, at most `most` of them; if the id is empty, first what
/// `default` has, which has no row in `tenants`.
///
/// # Errors
/// If the database fails.
pub async fn overviews(
    database: &impl Database,
    after: &str,
    most: i64,
    now: Instant,
) -> Result<Vec<Overview>, Failure> {
    let used = |name: &str, of: &str| {
        format!("coalesce((SELECT {of} FROM totals AS t WHERE t.tenant = listed.tenant{name}), 0)")
    };
    let total = |kind: &str| used(&format!(" AND t.type = '{kind}'"), "t.total");
    let sql = format!(
        "WITH listed (place, tenant) AS (SELECT 0, 'default' WHERE ?1 = '' UNION ALL SELECT * FROM (\
         SELECT 1, id FROM tenants WHERE id > ?1 ORDER BY id LIMIT +?2)) \
         SELECT listed.tenant, {} AS users, {} AS groups, {} AS memberships, {} AS bytes, m.last_request, \
         q.max_users, q.max_groups, q.max_memberships, q.max_bytes, {} AS warning, {} AS failing \
         FROM listed LEFT JOIN marks AS m ON m.tenant = listed.tenant \
         LEFT JOIN quotas AS q ON q.tenant = listed.tenant ORDER BY listed.place, listed.tenant",
        total("User"),
        total("Group"),
        total("Membership"),
        used("", "sum(t.bytes)"),
        select_warning("listed.tenant", "+?3"),
        select_failing("listed.tenant", "+?3"),
    );
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![after.into(), most.into(), now.0.into()]));
    batch.query(database).await?.of(found).iter().map(read).collect()
}

fn read(row: &Row) -> Result<Overview, Failure> {
    Ok(Overview {
        tenant: row.text("tenant")?.to_string(),
        usage: read_usage(row)?,
        last_request: row.optional_integer("last_request")?.map(Instant),
        warning: read_warning(row)?,
        is_failing: row.optional_integer("failing")? == Some(1),
    })
}
