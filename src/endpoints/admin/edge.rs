//! The copy in Workers KV, as JSON; `manage::edge` does the work.

use database::Failure;
use directory::edge::EdgeCopy;
use scim::{Instant, ScimError};
use serde_json::json;

use super::fields::Fields;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::edge::{self, Changes};

pub(super) async fn show(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(shown(200, &edge::show(request.context, tenant).await?))
}

pub(super) async fn update(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["edge", "residency"])?;
    let residency = match fields.text("residency")? {
        None => None,
        Some("none") => Some(None),
        Some(place) => Some(Some(residency(place)?)),
    };
    let changes = Changes { on: fields.boolean("edge")?, residency };
    Ok(shown(200, &edge::update(request.context, tenant, changes).await?))
}

/// Copies a part of everything: 202 until all of it is copied, then 200. The caller repeats the request.
pub(super) async fn rebuild(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["continue"])?;
    let anew = !fields.boolean("continue")?.unwrap_or_default();
    let copy = edge::rebuild(request.context, tenant, anew).await?;
    Ok(shown(if copy.rebuild.is_some() { 202 } else { 200 }, &copy))
}

fn residency(place: &str) -> Result<String, ScimError> {
    let is_name = (2..=20).contains(&place.len())
        && place.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let refused =
        || ScimError::new(400, "`residency` is the name of a jurisdiction, such as `eu`, or `none`");
    is_name.then(|| place.to_string()).ok_or_else(refused)
}

fn shown(status: u16, copy: &EdgeCopy) -> Response {
    let body = json!({
        "edge": copy.state.name(), "residency": copy.residency, "sequence": copy.sequence, "behind": copy.behind,
        "isBeingBuilt": copy.rebuild.is_some(), "lastCopied": copy.copied.map(Instant::to_rfc3339),
    });
    Response::json(status, &body)
}
