//! Endpoints of webhooks, as JSON; `manage::endpoints` does the work.

use ::webhooks::Secret;
use database::Failure;
use directory::webhooks::{CursorTarget, Endpoint};
use scim::{Instant, ScimError};
use serde_json::{Value, json};

use super::fields::Fields;
use super::render::extend;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::bounds::SEQUENCE;
use crate::manage::by::By;
use crate::manage::endpoints::{self, BATCH, CreateEndpoint, OVERLAP_HOURS};

pub(super) async fn create(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["url", "types", "batch", "thin"])?;
    let url =
        fields.text("url")?.ok_or_else(|| ScimError::new(400, "`url` is missing: where events are sent"))?;
    let create = CreateEndpoint {
        url,
        types: fields.texts("types")?.unwrap_or_default(),
        batch: fields.integer("batch", BATCH)?,
        thin: fields.boolean("thin")?.unwrap_or_default(),
    };
    let made = endpoints::create(request.context, By::ADMINISTRATOR, request.origin, tenant, create).await?;
    Ok(with_secret(201, made))
}

pub(super) async fn list(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let all: Value = endpoints::list(request.context, tenant).await?.iter().map(show).collect();
    Ok(Response::json(200, &json!({"endpoints": all})))
}

pub(super) async fn pause(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(shown(&endpoints::pause(request.context, By::ADMINISTRATOR, tenant, id).await?))
}

pub(super) async fn resume(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(shown(&endpoints::resume(request.context, By::ADMINISTRATOR, tenant, id).await?))
}

pub(super) async fn rotate(
    request: &AdminRequest<'_>,
    tenant: &str,
    id: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let overlap = Fields::read(body, &["overlapHours"])?.integer("overlapHours", OVERLAP_HOURS)?;
    Ok(with_secret(201, endpoints::rotate(request.context, By::ADMINISTRATOR, tenant, id, overlap).await?))
}

pub(super) async fn replay(
    request: &AdminRequest<'_>,
    tenant: &str,
    id: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["sequence", "time"])?;
    let time = fields.text("time")?.map(|text| {
        Instant::parse(text)
            .ok_or_else(|| ScimError::new(400, "`time` is not a time such as `2030-01-31T00:00:00Z`"))
    });
    let from = match (fields.integer("sequence", SEQUENCE)?, time.transpose()?) {
        (Some(sequence), None) => CursorTarget::Sequence(sequence),
        (None, Some(time)) => CursorTarget::Time(time),
        _ => return Err(ScimError::new(400, "either `sequence` or `time` must say from where").into()),
    };
    Ok(shown(&endpoints::replay(request.context, By::ADMINISTRATOR, tenant, id, from).await?))
}

pub(super) async fn skip(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    let (endpoint, skipped) = endpoints::skip(request.context, By::ADMINISTRATOR, tenant, id).await?;
    let mut body = show(&endpoint);
    extend(&mut body, json!({"skipped": skipped}));
    Ok(Response::json(200, &body))
}

pub(super) async fn test(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    let (attempt, is_delivered) = endpoints::test(request.context, By::ADMINISTRATOR, tenant, id).await?;
    let body = json!({"delivered": is_delivered, "status": attempt.status, "error": attempt.error});
    Ok(Response::json(200, &body))
}

pub(super) async fn delete(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(shown(&endpoints::delete(request.context, By::ADMINISTRATOR, tenant, id).await?))
}

fn shown(endpoint: &Endpoint) -> Response {
    Response::json(200, &show(endpoint))
}

fn with_secret(status: u16, (endpoint, secret): (Endpoint, Secret)) -> Response {
    let mut body = show(&endpoint);
    extend(&mut body, json!({"secret": secret.reveal()}));
    Response::json(status, &body)
}

fn show(endpoint: &Endpoint) -> Value {
    let time = |at: Option<Instant>| at.map(Instant::to_rfc3339);
    json!({
        "id": endpoint.id,
        "url": endpoint.url,
        "types": endpoint.types,
        "batch": endpoint.batch,
        "thin": endpoint.thin,
        "state": endpoint.state.name(),
        "reason": endpoint.reason,
        "cursor": endpoint.cursor.text(&endpoint.tenant),
        "behind": endpoint.behind,
        "deliveries": endpoint.deliveries,
        "failures": endpoint.failures,
        "nextAttempt": time(Some(endpoint.due).filter(|_| endpoint.failures > 0)),
        "lastAttempt": time(endpoint.attempted),
        "lastDelivery": time(endpoint.delivered),
        "lastStatus": endpoint.status,
        "lastError": endpoint.error,
        "oldSecretUntil": time(endpoint.old.as_ref().map(|(_, until)| *until)),
        "created": endpoint.created.to_rfc3339(),
    })
}
