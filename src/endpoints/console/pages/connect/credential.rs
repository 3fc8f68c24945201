//! The page of one Secret Token, OAuth client or trusted issuer: rotating it, another secret, revoking it.

use ::tenants::oauth::{Client, Issuer};
use ::tenants::{Secret, Token};
use console::{Credential, CredentialKind, Made, MadeKind};
use database::Failure;
use scim::{Instant, ScimError};

use super::shown::{client_row, expires, issuer_row, made, token_row};
use crate::address::{tenant_url, token_url};
use crate::endpoints::console::pages::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::bounds::Bounds;
use crate::manage::clients;
use crate::manage::issuers;
use crate::manage::tokens::{self, OVERLAP_HOURS, RotateToken};

/// Answers the page of a credential, or a form of it.
///
/// # Errors
/// 404 if the tenant does not have the credential. Also if the database fails.
pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    let is_post = page.is_post();
    match below {
        ["tokens", id] if !is_post => token(page, id, None).await,
        ["tokens", id, "rotate"] if is_post => made(page, "rotate token", rotate(page, id).await).await,
        ["tokens", id, "revoke"] if is_post => {
            page.asked.named("revoke token");
            let known = find_token(page, id).await?;
            if let Some(refusal) = unsure(page, &known.name) {
                return token(page, id, Some(&refusal)).await;
            }
            tokens::revoke(page.asked.context, page.by(), page.tenant, id).await?;
            Ok(page.go_to(&format!("connect/tokens/{id}")))
        }
        ["clients", id] if !is_post => client(page, id, None).await,
        ["clients", id, "secrets"] if is_post => made(page, "make secret", secret(page, id).await).await,
        ["clients", id, "revoke"] if is_post => {
            page.asked.named("revoke client");
            let known = find_client(page, id).await?;
            if let Some(refusal) = unsure(page, &known.name) {
                return client(page, id, Some(&refusal)).await;
            }
            clients::revoke(page.asked.context, page.by(), page.tenant, id).await?;
            Ok(page.go_to(&format!("connect/clients/{id}")))
        }
        ["issuers", id] if !is_post => issuer(page, id, None).await,
        ["issuers", id, "revoke"] if is_post => {
            page.asked.named("revoke issuer");
            let known = find_issuer(page, id).await?;
            if let Some(refusal) = unsure(page, &known.name) {
                return issuer(page, id, Some(&refusal)).await;
            }
            issuers::revoke(page.asked.context, page.by(), page.tenant, id).await?;
            Ok(page.go_to(&format!("connect/issuers/{id}")))
        }
        _ => Err(no_page()),
    }
}

/// Returns the refusal of a form in which the name was not entered to be sure.
fn unsure(page: &Page<'_>, name: &str) -> Option<ScimError> {
    let is_sure = page.field("confirm") == Some(name.trim());
    (!is_sure).then(|| ScimError::new(400, "another name was entered, so nothing was revoked"))
}

async fn rotate(page: &Page<'_>, id: &str) -> Result<Made, Failure> {
    let hours = page.field("overlap_hours").map(|text| {
        let Bounds { least, most } = OVERLAP_HOURS;
        let refused = || format!("the overlap is a number of hours from {least} to {most}");
        OVERLAP_HOURS.parse(text).ok_or_else(|| ScimError::new(400, refused()))
    });
    let overlap_hours = hours.transpose()?;
    let rotate = RotateToken { name: None, expires: expires(page)?, overlap_hours };
    let issued = tokens::rotate(page.asked.context, page.by(), page.tenant, id, rotate).await?;
    Ok(Made {
        kind: MadeKind::Token,
        values: vec![("Secret Token".to_string(), issued.secret.reveal().to_string())],
        expires: issued.token.expires.map(|at| at.0),
        old_until: issued.old_until.map(|at| at.0),
    })
}

async fn secret(page: &Page<'_>, id: &str) -> Result<Made, Failure> {
    let issued =
        clients::create_secret(page.asked.context, page.by(), page.tenant, id, expires(page)?).await?;
    Ok(client_made(page, id, &issued.secret, Some(issued.made.expires)))
}

/// Returns what is entered in the identity provider for a client.
pub(super) fn client_made(page: &Page<'_>, id: &str, secret: &Secret, expires: Option<Instant>) -> Made {
    let origin = page.asked.origin();
    let value = |label: &str, value: String| (label.to_string(), value);
    Made {
        kind: MadeKind::Client,
        values: vec![
            value("Tenant URL", tenant_url(origin, page.tenant)),
            value("Token endpoint", token_url(origin, page.tenant)),
            value("Client identifier", id.to_string()),
            value("Client secret", secret.reveal().to_string()),
        ],
        expires: expires.map(|at| at.0),
        old_until: None,
    }
}

async fn find_token(page: &Page<'_>, id: &str) -> Result<Token, Failure> {
    let mut tokens = tokens::list(page.asked.context, page.tenant).await?.into_iter();
    tokens.find(|token| token.id == id).ok_or_else(no_page)
}

async fn token(page: &Page<'_>, id: &str, refusal: Option<&ScimError>) -> Result<Response, Failure> {
    page.asked.named("token");
    let token = find_token(page, id).await?;
    let (row, now) = (token_row(&token), page.asked.context.now);
    let is_in_force = token.is_in_force(now);
    let shown = Credential {
        frame: page.frame(&token.name, "connect"),
        kind: CredentialKind::Token,
        id: token.id,
        name: token.name,
        state: row.state(now.0),
        facts: vec![("Scopes".to_string(), token.scopes.names().join(", "))],
        created: row.created,
        expires: row.expires,
        last_used: row.last_used,
        is_in_force,
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown)
}

async fn find_client(page: &Page<'_>, id: &str) -> Result<Client, Failure> {
    let mut clients = clients::list(page.asked.context, page.tenant).await?.into_iter();
    clients.find(|client| client.id == id).ok_or_else(no_page)
}

async fn client(page: &Page<'_>, id: &str, refusal: Option<&ScimError>) -> Result<Response, Failure> {
    page.asked.named("client");
    let client = find_client(page, id).await?;
    let now = page.asked.context.now;
    let row = client_row(&client, now);
    let secrets = client.secrets.iter().filter(|one| one.is_in_force(now));
    let fact = |label: &str, value: String| (label.to_string(), value);
    let shown = Credential {
        frame: page.frame(&client.name, "connect"),
        kind: CredentialKind::Client,
        id: client.id.clone(),
        state: row.state(now.0),
        facts: vec![
            fact("Scopes", client.scopes.names().join(", ")),
            fact("Secrets in force", secrets.count().to_string()),
            fact("Seconds of an access token", client.token_seconds.to_string()),
        ],
        created: row.created,
        expires: row.expires,
        last_used: row.last_used,
        is_in_force: client.revoked.is_none(),
        name: client.name,
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown)
}

async fn find_issuer(page: &Page<'_>, id: &str) -> Result<Issuer, Failure> {
    let mut issuers = issuers::list(page.asked.context, page.tenant).await?.into_iter();
    issuers.find(|issuer| issuer.id == id).ok_or_else(no_page)
}

async fn issuer(page: &Page<'_>, id: &str, refusal: Option<&ScimError>) -> Result<Response, Failure> {
    page.asked.named("issuer");
    let issuer = find_issuer(page, id).await?;
    let row = issuer_row(&issuer);
    let known = |label: &str, value: Option<String>| value.map(|value| (label.to_string(), value));
    let facts = [
        known("Issuer", Some(issuer.trust.issuers.join(", "))),
        known("Audience", Some(issuer.trust.audiences.join(", "))),
        known("Directory", issuer.trust.directory),
        known("Subject", issuer.trust.subject.or(Some("any".to_string()))),
        known("Client", issuer.client),
        known("Keys", Some(issuer.jwks_uri)),
    ];
    let shown = Credential {
        frame: page.frame(&row.name, "connect"),
        kind: CredentialKind::Issuer,
        state: row.state(page.asked.context.now.0),
        facts: facts.into_iter().flatten().collect(),
        created: row.created,
        expires: None,
        last_used: row.last_used,
        is_in_force: row.revoked.is_none(),
        id: row.id,
        name: row.name,
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown)
}
