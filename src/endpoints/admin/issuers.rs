//! Issuers that a tenant trusts, as JSON; `manage::issuers` does the work.

use database::Failure;
use scim::{Instant, ScimError};
use serde_json::{Value, json};
use tenants::oauth::Issuer;

use super::fields::Fields;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::issuers::{self, IssuerSource, TrustIssuer};

/// The warning about an issuer that is trusted without a subject.
const OPEN: &str = "no subject is demanded, so too many applications can get a token that is accepted: trust the issuer again with a subject, \
    then revoke this one";

pub(super) async fn list(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let issuers = issuers::list(request.context, tenant).await?;
    let shown: Vec<Value> = issuers.iter().map(show_one).collect();
    Ok(Response::json(200, &json!({"issuers": shown})))
}

pub(super) async fn create(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let known = ["name", "entraTenant", "issuer", "jwksUri", "audience", "directory", "subject", "clientId"];
    let fields = Fields::read(body, &known)?;
    let trust = TrustIssuer {
        audience: fields.identifier("audience")?,
        subject: fields.identifier("subject")?,
        source: source(&fields)?,
        client: fields.text("clientId")?,
        name: fields.name("name")?,
    };
    Ok(Response::json(
        201,
        &show_one(&issuers::create(request.context, By::ADMINISTRATOR, tenant, trust).await?),
    ))
}

pub(super) async fn fetch(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(&issuers::fetch_keys(request.context, tenant, id).await?)))
}

pub(super) async fn revoke(request: &AdminRequest<'_>, tenant: &str, id: &str) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &show_one(&issuers::revoke(request.context, By::ADMINISTRATOR, tenant, id).await?),
    ))
}

/// Parses who the issuer is.
fn source(fields: &Fields) -> Result<IssuerSource, ScimError> {
    let (issuer, jwks_uri) = (fields.identifier("issuer")?, fields.identifier("jwksUri")?);
    let directory = fields.identifier("directory")?;
    if let Some(entra) = fields.identifier("entraTenant")? {
        if issuer.is_some() || jwks_uri.is_some() || directory.is_some() {
            return Err(refused("`entraTenant` stands for `issuer`, `jwksUri` and `directory`"));
        }
        return Ok(IssuerSource::Entra { directory: entra });
    }
    let missing = |name: &str| refused(&format!("`{name}` is missing, or `entraTenant` in its place"));
    let issuer = issuer.ok_or_else(|| missing("issuer"))?;
    let jwks_uri = jwks_uri.ok_or_else(|| missing("jwksUri"))?;
    Ok(IssuerSource::Other { issuer, jwks_uri, directory })
}

/// Returns an issuer as it is shown. `warning` is about issuers that were trusted before a subject was demanded;
/// their tokens are still accepted, since a customer's provisioning would stop otherwise.
fn show_one(issuer: &Issuer) -> Value {
    let is_unsafe = issuer.revoked.is_none() && issuer.trust.lacks_subject();
    json!({
        "id": issuer.id,
        "name": issuer.name,
        "clientId": issuer.client,
        "issuers": issuer.trust.issuers,
        "audiences": issuer.trust.audiences,
        "directory": issuer.trust.directory,
        "subject": issuer.trust.subject,
        "jwksUri": issuer.jwks_uri,
        "keysFetched": issuer.fetched.to_rfc3339(),
        "created": issuer.created.to_rfc3339(),
        "lastUsed": issuer.last_used.map(Instant::to_rfc3339),
        "revoked": issuer.revoked.map(Instant::to_rfc3339),
        "warning": is_unsafe.then_some(OPEN),
    })
}

fn refused(detail: &str) -> ScimError {
    ScimError::new(400, detail)
}
