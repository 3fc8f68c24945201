//! The settings of one tenant: what `PATCH /admin/tenants/{id}` changes, as a form, and whether it is suspended.

use console::{Banner, QuotaField, Settings, TenantState};
use database::Failure;
use directory::{Quota, QuotaChanges, Usage};
use scim::{Dialect, ScimError};

use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::bounds::Bounds;
use crate::manage::changes::{DEPARTURES, QUOTA, RESIDENCIES, RETENTION_DAYS, SettingChanges, has_row};
use crate::manage::details::{self, TenantDetails};
use crate::manage::lines;
use crate::manage::settings::{MASS_DEPROVISIONING, of_quota};
use crate::manage::tenants;

/// Answers the settings; a POST changes them.
///
/// # Errors
/// 404 if there is no such page. Also if the database fails.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    if !below.is_empty() {
        return Err(no_page());
    }
    if !page.is_post() {
        page.asked.named("settings");
        return show(page, None).await;
    }
    page.asked.named("change settings");
    match change(page).await {
        Ok(()) => Ok(page.go_to("settings?saved=1")),
        Err(failure) => show(page, Some(&failure.into_refusal()?)).await,
    }
}

/// Suspends the tenant, whose id was entered to be sure, or resumes it.
///
/// # Errors
/// 405 for a GET, 409 for `default`, which is configured at the Worker.
pub(super) async fn enable(page: &Page<'_>, enabled: bool) -> Result<Response, Failure> {
    page.asked.named(if enabled { "resume tenant" } else { "suspend tenant" });
    page.asked.only("POST")?;
    let changes = SettingChanges { enabled: Some(enabled), ..SettingChanges::default() };
    changes.check(page.tenant)?;
    if !enabled && page.field("confirm") != Some(page.tenant) {
        let refusal =
            ScimError::new(400, "what was entered is not the id of this tenant, so it was not suspended");
        return show(page, Some(&refusal)).await;
    }
    tenants::update(page.asked.context, page.by(), page.tenant, changes).await?;
    Ok(page.go_to("settings?saved=1"))
}

async fn change(page: &Page<'_>) -> Result<(), Failure> {
    let changes = SettingChanges {
        log_days: Some(days(page, "log_days")?),
        quotas: quotas(page)?,
        activity_days: Some(days(page, "activity_days")?),
        has_edge: Some(page.field("edge") == Some("on")),
        mass_deprovisioning: Some(number(page, MASS_DEPROVISIONING, DEPARTURES)?),
        ..if has_row(page.tenant) { of_row(page)? } else { SettingChanges::default() }
    };
    tenants::update(page.asked.context, page.by(), page.tenant, changes).await.map(drop)
}

/// Returns what the form has for a tenant with a row of its own alone.
fn of_row(page: &Page<'_>) -> Result<SettingChanges, ScimError> {
    let name = lines::name("name", page.field("name").unwrap_or_default())?;
    let dialect = page.field("dialect").and_then(Dialect::from_name);
    let dialect = dialect.ok_or_else(|| refused("requests are read as `tolerant` or `strict`"))?;
    let residency = page.field("residency").map(str::to_string);
    if residency.as_deref().is_some_and(|place| !RESIDENCIES.contains(&place)) {
        return Err(refused("data can stay in eu, us or fedramp, or anywhere"));
    }
    Ok(SettingChanges {
        name: Some(name.to_string()),
        dialect: Some(dialect),
        residency: Some(residency),
        ..SettingChanges::default()
    })
}

fn refused(reason: &str) -> ScimError {
    ScimError::new(400, format!("{reason}; nothing was changed"))
}

fn days(page: &Page<'_>, field: &str) -> Result<i64, ScimError> {
    let Bounds { least, most } = RETENTION_DAYS;
    let days = page.field(field).and_then(|text| RETENTION_DAYS.parse(text));
    days.ok_or_else(|| refused(&format!("days are a number from {least} to {most}")))
}

/// Returns every quota; an empty field is the default.
fn quotas(page: &Page<'_>) -> Result<QuotaChanges, ScimError> {
    let one = |quota: Quota| Ok((quota, number(page, of_quota(quota), QUOTA)?));
    Quota::ALL.into_iter().map(one).collect::<Result<_, _>>().map(QuotaChanges)
}

/// Returns a number; None if the field is empty.
fn number(page: &Page<'_>, field: &str, bounds: Bounds) -> Result<Option<i64>, ScimError> {
    let Some(text) = page.field(field) else { return Ok(None) };
    let Bounds { least, most } = bounds;
    let number = bounds.parse(text).map(Some);
    number.ok_or_else(|| refused(&format!("`{text}` is not a number from {least} to {most}")))
}

async fn show(page: &Page<'_>, refusal: Option<&ScimError>) -> Result<Response, Failure> {
    let details = details::show(page.asked.context, page.tenant).await?;
    let mut frame = page.frame("Settings", "settings");
    if page.asked.query().get("saved").is_some() {
        frame.banners.push(Banner::notice("Saved. The change holds for every instance within a minute."));
    }
    let TenantDetails { row, usage, retention, edge, mass_deprovisioning } = details;
    let row = row.map(|(row, _)| row);
    let state = match &row {
        Some(row) if row.deleted.is_some() => TenantState::Deleting,
        Some(row) if row.suspended.is_some() => TenantState::Suspended,
        _ => TenantState::Active,
    };
    let shown = Settings {
        frame,
        state,
        is_default: row.is_none(),
        name: page.name.to_string(),
        is_strict: row.as_ref().is_some_and(|row| row.dialect.name() == "strict"),
        residency: row.as_ref().and_then(|row| row.residency.clone()),
        has_edge: edge.is_some_and(|edge| edge.progress.is_on),
        log_days: retention.log_days,
        activity_days: retention.activity_days,
        mass_deprovisioning,
        quotas: usage.iter().map(quota).collect(),
        created: row.as_ref().map(|row| row.created.0),
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown)
}

fn quota(usage: &Usage) -> QuotaField {
    let label = match usage.quota {
        Quota::Users => "Users",
        Quota::Groups => "Groups",
        Quota::Memberships => "Memberships",
        Quota::Bytes => "Bytes",
    };
    QuotaField {
        setting: of_quota(usage.quota).to_string(),
        label: label.to_string(),
        used: usage.used,
        most: usage.most,
        is_default: usage.is_default,
    }
}
