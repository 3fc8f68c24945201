//! Tokens of a customer: made, listed, replaced, revoked. One is shown in the answer that makes it, and never again.

use database::Failure;
use scim::{HttpResponse, Instant};
use serde_json::{Value, json};
use tenants::{NewToken, Secret, Token};

use super::fields::Fields;
use super::{Asked, answer, extend};
use crate::address::tenant_url;
use crate::{auth, ids};

/// Hours for which the old token is good beside the new one, where nothing else is said, and at most.
const OVERLAP: (i64, i64) = (24, 720);
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

pub(super) async fn list(asked: &Asked<'_>, tenant: &str) -> Result<HttpResponse, Failure> {
    let tokens = tenants::list_tokens(asked.station.database, tenant).await?;
    let shown: Vec<Value> = tokens.iter().map(show_one).collect();
    Ok(answer(200, &json!({"tokens": shown})))
}

pub(super) async fn create(asked: &Asked<'_>, tenant: &str, body: &[u8]) -> Result<HttpResponse, Failure> {
    let now = asked.station.now;
    let fields = Fields::read(body, &["name", "expires"])?;
    let secret = Secret::new(&ids::random()?);
    let new = NewToken {
        id: ids::new_id(),
        name: fields.name("name")?.or(Some("token")),
        secret: &secret,
        expires: fields.future("expires", now)?,
    };
    let made = tenants::create_token(asked.station.database, tenant, new, now).await?;
    Ok(show_new(asked, tenant, &secret, made))
}

pub(super) async fn rotate(
    asked: &Asked<'_>,
    tenant: &str,
    old: &str,
    body: &[u8],
) -> Result<HttpResponse, Failure> {
    let now = asked.station.now;
    let fields = Fields::read(body, &["name", "expires", "overlapHours"])?;
    let overlap = fields.integer("overlapHours", 0, OVERLAP.1)?.unwrap_or(OVERLAP.0);
    let secret = Secret::new(&ids::random()?);
    let new = NewToken {
        id: ids::new_id(),
        name: fields.name("name")?,
        secret: &secret,
        expires: fields.future("expires", now)?,
    };
    let until = Instant(now.0.saturating_add(overlap * HOUR));
    let made = tenants::rotate(asked.station.database, tenant, old, new, until, now).await?;
    auth::forget();
    let shown = show_new(asked, tenant, &secret, made);
    asked.note(old);
    Ok(shown)
}

pub(super) async fn revoke(asked: &Asked<'_>, tenant: &str, id: &str) -> Result<HttpResponse, Failure> {
    let token = tenants::revoke(asked.station.database, tenant, id, asked.station.now).await?;
    auth::forget();
    asked.note(&token.id);
    Ok(answer(200, &show_one(&token)))
}

/// Shows a new token, this once, and how many of the tenant are in force: a rotation that was repeated leaves more of them
/// than somebody knows of.
fn show_new(
    asked: &Asked<'_>,
    tenant: &str,
    secret: &Secret,
    (token, in_force): (Token, i64),
) -> HttpResponse {
    asked.note(&token.id);
    let mut shown = show_one(&token);
    let tenant_url = tenant_url(asked.origin, tenant);
    extend(&mut shown, json!({"token": secret.reveal(), "tenantUrl": tenant_url, "tokensInForce": in_force}));
    answer(201, &shown)
}

/// A token as it is shown: without what opens anything.
pub(super) fn show_one(token: &Token) -> Value {
    let time = |time: Option<Instant>| time.map(Instant::to_rfc3339);
    json!({
        "id": token.id,
        "name": token.name,
        "created": token.created.to_rfc3339(),
        "expires": time(token.expires),
        "lastUsed": time(token.last_used),
        "revoked": time(token.revoked),
    })
}
