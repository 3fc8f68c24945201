//! The keys that sign access tokens: listed, replaced, revoked. What makes a key of one is never shown.

use database::Failure;
use scim::{HttpResponse, Instant};
use serde_json::{Value, json};
use tenants::oauth::{self as clients, SigningKey};

use super::{Asked, answer};
use crate::{auth, token};

pub(super) async fn list(asked: &Asked<'_>) -> Result<HttpResponse, Failure> {
    Ok(shown(200, &clients::list_keys(asked.station.database).await?))
}

pub(super) async fn rotate(asked: &Asked<'_>) -> Result<HttpResponse, Failure> {
    let new = token::new_signing_key()?;
    let id = new.id.clone();
    let keys = clients::rotate_keys(asked.station.database, new, asked.station.now).await?;
    asked.note(&id);
    Ok(shown(201, &keys))
}

pub(super) async fn revoke(asked: &Asked<'_>, id: &str) -> Result<HttpResponse, Failure> {
    let key = clients::revoke_key(asked.station.database, id, asked.station.now).await?;
    auth::forget();
    asked.note(&key.id);
    Ok(answer(200, &show_one(&key)))
}

fn shown(status: u16, keys: &[SigningKey]) -> HttpResponse {
    let keys: Vec<Value> = keys.iter().map(show_one).collect();
    answer(status, &json!({"signingKeys": keys}))
}

fn show_one(key: &SigningKey) -> Value {
    json!({
        "id": key.id,
        "created": key.created.to_rfc3339(),
        "retired": key.retired.map(Instant::to_rfc3339),
        "revoked": key.revoked.map(Instant::to_rfc3339),
    })
}
