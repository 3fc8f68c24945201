//! The keys that sign access tokens, as JSON; `manage::signing_keys` does the work. What a key is derived from is
//! never shown.

use database::Failure;
use scim::Instant;
use serde_json::{Value, json};
use tenants::oauth::SigningKey;

use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::signing_keys;

pub(super) async fn list(request: &AdminRequest<'_>) -> Result<Response, Failure> {
    Ok(show_all(200, &signing_keys::list(request.context).await?))
}

pub(super) async fn rotate(request: &AdminRequest<'_>) -> Result<Response, Failure> {
    Ok(show_all(201, &signing_keys::rotate(request.context, By::ADMINISTRATOR).await?))
}

pub(super) async fn revoke(request: &AdminRequest<'_>, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(&signing_keys::revoke(request.context, By::ADMINISTRATOR, id).await?)))
}

fn show_all(status: u16, keys: &[SigningKey]) -> Response {
    let keys: Vec<Value> = keys.iter().map(show_one).collect();
    Response::json(status, &json!({"signingKeys": keys}))
}

fn show_one(key: &SigningKey) -> Value {
    json!({
        "id": key.id,
        "created": key.created.to_rfc3339(),
        "retired": key.retired.map(Instant::to_rfc3339),
        "revoked": key.revoked.map(Instant::to_rfc3339),
    })
}
