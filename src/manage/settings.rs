//! The settings of a tenant as JSON, as the Admin API and the evidence for an auditor show them. What they are and do: `tenants`.

use directory::edge::Status;
use directory::{Quota, Usage};
use serde_json::{Map, Value, json};
use tenants::Tenant;

use super::tenants::TenantDetails;
use crate::address::tenant_url;

/// The largest quota: D1 binds numbers as doubles, which are exact up to 2^53.
pub const MOST_QUOTA: i64 = 1 << 50;

/// For how many days the change log, and the activity, are kept.
pub const LOG_DAYS: &str = "logRetentionDays";
/// See [`LOG_DAYS`].
pub const ACTIVITY_DAYS: &str = "activityRetentionDays";
/// How many users may be disabled or deleted in a cycle; null is the rule that is built in.
pub const MASS_DEPROVISIONING: &str = "massDeprovisioning";

/// Returns everything that is shown of a tenant, without its tokens.
pub fn of_all(origin: &str, id: &str, details: &TenantDetails) -> Value {
    let TenantDetails { row, usage, retention, edge, mass_deprovisioning } = details;
    let mut shown = match row {
        Some((tenant, _)) => of_tenant(origin, tenant),
        None => json!({"id": id, "tenantUrl": tenant_url(origin, id)}),
    };
    if let Value::Object(shown) = &mut shown {
        shown.insert(LOG_DAYS.into(), retention.log_days.into());
        shown.insert(ACTIVITY_DAYS.into(), retention.activity_days.into());
        shown.extend(of_usage(usage));
        shown.insert("edge".into(), of_edge(edge.as_ref()));
        shown.insert(MASS_DEPROVISIONING.into(), (*mass_deprovisioning).into());
    }
    shown
}

/// Returns what is set of a tenant itself.
pub fn of_tenant(origin: &str, tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "tenantUrl": tenant_url(origin, &tenant.id),
        "enabled": tenant.suspended.is_none(),
        "deleting": tenant.deleted.is_some(),
        "dialect": tenant.dialect.name(),
        LOG_DAYS: tenant.log_retention_days,
        "residency": tenant.residency,
        "created": tenant.created.to_rfc3339(),
    })
}

/// Returns how far the edge copy is.
pub fn of_edge(status: Option<&Status>) -> Value {
    let Some(Status { progress, behind, caught_up }) = status else {
        return json!({"on": false, "state": "off"});
    };
    let state = match (&progress.clearing, &progress.filling) {
        (Some(_), _) => "removing",
        (None, Some(_)) => "filling",
        (None, None) => "following",
    };
    json!({
        "on": progress.is_on, "state": state, "sequence": progress.sequence, "behind": behind,
        "caughtUp": caught_up.map(|at| at.to_rfc3339()),
    })
}

/// Returns what is used, by the name of the quota, how much may be used, by the name of the setting, and which
/// settings are defaults.
fn of_usage(usage: &[Usage]) -> Map<String, Value> {
    let used = usage.iter().map(|one| (one.quota.name().to_string(), one.used.into()));
    let most = usage.iter().map(|one| (of_quota(one.quota).to_string(), one.most.into()));
    let defaults: Value = usage.iter().filter(|one| one.is_default).map(|one| of_quota(one.quota)).collect();
    let mut shown: Map<String, Value> = used.chain(most).collect();
    shown.insert("defaults".into(), defaults);
    shown
}

/// Returns the name of a quota as a setting.
pub fn of_quota(quota: Quota) -> &'static str {
    match quota {
        Quota::Users => "maxUsers",
        Quota::Groups => "maxGroups",
        Quota::Memberships => "maxMemberships",
        Quota::Bytes => "maxBytes",
    }
}
