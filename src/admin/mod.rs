//! The administration: customers and their credentials, as JSON under `/admin`. Guarded by the secret `ADMIN_TOKEN`.
//!
//! `tenants`, `tokens`, `clients` and `issuers` (OAuth), `signing_keys` and `transfer` (export, import) say what is
//! done, `fields` reads bodies. Every request leaves its line in the log, with the tenant and what was done.

mod clients;
mod fields;
mod issuers;
mod signing_keys;
mod tenants;
mod tokens;
mod transfer;

use directory::Failure;
use scim::{HttpResponse, ScimError, limits};
use serde_json::{Value, json};
use worker::Request;

use crate::address::Address;
use crate::log::Entry;
use crate::service::{Station, told};
use crate::{auth, http, rate};

/// What an administrator asks for.
struct Asked<'a> {
    station: &'a Station<'a>,
    method: &'a str,
    /// Scheme and host, for Tenant URLs.
    origin: &'a str,
    query: &'a str,
}

/// Answers a request to the administration, whatever becomes of it.
pub async fn serve(
    request: &mut Request,
    station: &Station<'_>,
    entry: &mut Entry,
    method: &str,
    below: &[&str],
    address: &Address,
) -> HttpResponse {
    entry.operation = "admin".to_string();
    let authorization = http::header(request, "Authorization");
    if !auth::is_administrator(station.env, authorization.as_deref(), &entry.correlation_id) {
        if let Err(error) = rate::failed(station, entry).await {
            return refused(&error);
        }
        let (error, challenge) = auth::refusal(authorization.as_deref());
        return auth::challenged(refused(&error), challenge);
    }
    let asked = Asked { station, method, origin: &address.origin, query: &address.query };
    match route(request, &asked, entry, below).await {
        Ok(response) => response,
        Err(failure) => refused(&told(failure, &entry.correlation_id)),
    }
}

async fn route(
    request: &mut Request,
    asked: &Asked<'_>,
    entry: &mut Entry,
    below: &[&str],
) -> Result<HttpResponse, Failure> {
    entry.tenant =
        below.get(1).filter(|_| below.first() == Some(&"tenants")).map(|tenant| (*tenant).to_string());
    let mut named = |operation: &str| entry.operation = format!("admin {operation}");
    let taken: &'static str = match (below, asked.method) {
        (["tenants"], "GET") => {
            named("list tenants");
            return tenants::list(asked).await;
        }
        (["tenants"], "POST") => {
            named("create tenant");
            let body = http::body(request, limits::ADMIN_BODY).await?;
            return tenants::create(asked, &body, entry).await;
        }
        (["tenants"], _) => "GET, POST",
        (["tenants", id], "GET") => {
            named("show tenant");
            return tenants::show(asked, id).await;
        }
        (["tenants", id], "PATCH") => {
            named("update tenant");
            return tenants::update(asked, id, &http::body(request, limits::ADMIN_BODY).await?).await;
        }
        (["tenants", id], "DELETE") => {
            named("delete tenant");
            return tenants::delete(asked, id).await;
        }
        (["tenants", _], _) => "GET, PATCH, DELETE",
        (["tenants", id, "tokens"], "GET") => {
            named("list tokens");
            return tokens::list(asked, id).await;
        }
        (["tenants", id, "tokens"], "POST") => {
            named("create token");
            return tokens::create(asked, id, &http::body(request, limits::ADMIN_BODY).await?).await;
        }
        (["tenants", _, "tokens"], _) => "GET, POST",
        (["tenants", id, "tokens", token], "DELETE") => {
            named("revoke token");
            return tokens::revoke(asked, id, token).await;
        }
        (["tenants", _, "tokens", _], _) => "DELETE",
        (["tenants", id, "tokens", token, "rotate"], "POST") => {
            named("rotate token");
            return tokens::rotate(asked, id, token, &http::body(request, limits::ADMIN_BODY).await?).await;
        }
        (["tenants", _, "tokens", _, "rotate"], _) => "POST",
        (["tenants", id, "export"], "GET") => {
            named("export");
            return transfer::export(asked, id).await;
        }
        (["tenants", _, "export"], _) => "GET",
        (["tenants", id, "import"], "POST") => {
            named("import");
            let body = http::body(request, limits::IMPORT_BODY).await?;
            return transfer::import(asked, id, &body).await;
        }
        (["tenants", _, "import"], _) => "POST",
        _ => return Box::pin(route_oauth(request, asked, entry, below)).await,
    };
    Err(ScimError::method_not_allowed(asked.method, taken).into())
}

async fn route_oauth(
    request: &mut Request,
    asked: &Asked<'_>,
    entry: &mut Entry,
    below: &[&str],
) -> Result<HttpResponse, Failure> {
    let body =
        if asked.method == "POST" { http::body(request, limits::ADMIN_BODY).await? } else { Vec::new() };
    let mut named = |operation: &str| entry.operation = format!("admin {operation}");
    let taken: &'static str = match (below, asked.method) {
        (["tenants", id, "clients"], "GET") => {
            named("list clients");
            return clients::list(asked, id).await;
        }
        (["tenants", id, "clients"], "POST") => {
            named("create client");
            return clients::create(asked, id, &body).await;
        }
        (["tenants", id, "clients", client], "DELETE") => {
            named("revoke client");
            return clients::revoke(asked, id, client).await;
        }
        (["tenants", id, "clients", client, "secrets"], "POST") => {
            named("create client secret");
            return clients::create_secret(asked, id, client, &body).await;
        }
        (["tenants", id, "clients", client, "secrets", secret], "DELETE") => {
            named("revoke client secret");
            return clients::revoke_secret(asked, id, client, secret).await;
        }
        (["tenants", id, "issuers"], "GET") => {
            named("list issuers");
            return issuers::list(asked, id).await;
        }
        (["tenants", id, "issuers"], "POST") => {
            named("create issuer");
            return issuers::create(asked, id, &body).await;
        }
        (["tenants", id, "issuers", issuer], "DELETE") => {
            named("revoke issuer");
            return issuers::revoke(asked, id, issuer).await;
        }
        (["signing-keys"], "GET") => {
            named("list signing keys");
            return signing_keys::list(asked).await;
        }
        (["signing-keys"], "POST") => {
            named("rotate signing keys");
            return signing_keys::rotate(asked).await;
        }
        (["signing-keys", key], "DELETE") => {
            named("revoke signing key");
            return signing_keys::revoke(asked, key).await;
        }
        (["tenants", _, "clients" | "issuers"] | ["signing-keys"], _) => "GET, POST",
        (["tenants", _, "clients", _, "secrets"], _) => "POST",
        (["tenants", _, "clients", _, "secrets", _], _) => "DELETE",
        (["tenants", _, "clients" | "issuers", _] | ["signing-keys", _], _) => "DELETE",
        _ => return Err(ScimError::not_found("the administration has no such resource").into()),
    };
    Err(ScimError::method_not_allowed(asked.method, taken).into())
}

/// A JSON answer.
fn answer(status: u16, body: &Value) -> HttpResponse {
    typed(status, "application/json", body.to_string())
}

/// Adds the members of one JSON object to another.
fn extend(shown: &mut Value, more: Value) {
    if let (Value::Object(shown), Value::Object(more)) = (shown, more) {
        shown.extend(more);
    }
}

fn typed(status: u16, media_type: &str, body: String) -> HttpResponse {
    let headers = vec![("Content-Type", media_type.to_string())];
    HttpResponse { status, headers, body: Some(body) }
}

fn refused(error: &ScimError) -> HttpResponse {
    let mut response = answer(error.status, &json!({"status": error.status, "detail": error.detail}));
    response.headers.extend(error.allow.map(|allow| ("Allow", allow.to_string())));
    response.headers.extend(error.retry_after.map(|seconds| ("Retry-After", seconds.to_string())));
    response
}

impl Asked<'_> {
    /// A parameter of the query. Names and cursors hold nothing that a URL would have to escape.
    fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}
