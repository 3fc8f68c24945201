//! Tenants, as JSON; `manage::tenants` does the work.

use database::Failure;
use directory::{Quota, QuotaChanges};
use scim::ScimError;
use serde_json::{Value, json};

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use super::tokens;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::changes::{DEPARTURES, QUOTA, RETENTION_DAYS, SettingChanges};
use crate::manage::details;
use crate::manage::settings::{self, ACTIVITY_DAYS, LOG_DAYS, MASS_DEPROVISIONING};
use crate::manage::tenants::{self, CreateTenant};
use ::tenants::Removal;

pub(super) async fn list(request: &AdminRequest<'_>) -> Result<Response, Failure> {
    let page = tenants::list(request.context, request.parameter("after").unwrap_or_default()).await?;
    let next = page.tenants.last().filter(|_| page.has_more).map(|tenant| tenant.id.as_str());
    let shown: Vec<Value> =
        page.tenants.iter().map(|tenant| settings::of_tenant(request.origin, tenant)).collect();
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
        log_retention_days: fields.integer(LOG_DAYS, RETENTION_DAYS)?,
        activity_retention_days: fields.integer(ACTIVITY_DAYS, RETENTION_DAYS)?,
    };
    Ok(Response::json(
        201,
        &settings::of_tenant(
            request.origin,
            &tenants::create(request.context, By::ADMINISTRATOR, create).await?,
        ),
    ))
}

pub(super) async fn show(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    let details = details::show(request.context, id).await?;
    let mut shown = settings::of_all(request.origin, id, &details);
    if let Some((_, of_tenant)) = details.row {
        let tokens: Value = of_tenant.iter().map(tokens::show_one).collect();
        extend(&mut shown, json!({"tokens": tokens}));
    }
    Ok(Response::json(200, &shown))
}

pub(super) async fn update(request: &AdminRequest<'_>, id: &str, body: &[u8]) -> Result<Response, Failure> {
    let fields = Fields::read(body, &settings::names(id))?;
    let changes = SettingChanges {
        log_days: fields.integer(LOG_DAYS, RETENTION_DAYS)?,
        activity_days: fields.integer(ACTIVITY_DAYS, RETENTION_DAYS)?,
        quotas: quotas(&fields)?,
        has_edge: fields.boolean("edge")?,
        mass_deprovisioning: fields.number(MASS_DEPROVISIONING, DEPARTURES)?,
        name: fields.name("name")?.map(str::to_string),
        enabled: fields.boolean("enabled")?,
        dialect: fields.dialect()?,
        residency: fields.residency()?,
    };
    match tenants::update(request.context, By::ADMINISTRATOR, id, changes).await? {
        Some(tenant) => Ok(Response::json(200, &settings::of_tenant(request.origin, &tenant))),
        None => show(request, id).await,
    }
}

/// Counts again what the tenant has, and shows it.
pub(super) async fn recount(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    tenants::recount(request.context, id).await?;
    show(request, id).await
}

fn quotas(fields: &Fields) -> Result<QuotaChanges, ScimError> {
    let named = |quota| Ok(fields.number(settings::of_quota(quota), QUOTA)?.map(|most| (quota, most)));
    let named: Result<Vec<_>, ScimError> =
        Quota::ALL.into_iter().filter_map(|quota| named(quota).transpose()).collect();
    named.map(QuotaChanges)
}

/// Deletes a part and says how much is left: 202 until everything is deleted, then 204. The caller repeats the
/// request.
pub(super) async fn delete(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    Ok(match tenants::delete(request.context, By::ADMINISTRATOR, id).await? {
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
