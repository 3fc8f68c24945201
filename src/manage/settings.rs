//! The settings of a tenant by their names, and as JSON, as the Admin API and the evidence for an auditor show them. What they may be: `changes`;
//! what they do: `tenants`.

use directory::edge::Status;
use directory::{Quota, Usage};
use serde_json::{Map, Value, json};
use tenants::Tenant;

use super::changes::{SettingChanges, has_row};
use super::details::TenantDetails;
use crate::address::tenant_url;

/// For how many days the change log, and the activity, are kept.
pub const LOG_DAYS: &str = "logRetentionDays";
/// See [`LOG_DAYS`].
pub const ACTIVITY_DAYS: &str = "activityRetentionDays";
/// How many users may be disabled or deleted in a cycle; null is the rule that is built in.
pub const MASS_DEPROVISIONING: &str = "massDeprovisioning";

/// The settings that stand in the row of a tenant alone.
const OF_ROW: [&str; 4] = ["name", "enabled", "dialect", "residency"];

/// Returns the names of the settings that a tenant has and an administrator may change.
pub fn names(id: &str) -> Vec<&'static str> {
    let of_row = OF_ROW.into_iter().filter(|_| has_row(id));
    let of_all = [LOG_DAYS, ACTIVITY_DAYS, "edge", MASS_DEPROVISIONING];
    of_row.chain(of_all).chain(Quota::ALL.map(of_quota)).collect()
}

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

/// Returns the settings that are asked for, by their names; null for the default.
pub fn asked(changes: &SettingChanges) -> Map<String, Value> {
    let SettingChanges { name, enabled, dialect, residency, .. } = changes;
    let SettingChanges { log_days, activity_days, quotas, has_edge, mass_deprovisioning, .. } = changes;
    let one = |setting: &str, value: Option<Value>| value.map(|value| (setting.to_string(), value));
    let all = [
        one("name", name.as_deref().map(Value::from)),
        one("enabled", enabled.map(Value::from)),
        one("dialect", dialect.map(|dialect| dialect.name().into())),
        one("residency", residency.as_ref().map(|place| json!(place))),
        one(LOG_DAYS, log_days.map(Value::from)),
        one(ACTIVITY_DAYS, activity_days.map(Value::from)),
        one("edge", has_edge.map(Value::from)),
        one(MASS_DEPROVISIONING, mass_deprovisioning.map(|most| json!(most))),
    ];
    let quotas = quotas.0.iter().map(|(quota, most)| (of_quota(*quota).to_string(), json!(most)));
    all.into_iter().flatten().chain(quotas).collect()
}

/// Returns those of the settings that are asked for which differ from what [`of_all`] shows, each with its old and its new value. A quota
/// that is not set is null.
pub fn changed(shown: &Value, asked: Map<String, Value>) -> Map<String, Value> {
    let is_default = |setting: &str| {
        let defaults = shown.get("defaults").and_then(Value::as_array);
        defaults.is_some_and(|defaults| defaults.iter().any(|name| name == setting))
    };
    let old = |setting: &str| match setting {
        "edge" => shown.pointer("/edge/on").cloned(),
        setting if is_default(setting) => None,
        setting => shown.get(setting).cloned(),
    };
    let pair = |(setting, new): (String, Value)| {
        let old = old(&setting).unwrap_or(Value::Null);
        (old != new).then(|| (setting, json!({"old": old, "new": new})))
    };
    asked.into_iter().filter_map(pair).collect()
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
