//! Writing what an instance has counted and kept. Each list goes into SQL as one JSON parameter; rows of tenants that do not
//! exist (any more) are not written.

use database::{Database, DatabaseError, Statement};
use serde_json::{Value, json};

use super::buffer::{Counts, REFUSALS, Refusal};
use super::detail::is_id;
use crate::tenant::exists;

/// Milliseconds without a request after which the next one begins a new cycle. Entra's cycles are 20 to 40 minutes apart.
pub(super) const PAUSE: i64 = 300_000;

/// Writes counts and marks in one round trip: a row for each minute, operation and status that occurred, and one for each
/// tenant.
///
/// # Errors
/// If the database fails. Nothing was written then, and the counts are lost.
pub async fn write_counts(database: &impl Database, counts: Counts) -> Result<(), DatabaseError> {
    let add = format!(
        "INSERT INTO counters (tenant, minute, operation, status, requests) \
         SELECT CASE WHEN {} THEN tenant ELSE '' END, minute, operation, status, sum(requests) FROM (\
         SELECT value->>0 AS tenant, value->>1 AS minute, value->>2 AS operation, value->>3 AS status, value->>4 AS requests \
         FROM json_each(?1)) AS new WHERE true GROUP BY 1, 2, 3, 4 \
         ON CONFLICT DO UPDATE SET requests = requests + excluded.requests",
        exists("tenant")
    );
    let statements = vec![
        Statement::new(add, vec![counts.counts.to_string().into()]),
        Statement::new(mark(), vec![counts.seen.to_string().into()]),
    ];
    database.run(statements).await.map(drop)
}

/// Returns SQL that renews the marks of the tenants of `?1`.
fn mark() -> String {
    let first = |kind: &str| {
        format!(
            "(SELECT created FROM resources AS r WHERE r.tenant = new.tenant AND r.type = '{kind}' ORDER BY r.id LIMIT 1)"
        )
    };
    // Of a tenant whose requests were all tests, the cycle stays as it is.
    let is_new = format!("coalesce(excluded.cycle_began > marks.cycle_ended + {PAUSE}, 0)");
    format!(
        "INSERT INTO marks (tenant, last_request, test_connection, cycle_began, cycle_ended, first_user, first_group) \
         SELECT tenant, last, test, began, ended, {}, {} FROM (SELECT value->>0 AS tenant, value->>1 AS last, \
         value->>2 AS test, value->>3 AS began, value->>4 AS ended FROM json_each(?1)) AS new WHERE {} \
         ON CONFLICT (tenant) DO UPDATE SET \
         last_request = max(coalesce(last_request, 0), excluded.last_request), \
         test_connection = coalesce(excluded.test_connection, test_connection), \
         first_user = coalesce(first_user, excluded.first_user), \
         first_group = coalesce(first_group, excluded.first_group), \
         previous_began = CASE WHEN {is_new} THEN cycle_began ELSE previous_began END, \
         previous_ended = CASE WHEN {is_new} THEN cycle_ended ELSE previous_ended END, \
         cycle_began = CASE WHEN {is_new} THEN excluded.cycle_began ELSE coalesce(cycle_began, excluded.cycle_began) END, \
         cycle_ended = CASE WHEN excluded.cycle_ended IS NULL THEN cycle_ended \
         ELSE max(coalesce(cycle_ended, 0), excluded.cycle_ended) END",
        first("User"),
        first("Group"),
        exists("new.tenant")
    )
}

/// Writes refusals in one round trip, up to as many a minute and tenant as are kept, whichever instances they come from.
///
/// # Errors
/// If the database fails.
pub async fn write_refusals(database: &impl Database, refusals: &[Refusal]) -> Result<(), DatabaseError> {
    if refusals.is_empty() {
        return Ok(());
    }
    // A statement for each: it must see the rows of those before it.
    let statements =
        refusals.iter().map(|refusal| Statement::new(keep(), vec![row(refusal).to_string().into()]));
    database.run(statements.collect()).await.map(drop)
}

fn row(refusal: &Refusal) -> Value {
    let (kind, id) = refusal.resource.clone().unzip();
    let (holder_kind, holder_key) = refusal.holder.clone().unzip();
    json!({
        "tenant": refusal.tenant,
        "at": refusal.at.0,
        "actor": refusal.actor,
        "operation": refusal.operation,
        "type": kind.or(holder_kind),
        "is_ours": id.as_deref().is_some_and(is_id),
        "id": id,
        "holder": holder_key,
        "status": refusal.status,
        "scim_type": refusal.scim_type,
        "detail": refusal.detail,
        "correlation_id": refusal.correlation_id,
    })
}

/// Returns SQL that inserts the refusal `?1`. An id that no resource has may be anything that a client wrote into a URL: it is
/// kept if it has the form of this service's ids. A resource that was asked for by its name is found here, so that the name is not kept.
fn keep() -> String {
    let resource = "SELECT r.id FROM resources AS r WHERE r.tenant = new.tenant AND r.type = new.type";
    format!(
        "INSERT INTO refusals (tenant, at, actor, operation, resource_type, resource_id, status, scim_type, detail, correlation_id) \
         SELECT tenant, at, actor, operation, type, \
         CASE WHEN is_ours THEN id WHEN id IS NOT NULL THEN ({resource} AND r.id = new.id) \
         ELSE ({resource} AND r.unique_key = new.holder) END, \
         status, scim_type, detail, correlation_id FROM (SELECT {}) AS new \
         WHERE {} AND (SELECT count(*) FROM (SELECT 1 FROM refusals AS o WHERE o.tenant = new.tenant \
         AND o.at >= new.at - new.at % 60000 AND o.at < new.at - new.at % 60000 + 60000 LIMIT {REFUSALS})) < {REFUSALS}",
        [
            "tenant",
            "at",
            "actor",
            "operation",
            "type",
            "is_ours",
            "id",
            "holder",
            "status",
            "scim_type",
            "detail",
            "correlation_id",
        ]
        .map(|name| format!("?1->>'{name}' AS {name}"))
        .join(", "),
        exists("new.tenant")
    )
}
