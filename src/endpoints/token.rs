//! The token endpoint (RFC 6749 s4.4): client credentials in, an access token for the tenant's SCIM service out.
//!
//! What lives here: the response to such a request. What does not: how it is parsed (`oauth::TokenRequest`), and
//! whether an assertion is valid (`auth`).

use database::Failure;
use oauth::{AccessToken, Authentication, ErrorCode, Scopes, TokenError, TokenRequest};
use scim::{ScimError, limits};
use serde_json::{Value, json};
use tenants::oauth::{self as clients, AuthenticatedClient};
use tenants::{Hash, Secret};
use web_sys::Request;

use crate::auth::{self, Cached, cache};
use crate::client_error::client_error;
use crate::context::RequestContext;
use crate::http::{self, Response};
use crate::ids;
use crate::rate::{self, Door};

/// The client, and the id and the salt of the key for its token.
type Proof = (AuthenticatedClient, (String, String));

/// What an authenticated client gets a token for.
struct Order {
    proof: Proof,
    /// `scope` as it was sent.
    scope: Option<String>,
}

/// Why no token is issued.
enum Refusal {
    /// What the client reads, as an OAuth error.
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

/// Answers a token request, also if it fails.
pub async fn handle(request: &Request, context: &RequestContext, method: &str, tenant: &str) -> Response {
    let door = Door::Tenant(tenant);
    let given = match rate::check(context, door) {
        Ok(()) => match authenticate(request, context, method, tenant).await {
            Ok(order) => issue_token(context, tenant, order).await,
            // Whatever is wrong with the request, the client has not authenticated.
            Err(refusal) => Err(match rate::failed(context, door).await {
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
            let error = client_error(failure, &context.entry);
            refused(&in_oauth(&error), Some(&error))
        }
    }
}

async fn authenticate(
    request: &Request,
    context: &RequestContext,
    method: &str,
    tenant: &str,
) -> Result<Order, Refusal> {
    if method != "POST" {
        return Err(Failure::from(ScimError::method_not_allowed(method, "POST")).into());
    }
    let (content_type, authorization) =
        (http::header(request, "Content-Type"), http::header(request, "Authorization"));
    let body = http::body(request, limits::TOKEN_BODY).await.map_err(Failure::from)?;
    let request = TokenRequest::parse(content_type.as_deref(), authorization.as_deref(), &body)?;
    let hash = sent(tenant, &request.authentication);
    let proven = match cache::get(hash, context.now) {
        Cached::Invalid => None,
        _ => prove(context, tenant, request.authentication).await?,
    };
    if proven.is_none() {
        cache::insert(hash, None, context.now);
    }
    let invalid = || TokenError::invalid_client("the client's credentials are not valid");
    Ok(Order { proof: proven.ok_or_else(invalid)?, scope: request.scope })
}

/// Returns the key under which a failed authentication is remembered, so that it is looked up only once in a while
/// however often it is sent.
fn sent(tenant: &str, authentication: &Authentication) -> Hash {
    match authentication {
        Authentication::Secret { client, secret } => cache::of_proof(tenant, client, secret),
        Authentication::Assertion { client, assertion } => {
            cache::of_proof(tenant, client.as_deref().unwrap_or_default(), assertion)
        }
    }
}

async fn issue_token(
    context: &RequestContext,
    tenant: &str,
    Order { proof: (proven, (key, salt)), scope }: Order,
) -> Result<Value, Refusal> {
    context.entry.note(|facts| facts.client = Some(proven.credential.clone()));
    rate::tenant(context, tenant).await.map_err(Failure::from)?;
    let scopes = proven.scopes.grant(scope.as_deref())?;
    let issued = context.now.0.div_euclid(1_000);
    let token = AccessToken {
        id: ids::new_id(),
        tenant: tenant.to_string(),
        client: proven.client,
        credential: proven.credential,
        scopes: narrower(scopes, proven.scopes),
        issued,
        expires: issued.saturating_add(proven.token_seconds),
    };
    let token = token.sign(&auth::signing_key(context, &key, &salt)?);
    let token = token.ok_or_else(|| Failure::misconfigured("the token could not be signed"))?;
    // RFC 6749 s3.3: "If the issued access token scope is different from the one requested by the client, the authorization server
    // MUST include the "scope" response parameter".
    Ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": proven.token_seconds,
        "scope": scopes.to_string(),
    }))
}

/// Returns the scopes that the token must name: none if it may do what its client may.
fn narrower(granted: Scopes, of_client: Scopes) -> Option<Scopes> {
    (granted != of_client).then_some(granted)
}

/// Authenticates the client. None if its credentials are not valid.
async fn prove(
    context: &RequestContext,
    tenant: &str,
    authentication: Authentication,
) -> Result<Option<Proof>, Failure> {
    let (database, now) = (context.accounts(), context.now);
    match authentication {
        Authentication::Secret { client, secret } => {
            let Some(secret) = Secret::parse_of_client(&secret) else { return Ok(None) };
            clients::prove(database, tenant, &client, &secret, auth::new_signing_key()?, now).await
        }
        Authentication::Assertion { client, assertion } => {
            let trusted = auth::verify_assertion(context, tenant, client.as_deref(), &assertion).await?;
            let Some(trusted) = trusted else { return Ok(None) };
            let (Some(client), Some(token_seconds)) = (trusted.issuer.client, trusted.token_seconds) else {
                return Ok(None);
            };
            clients::note_use(database, &trusted.issuer.id, now).await?;
            let key = clients::current_key(database, auth::new_signing_key()?, now).await?;
            let (credential, scopes) = (trusted.issuer.id, trusted.scopes);
            Ok(Some((AuthenticatedClient { client, credential, scopes, token_seconds }, key)))
        }
    }
}

fn in_oauth(error: &ScimError) -> TokenError {
    let code = match error.status {
        429 | 503 => ErrorCode::TemporarilyUnavailable,
        500.. => ErrorCode::ServerError,
        _ => ErrorCode::InvalidRequest,
    };
    TokenError { status: error.status, code, description: error.detail.clone().into() }
}

fn refused(error: &TokenError, cause: Option<&ScimError>) -> Response {
    let response = uncached(error.status, &error.to_json());
    let response = response.with_all(cause.into_iter().flat_map(ScimError::headers));
    // RFC 9110 s11.6.1: a 401 must name a way to authenticate.
    if error.status == 401 { response.with("WWW-Authenticate", "Basic realm=\"scim\"") } else { response }
}

/// Returns a response that caches must not store. RFC 6749 s5.1: "The authorization server MUST include the HTTP
/// "Cache-Control" response header field with a value of "no-store" [..] as well as the "Pragma" response header
/// field with a value of "no-cache"". Every response has the first.
fn uncached(status: u16, body: &Value) -> Response {
    Response::json(status, body).with("Pragma", "no-cache")
}
