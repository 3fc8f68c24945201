//! What the guard against mass deprovisioning writes: the row of the change log that says it, and how many users of a tenant may go.
//! How they are counted, and when that is looked at: `crate::activity`.

use database::{Params, Statement};
use scim::Instant;

use super::changes::{By, Entry, Log, Of};
use crate::change_log::{DIRECTORY, MASS_DEPROVISIONING};
use crate::tenant::exists;

/// Who has written it: no credential.
const ACTOR: &str = "guard";

/// Returns the statement that logs that many users went. `counted` is SQL of a row with `users`, `of_users`, `since` and `threshold` of
/// the tenant `?1` at the time `?2`. It inserts nothing if they are not more than the threshold, or if the newest such row is not from
/// before `began` (an expression) and there are not ten times as many by now. So of two that run it at once one inserts the row.
pub(crate) fn say_mass_deprovisioning(
    counted: &str,
    began: &str,
    tenant: &str,
    now: Instant,
    correlation_id: &str,
) -> Statement {
    let mut params = Params::default();
    let id = params.add(tenant);
    params.add(now.0);
    let resource_type = format!("'{DIRECTORY}'");
    let change = format!(
        "json_object('op', '{MASS_DEPROVISIONING}', 'users', users, 'of', of_users, 'since', since, 'threshold', threshold)"
    );
    let entry = Entry { resource_type: &resource_type, resource_id: &id, version: "0", change: &change };
    let tables = format!("({counted})");
    let conditions = format!(
        "users > threshold AND NOT EXISTS (SELECT 1 FROM ({}) AS said \
         WHERE said.at >= {began} AND users < 10 * (said.change->>'$.users'))",
        newest(&id)
    );
    let by = By { at: now, actor: ACTOR, correlation_id };
    let of = Of { tables: &tables, conditions: &conditions };
    let mut say = Log::by(by, params).entries(&entry, &of).statement();
    say.sql += " RETURNING seq";
    say
}

/// Returns SQL of the newest row that says it of the tenant (an expression), by the index of the log.
pub(crate) fn newest(tenant: &str) -> String {
    format!(
        "SELECT d.at, d.change FROM changes AS d WHERE d.tenant = {tenant} AND d.resource_id = {tenant} \
         AND d.resource_type = '{DIRECTORY}' ORDER BY d.seq DESC LIMIT 1"
    )
}

/// Returns the statement that sets how many users may be disabled or deleted in a cycle; None for the rule that is built in. It runs
/// with those that change the tenant's row, and does nothing if the tenant does not exist.
pub fn set_guard_of_tenant(tenant: &str, mass_deprovisioning: Option<i64>) -> Statement {
    let sql = format!(
        "INSERT INTO guards (tenant, mass_deprovisioning) SELECT ?1, ?2 WHERE {} \
         ON CONFLICT (tenant) DO UPDATE SET mass_deprovisioning = excluded.mass_deprovisioning",
        exists("+?1")
    );
    Statement::new(sql, vec![tenant.into(), mass_deprovisioning.into()])
}
