//! The token endpoint (RFC 6749 s4.4): client credentials in, an access token for the tenant's SCIM service out.
//!
//! What lives here: the answer to such a request. What does not: how it is read (`oauth::TokenRequest`), and what an
//! assertion is worth (`auth`).

use database::Failure;
use oauth::{AccessToken, Authentication, ErrorCode, TokenError, TokenRequest};
use scim::{HttpResponse, ScimError, limits};
use serde_json::{Value, json};
use tenants::oauth::{self as clients, NewSigningKey, Proven};
use tenants::{Cached, Hash, Secret};
use worker::Request;

use crate::auth::{self, memory};
use crate::log::Entry;
use crate::rate::{self, Door};
use crate::service::{Station, told};
use crate::{http, ids};

/// Who the client is, and the id and the salt of the key for its token.
type Proof = (Proven, (String, String));

/// Why there is no token.
enum Refusal {
    /// The client is told in OAuth's words.
    Request(TokenError),
    /// Something else went wrong.
    Failed(Failure),
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Refusal::Request(error)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal::Failed(failure)
    }
}

/// Answers a token request, whatever becomes of it.
pub async fn answer(
    request: &mut Request,
    station: &Station<'_>,
    entry: &mut Entry,
    method: &str,
    tenant: &str,
) -> HttpResponse {
    let door = Door::Tenant(tenant);
    let given = match rate::check(station, door, entry) {
        Ok(()) => match authenticate(request, station, entry, method, tenant).await {
            Ok(proof) => issue(station, entry, tenant, proof).await,
            // Whatever is wrong with it, it has proven nothing.
            Err(refusal) => Err(match rate::failed(station, door, entry).await {
                Ok(()) => refusal,
                Err(error) => Failure::from(error).into(),
            }),
        },
        Err(error) => Err(Failure::from(error).into()),
    };
    match given {
        Ok(token) => uncached(200, &token),
        Err(Refusal::Request(error)) => refused(&error, None),
        Err(Refusal::Failed(failure)) => {
            let error = told(failure, &entry.correlation_id);
            refused(&in_oauth(&error), Some(&error))
        }
    }
}

async fn authenticate(
    request: &mut Request,
    station: &Station<'_>,
    entry: &Entry,
    method: &str,
    tenant: &str,
) -> Result<Proof, Refusal> {
    if method != "POST" {
        return Err(Failure::from(ScimError::method_not_allowed(method, "POST")).into());
    }
    let (content_type, authorization) =
        (http::header(request, "Content-Type"), http::header(request, "Authorization"));
    let body = http::body(request, limits::TOKEN_BODY).await.map_err(Failure::from)?;
    let request = TokenRequest::parse(content_type.as_deref(), authorization.as_deref(), &body)?;
    let hash = sent(tenant, &request.authentication);
    let proven = match memory::recall(hash, station.now) {
        Cached::Invalid => None,
        _ => prove(station, entry, tenant, request.authentication).await?,
    };
    if proven.is_none() {
        memory::keep(hash, None, station.now);
    }
    Ok(proven.ok_or_else(|| TokenError::invalid_client("the client's credentials are not valid"))?)
}

/// What is remembered where it proves nothing, so that it is looked up once in a while however often it is sent.
fn sent(tenant: &str, authentication: &Authentication) -> Hash {
    match authentication {
        Authentication::Secret { client, secret } => memory::of_proof(tenant, client, secret),
        Authentication::Assertion { client, assertion } => {
            memory::of_proof(tenant, client.as_deref().unwrap_or_default(), assertion)
        }
    }
}

async fn issue(
    station: &Station<'_>,
    entry: &mut Entry,
    tenant: &str,
    (proven, (key, salt)): Proof,
) -> Result<Value, Refusal> {
    rate::tenant(station, tenant, entry).await.map_err(Failure::from)?;
    let issued = station.now.0.div_euclid(1_000);
    let token = AccessToken {
        id: ids::new_id(),
        tenant: tenant.to_string(),
        client: proven.client,
        credential: proven.credential,
        issued,
        expires: issued.saturating_add(proven.token_seconds),
    };
    let token = token.sign(&auth::signing_key(station.env, station.is_local, &key, &salt)?);
    let token = token.ok_or_else(|| Failure::Misconfigured("the token could not be signed".to_string()))?;
    // RFC 6749 s3.3: another scope than the client has asked for is named. There is one.
    Ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": proven.token_seconds,
        "scope": "scim",
    }))
}

/// Finds out who the client is. None where it proves nothing.
async fn prove(
    station: &Station<'_>,
    entry: &Entry,
    tenant: &str,
    authentication: Authentication,
) -> Result<Option<Proof>, Failure> {
    let Station { database, now, .. } = *station;
    match authentication {
        Authentication::Secret { client, secret } => {
            let Some(secret) = Secret::parse_of_client(&secret) else { return Ok(None) };
            clients::prove(database, tenant, &client, &secret, new_signing_key()?, now).await
        }
        Authentication::Assertion { client, assertion } => {
            let asking = station.asking(&entry.correlation_id);
            let trusted = auth::asserted(&asking, tenant, client.as_deref(), &assertion).await?;
            let Some(trusted) = trusted else { return Ok(None) };
            let (Some(client), Some(token_seconds)) = (trusted.issuer.client, trusted.token_seconds) else {
                return Ok(None);
            };
            clients::note_use(database, &trusted.issuer.id, now).await?;
            let key = clients::current_key(database, new_signing_key()?, now).await?;
            Ok(Some((Proven { client, credential: trusted.issuer.id, token_seconds }, key)))
        }
    }
}

/// A key to be, should the one that signs have grown old.
pub fn new_signing_key() -> Result<NewSigningKey, Failure> {
    let salt = ids::random()?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(NewSigningKey { id: ids::new_id(), salt })
}

fn in_oauth(error: &ScimError) -> TokenError {
    let code = match error.status {
        429 | 503 => ErrorCode::TemporarilyUnavailable,
        500.. => ErrorCode::ServerError,
        _ => ErrorCode::InvalidRequest,
    };
    TokenError { status: error.status, code, description: error.detail.clone().into() }
}

fn refused(error: &TokenError, cause: Option<&ScimError>) -> HttpResponse {
    let mut response = uncached(error.status, &error.to_json());
    // RFC 9110 s11.6.1: a 401 names a way to do better.
    if error.status == 401 {
        response.headers.push(("WWW-Authenticate", "Basic realm=\"scim\"".to_string()));
    }
    response.headers.extend(cause.into_iter().flat_map(ScimError::headers));
    response
}

/// RFC 6749 s5.1: nothing on the way may keep it. `service` says so to newer caches, of every answer.
fn uncached(status: u16, body: &Value) -> HttpResponse {
    let mut response = http::json(status, body);
    response.headers.push(("Pragma", "no-cache".to_string()));
    response
}
