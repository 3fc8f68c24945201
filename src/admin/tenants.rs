//! Customers: made, listed, shown, changed, deleted.

use database::Failure;
use directory::Quota;
use directory::{QuotaChanges, Usage};
use scim::{Dialect, HttpResponse, ScimError};
use serde_json::{Map, Value, json};
use tenants::{Changes, DEFAULT, NewTenant, Removal, Tenant};

use super::fields::Fields;
use super::{Asked, answer, extend, tokens};
use crate::address::tenant_url;
use crate::auth;
use crate::log::Entry;

/// Tenants in a page.
const PAGE: i64 = 500;
/// For how many days a log is kept, where nothing else is said, and at most.
const RETENTION: (i64, i64) = (30, 3_650);
/// Round trips that one request spends on deleting.
const ROUNDS: usize = 10;

pub(super) async fn list(asked: &Asked<'_>) -> Result<HttpResponse, Failure> {
    let after = asked.parameter("after").unwrap_or_default();
    let found = tenants::list(asked.station.database, after, PAGE + 1).await?;
    let page: Vec<&Tenant> = found.iter().take(usize::try_from(PAGE).unwrap_or_default()).collect();
    let next = page.last().filter(|_| page.len() < found.len()).map(|tenant| tenant.id.as_str());
    let shown: Vec<Value> = page.iter().map(|tenant| show_one(asked, tenant)).collect();
    Ok(answer(200, &json!({"tenants": shown, "next": next})))
}

pub(super) async fn create(
    asked: &Asked<'_>,
    body: &[u8],
    entry: &mut Entry,
) -> Result<HttpResponse, Failure> {
    let fields = Fields::read(body, &["id", "name", "dialect", "logRetentionDays"])?;
    let id = fields.text("id")?.ok_or_else(|| ScimError::new(400, "a tenant needs an `id`"))?;
    entry.tenant = Some(id.to_string());
    let new = NewTenant {
        id: id.to_string(),
        name: fields.name("name")?.unwrap_or(id).to_string(),
        dialect: fields.dialect()?.unwrap_or(Dialect::TOLERANT),
        log_retention_days: fields.integer("logRetentionDays", 1, RETENTION.1)?.unwrap_or(RETENTION.0),
    };
    let tenant = tenants::create(asked.station.database, new, asked.station.now).await?;
    Ok(answer(201, &show_one(asked, &tenant)))
}

pub(super) async fn show(asked: &Asked<'_>, id: &str) -> Result<HttpResponse, Failure> {
    let database = asked.station.database;
    if id == DEFAULT {
        return show_default(asked).await;
    }
    let tenant = tenants::show(database, id).await?;
    let of_tenant = tenants::list_tokens(database, id).await?;
    let mut shown = show_one(asked, &tenant);
    extend(&mut shown, show_usage(&directory::usage(database, id).await?));
    let tokens: Value = of_tenant.iter().map(tokens::show_one).collect();
    extend(&mut shown, json!({"tokens": tokens}));
    Ok(answer(200, &shown))
}

/// The tenant without a row: its quotas, since everything else of it is set at the Worker.
async fn show_default(asked: &Asked<'_>) -> Result<HttpResponse, Failure> {
    let mut shown = json!({"id": DEFAULT, "tenantUrl": tenant_url(asked.origin, DEFAULT)});
    extend(&mut shown, show_usage(&directory::usage(asked.station.database, DEFAULT).await?));
    Ok(answer(200, &shown))
}

pub(super) async fn update(asked: &Asked<'_>, id: &str, body: &[u8]) -> Result<HttpResponse, Failure> {
    let settings = ["name", "enabled", "dialect", "logRetentionDays"];
    let settings = settings.iter().copied().filter(|_| id != DEFAULT);
    let known: Vec<&str> = settings.chain(Quota::ALL.map(setting)).collect();
    let fields = Fields::read(body, &known)?;
    if id == DEFAULT {
        directory::set_quotas(asked.station.database, id, &quotas(&fields)?).await?;
        return show_default(asked).await;
    }
    let changes = Changes {
        name: fields.name("name")?.map(str::to_string),
        enabled: fields.boolean("enabled")?,
        dialect: fields.dialect()?,
        log_retention_days: fields.integer("logRetentionDays", 1, RETENTION.1)?,
    };
    let quotas = directory::set_quotas_of_tenant(id, &quotas(&fields)?);
    let tenant = tenants::update(asked.station.database, id, changes, quotas, asked.station.now).await?;
    auth::forget();
    Ok(answer(200, &show_one(asked, &tenant)))
}

/// Counts anew what the tenant has, and shows it.
pub(super) async fn recount(asked: &Asked<'_>, id: &str) -> Result<HttpResponse, Failure> {
    if id != DEFAULT {
        tenants::show(asked.station.database, id).await?;
    }
    directory::recount(asked.station.database, id).await?;
    show(asked, id).await
}

/// The name of a quota as a setting.
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

/// What is used by the name of the quota, how much there may be by that of the setting, and which settings are defaults.
fn show_usage(usage: &[Usage]) -> Value {
    let used = usage.iter().map(|one| (one.quota.name().to_string(), one.used.into()));
    let most = usage.iter().map(|one| (setting(one.quota).to_string(), one.most.into()));
    let defaults: Value = usage.iter().filter(|one| one.is_default).map(|one| setting(one.quota)).collect();
    let mut shown: Map<String, Value> = used.chain(most).collect();
    shown.insert("defaults".into(), defaults);
    Value::Object(shown)
}

/// Deletes a part and says how much is left: 202 until it is done, then 204. The caller repeats it.
pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<HttpResponse, Failure> {
    auth::forget();
    let mut left = Removal::Left(0);
    for _ in 0..ROUNDS {
        left = tenants::remove(asked.station.database, id, directory::empty(id), asked.station.now).await?;
        if !matches!(left, Removal::Left(_)) {
            break;
        }
    }
    Ok(match left {
        Removal::Done => HttpResponse { status: 204, headers: Vec::new(), body: None, rest: None },
        Removal::Left(resources) => answer(202, &json!({"done": false, "resourcesLeft": resources})),
        Removal::Waiting(until) => {
            let seconds = until.0.saturating_sub(asked.station.now.0).div_euclid(1_000) + 1;
            let detail = "nothing is left; a request that was let in before may still write until then";
            let mut response = answer(
                202,
                &json!({"done": false, "resourcesLeft": 0, "until": until.to_rfc3339(), "detail": detail}),
            );
            response.headers.push(("Retry-After", seconds.to_string()));
            response
        }
    })
}

fn show_one(asked: &Asked<'_>, tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "tenantUrl": tenant_url(asked.origin, &tenant.id),
        "enabled": tenant.suspended.is_none(),
        "deleting": tenant.deleted.is_some(),
        "dialect": tenant.dialect.name(),
        "logRetentionDays": tenant.log_retention_days,
        "created": tenant.created.to_rfc3339(),
    })
}
