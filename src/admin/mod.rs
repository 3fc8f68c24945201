//! The administration: customers and their credentials, as JSON under `/admin`. Guarded by the secret `ADMIN_TOKEN`.
//!
//! `route` finds by path and method what is asked for, `fields` reads bodies; `tenants`, `tokens`, `clients` and
//! `issuers` (OAuth), `signing_keys` and `transfer` (export, import) do it. Every request leaves its line in the log,
//! with the tenant and what was done.

mod clients;
mod fields;
mod issuers;
mod route;
mod signing_keys;
mod tenants;
mod tokens;
mod transfer;

use std::cell::RefCell;

use database::Failure;
use scim::{HttpResponse, ScimError, limits};
use serde_json::{Value, json};
use worker::Request;

use crate::address::Address;
use crate::http::{json as answer, typed};
use crate::log::Entry;
use crate::rate::{self, Door};
use crate::service::{Station, told};
use crate::{auth, http};
use route::{Action, Routed, route};

/// What an administrator asks for.
struct Asked<'a> {
    station: &'a Station<'a>,
    method: &'a str,
    /// Scheme and host, for Tenant URLs.
    origin: &'a str,
    query: &'a str,
    /// Ids of the credentials that the request has made or ended, for the log.
    credentials: RefCell<Vec<String>>,
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
    if !auth::is_administrator(station, authorization.as_deref(), &entry.correlation_id) {
        if let Err(error) = rate::failed(station, Door::Administration, entry).await {
            return refused(&error);
        }
        let (error, challenge) = auth::refusal(authorization.as_deref());
        return auth::challenged(refused(&error), challenge);
    }
    let (origin, query) = (address.origin.as_str(), address.query.as_str());
    let asked = Asked { station, method, origin, query, credentials: RefCell::default() };
    let answered = answered(request, &asked, entry, below).await;
    entry.credentials = asked.credentials.take();
    match answered {
        Ok(response) => response,
        Err(failure) => {
            let error = told(failure, &entry.correlation_id);
            entry.limited = error.limited.or(entry.limited);
            refused(&error)
        }
    }
}

async fn answered(
    request: &mut Request,
    asked: &Asked<'_>,
    entry: &mut Entry,
    below: &[&str],
) -> Result<HttpResponse, Failure> {
    entry.tenant =
        below.get(1).filter(|_| below.first() == Some(&"tenants")).map(|tenant| (*tenant).to_string());
    let Routed { action, ids, name } = route(below, asked.method)?;
    entry.operation = format!("admin {name}");
    let body = match (action, asked.method) {
        (Action::Import, _) => http::body(request, limits::IMPORT_BODY).await?,
        (_, "POST" | "PATCH") => http::body(request, limits::ADMIN_BODY).await?,
        _ => Vec::new(),
    };
    done(asked, entry, action, &ids, &body).await
}

async fn done(
    asked: &Asked<'_>,
    entry: &mut Entry,
    action: Action,
    ids: &[&str],
    body: &[u8],
) -> Result<HttpResponse, Failure> {
    match (action, ids) {
        (Action::ListTenants, _) => tenants::list(asked).await,
        (Action::CreateTenant, _) => tenants::create(asked, body, entry).await,
        (Action::ShowTenant, [id]) => tenants::show(asked, id).await,
        (Action::UpdateTenant, [id]) => tenants::update(asked, id, body).await,
        (Action::DeleteTenant, [id]) => tenants::delete(asked, id).await,
        (Action::Recount, [id]) => tenants::recount(asked, id).await,
        (Action::ListTokens, [id]) => tokens::list(asked, id).await,
        (Action::CreateToken, [id]) => tokens::create(asked, id, body).await,
        (Action::RevokeToken, [id, token]) => tokens::revoke(asked, id, token).await,
        (Action::RotateToken, [id, token]) => tokens::rotate(asked, id, token, body).await,
        (Action::ListClients, [id]) => clients::list(asked, id).await,
        (Action::CreateClient, [id]) => clients::create(asked, id, body).await,
        (Action::RevokeClient, [id, client]) => clients::revoke(asked, id, client).await,
        (Action::CreateSecret, [id, client]) => clients::create_secret(asked, id, client, body).await,
        (Action::RevokeSecret, [id, client, secret]) => {
            clients::revoke_secret(asked, id, client, secret).await
        }
        (Action::ListIssuers, [id]) => issuers::list(asked, id).await,
        (Action::CreateIssuer, [id]) => issuers::create(asked, id, body).await,
        (Action::RevokeIssuer, [id, issuer]) => issuers::revoke(asked, id, issuer).await,
        (Action::FetchIssuer, [id, issuer]) => issuers::fetch(asked, id, issuer).await,
        (Action::Export, [id]) => transfer::export(asked, id).await,
        (Action::Import, [id]) => transfer::import(asked, id, body, entry).await,
        (Action::ListSigningKeys, _) => signing_keys::list(asked).await,
        (Action::RotateSigningKeys, _) => signing_keys::rotate(asked).await,
        (Action::RevokeSigningKey, [key]) => signing_keys::revoke(asked, key).await,
        _ => Err(Failure::Misconfigured("a path of the administration has too few ids".to_string())),
    }
}

/// Adds the members of one JSON object to another.
fn extend(shown: &mut Value, more: Value) {
    if let (Value::Object(shown), Value::Object(more)) = (shown, more) {
        shown.extend(more);
    }
}

fn refused(error: &ScimError) -> HttpResponse {
    let mut response = answer(error.status, &json!({"status": error.status, "detail": error.detail}));
    response.headers.extend(error.headers());
    response
}

impl Asked<'_> {
    /// Notes for the log that the request has made or ended a credential. Its id is no secret, and is that of a row: never a
    /// text that the client has sent in place of one.
    fn note(&self, credential: &str) {
        self.credentials.borrow_mut().push(credential.to_string());
    }

    /// A parameter of the query. Names and cursors hold nothing that a URL would have to escape.
    fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}
