//! Tenants, as JSON; `manage::tenants` does the work.

use database::Failure;
use directory::activity::RetentionChanges;
use directory::{Quota, QuotaChanges, Usage};
use scim::ScimError;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use super::{edge, tokens};
use crate::address::tenant_url;
use crate::http::Response;
use crate::manage::tenants::{self, CreateTenant, RETENTION_DAYS, TenantDetails};
use ::tenants::{Changes, DEFAULT, Removal, Tenant};

/// For how many days the change log, and the activity, are kept.
const LOG_DAYS: &str = "logRetentionDays";
const ACTIVITY_DAYS: &str = "activityRetentionDays";

pub(super) async fn list(request: &AdminRequest<'_>) -> Result<Response, Failure> {
    let page = tenants::list(request.context, request.parameter("after").unwrap_or_default()).await?;
    let next = page.tenants.last().filter(|_| page.has_more).map(|tenant| tenant.id.as_str());
    let shown: Vec<Value> = page.tenants.iter().map(|tenant| show_one(request, tenant)).collect();
    Ok(Response::json(200, &json!({"tenants": shown, "next": next})))
}

pub(super) async fn create(request: &AdminRequest<'_>, body: &[u8]) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["id", "name", "dialect", LOG_DAYS, ACTIVITY_DAYS])?;
    let id = fields.text("id")?.ok_or_else(|| ScimError::new(400, "a tenant needs an `id`"))?;
    request.context.entry.note(|facts| facts.tenant = Some(id.to_string()));
    let create = CreateTenant {
        id,
        name: fields.name("name")?,
        dialect: fields.dialect()?,
        log_retention_days: fields.integer(LOG_DAYS, 1, RETENTION_DAYS.1)?,
        activity_retention_days: fields.integer(ACTIVITY_DAYS, 1, RETENTION_DAYS.1)?,
    };
    Ok(Response::json(201, &show_one(request, &tenants::create(request.context, create).await?)))
}

pub(super) async fn show(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_all(request, id, true).await?))
}

/// Returns the settings of a tenant and what it uses, without its tokens.
pub(super) async fn settings(request: &AdminRequest<'_>, id: &str) -> Result<Value, Failure> {
    show_all(request, id, false).await
}

async fn show_all(request: &AdminRequest<'_>, id: &str, with_tokens: bool) -> Result<Value, Failure> {
    let TenantDetails { row, usage, retention, edge } = tenants::show(request.context, id).await?;
    let mut shown = match &row {
        Some((tenant, _)) => show_one(request, tenant),
        None => json!({"id": id, "tenantUrl": tenant_url(request.origin, id)}),
    };
    extend(&mut shown, json!({LOG_DAYS: retention.log_days, ACTIVITY_DAYS: retention.activity_days}));
    extend(&mut shown, show_usage(&usage));
    extend(&mut shown, json!({"edge": edge::show_one(edge.as_ref())}));
    if let Some((_, of_tenant)) = row.filter(|_| with_tokens) {
        let tokens: Value = of_tenant.iter().map(tokens::show_one).collect();
        extend(&mut shown, json!({"tokens": tokens}));
    }
    Ok(shown)
}

pub(super) async fn update(request: &AdminRequest<'_>, id: &str, body: &[u8]) -> Result<Response, Failure> {
    let settings = ["name", "enabled", "dialect", "residency"];
    let settings = settings.into_iter().filter(|_| id != DEFAULT).chain([LOG_DAYS, ACTIVITY_DAYS, "edge"]);
    let known: Vec<&str> = settings.chain(Quota::ALL.map(setting)).collect();
    let fields = Fields::read(body, &known)?;
    let log_days = fields.integer(LOG_DAYS, 1, RETENTION_DAYS.1)?;
    let activity_days = fields.integer(ACTIVITY_DAYS, 1, RETENTION_DAYS.1)?;
    let has_edge = fields.boolean("edge")?;
    if id == DEFAULT {
        let retention = RetentionChanges { log_days, activity_days };
        tenants::update_default(request.context, &quotas(&fields)?, retention, has_edge).await?;
        return show(request, id).await;
    }
    let changes = Changes {
        name: fields.name("name")?.map(str::to_string),
        enabled: fields.boolean("enabled")?,
        dialect: fields.dialect()?,
        log_retention_days: log_days,
        residency: fields.residency()?,
    };
    let retention = RetentionChanges { log_days: None, activity_days };
    let tenant =
        tenants::update(request.context, id, changes, &quotas(&fields)?, retention, has_edge).await?;
    Ok(Response::json(200, &show_one(request, &tenant)))
}

/// Counts again what the tenant has, and shows it.
pub(super) async fn recount(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    tenants::recount(request.context, id).await?;
    show(request, id).await
}

/// Returns the name of a quota as a setting.
fn setting(quota: Quota) -> &'static str {
    match quota {
        Quota::Users => "maxUsers",
        Quota::Groups => "maxGroups",
        Quota::Memberships => "maxMemberships",
        Quota::Bytes => "maxBytes",
    }
}

fn quotas(fields: &Fields) -> Result<QuotaChanges, ScimError> {
    let named = |quota| Ok(fields.quota(setting(quota))?.map(|most| (quota, most)));
    let named: Result<Vec<_>, ScimError> =
        Quota::ALL.into_iter().filter_map(|quota| named(quota).transpose()).collect();
    named.map(QuotaChanges)
}

/// Returns what is used, by the name of the quota, how much may be used, by the name of the setting, and which
/// settings are defaults.
fn show_usage(usage: &[Usage]) -> Value {
    let used = usage.iter().map(|one| (one.quota.name().to_string(), one.used.into()));
    let most = usage.iter().map(|one| (setting(one.quota).to_string(), one.most.into()));
    let defaults: Value = usage.iter().filter(|one| one.is_default).map(|one| setting(one.quota)).collect();
    let mut shown: Map<String, Value> = used.chain(most).collect();
    shown.insert("defaults".into(), defaults);
    Value::Object(shown)
}

/// Deletes a part and says how much is left: 202 until everything is deleted, then 204. The caller repeats the
/// request.
pub(super) async fn delete(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    Ok(match tenants::delete(request.context, id).await? {
        Removal::Done => Response::empty(204),
        Removal::Left(resources) => Response::json(202, &json!({"done": false, "resourcesLeft": resources})),
        Removal::Waiting(until) => {
            let seconds = until.0.saturating_sub(request.context.now.0).div_euclid(1_000) + 1;
            let detail = "nothing is left; a request that was accepted before may still write until then";
            let until = until.to_rfc3339();
            let body = json!({"done": false, "resourcesLeft": 0, "until": until, "detail": detail});
            Response::json(202, &body).with("Retry-After", seconds.to_string())
        }
    })
}

fn show_one(request: &AdminRequest<'_>, tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "tenantUrl": tenant_url(request.origin, &tenant.id),
        "enabled": tenant.suspended.is_none(),
        "deleting": tenant.deleted.is_some(),
        "dialect": tenant.dialect.name(),
        LOG_DAYS: tenant.log_retention_days,
        "residency": tenant.residency,
        "created": tenant.created.to_rfc3339(),
    })
}
