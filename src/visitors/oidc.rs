//! Vendor's staff by way of the vendor's identity provider (OpenID Connect Core 1.0), which the variables `OIDC_ISSUER` and
//! `OIDC_CLIENT_ID` and the secret `OIDC_CLIENT_SECRET` name. The rules of the protocol are those of `oauth::oidc`.

use database::Failure;
use oauth::oidc::{Attempt, Client, Identity, Provider, discovery_address, verify_claims};
use oauth::{Form, JWKS_BYTES, Jwt};
use serde_json::Value;
use tenants::console::Role;
use worker::Env;

use super::published::{self, unavailable};
use super::settings::{checked, role_of, variable};
use crate::context::RequestContext;
use crate::{http, ids, log};

/// What the operator has configured.
struct Settings {
    issuer: String,
    client: String,
    secret: Option<String>,
    redirect_uri: String,
}

impl Settings {
    /// Reads the variables. None if they are not set.
    ///
    /// # Errors
    /// [`Failure::misconfigured`] if the issuer is not an https address.
    fn read(context: &RequestContext, redirect_uri: String) -> Result<Option<Settings>, Failure> {
        let Some((issuer, client)) = issuer_and_client(&context.env) else { return Ok(None) };
        let issuer = checked(context, "OIDC_ISSUER", issuer)?;
        let secret = context.env.secret("OIDC_CLIENT_SECRET").map(|secret| secret.to_string());
        let secret = secret.ok().map(|secret| secret.trim().to_string()).filter(|secret| !secret.is_empty());
        Ok(Some(Settings { issuer, client, secret, redirect_uri }))
    }

    fn client(&self) -> Client<'_> {
        Client { id: &self.client, secret: self.secret.as_deref(), redirect_uri: &self.redirect_uri }
    }

    /// Returns what the provider publishes.
    ///
    /// # Errors
    /// 503 if it does not answer, or not with what it must publish.
    async fn provider(&self, context: &RequestContext) -> Result<Provider, Failure> {
        let address = discovery_address(&self.issuer);
        let text = published::text(context, &address, |_| true).await?;
        let provider = Provider::parse(&text, &self.issuer).map_err(|reason| {
            log::error(&format!("{address} cannot be used: {reason}"), context.correlation_id());
            unavailable()
        })?;
        for endpoint in [&provider.authorization_endpoint, &provider.token_endpoint, &provider.jwks_uri] {
            checked(context, "OIDC_ISSUER", endpoint.clone())?;
        }
        Ok(provider)
    }
}

/// What comes of a sign-in.
pub enum Outcome {
    /// The person may enter.
    Entered(Role, Identity),
    /// The person may not, for this reason.
    Refused(String),
}

/// Returns whether the vendor's staff can sign in at an identity provider.
pub fn is_configured(env: &Env) -> bool {
    issuer_and_client(env).is_some()
}

/// Begins a sign-in. Returns where the browser goes, and the text of the cookie by which it comes back; None if no provider is configured.
///
/// # Errors
/// 503 if the provider does not answer.
pub async fn begin(
    context: &RequestContext,
    redirect_uri: String,
) -> Result<Option<(String, String)>, Failure> {
    let Some(settings) = Settings::read(context, redirect_uri)? else { return Ok(None) };
    let provider = settings.provider(context).await?;
    let attempt = Attempt::new(&[ids::random()?, ids::random()?, ids::random()?]);
    Ok(Some((attempt.address(&provider, &settings.client()), attempt.to_text())))
}

/// Ends a sign-in with the answer that the browser brings from the provider, and the text of its cookie.
///
/// # Errors
/// 503 if the provider does not answer.
pub async fn finish(
    context: &RequestContext,
    redirect_uri: String,
    answer: &Form,
    cookie: Option<&str>,
) -> Result<Option<Outcome>, Failure> {
    let Some(settings) = Settings::read(context, redirect_uri)? else { return Ok(None) };
    let refused = |reason: &str| Ok(Some(Outcome::Refused(reason.to_string())));
    let Some(attempt) = cookie.and_then(Attempt::parse) else {
        return refused("the sign-in took too long, or began in another browser");
    };
    let provider = settings.provider(context).await?;
    let code = match attempt.code(answer, &provider) {
        Ok(code) => code,
        Err(reason) => return refused(reason),
    };
    match identity(context, &settings, &provider, &attempt, code).await? {
        Ok(person) => Ok(Some(judged(context, person))),
        Err(reason) => {
            log::warn(&format!("a sign-in to the console is refused: {reason}"), context.correlation_id());
            refused(
                "the identity provider's answer could not be verified; the operator finds the reason in the log",
            )
        }
    }
}

fn issuer_and_client(env: &Env) -> Option<(String, String)> {
    variable(env, "OIDC_ISSUER").zip(variable(env, "OIDC_CLIENT_ID"))
}

fn judged(context: &RequestContext, person: Identity) -> Outcome {
    match role_of(&context.env, &person) {
        Some(role) => Outcome::Entered(role, person),
        None => Outcome::Refused(format!(
            "{} may not enter: neither CONSOLE_ADMINS nor CONSOLE_VIEWERS names the verified e-mail address or a group of that person",
            person.name
        )),
    }
}

/// Exchanges the code, and returns the person of the ID token, or why it is refused.
async fn identity(
    context: &RequestContext,
    settings: &Settings,
    provider: &Provider,
    attempt: &Attempt,
    code: &str,
) -> Result<Result<Identity, String>, Failure> {
    let (form, authorization) = attempt.exchange(code, provider, &settings.client());
    let headers: Vec<(&str, &str)> =
        authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
    let answer = match http::post_form(&provider.token_endpoint, &headers, &form, JWKS_BYTES).await {
        Ok(answer) => answer,
        Err(reason) => return Ok(Err(format!("the code was not exchanged: {reason}"))),
    };
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let token = answer.get("id_token").and_then(Value::as_str);
    let Some(jwt) = token.and_then(Jwt::parse) else { return Ok(Err("there is no ID token".to_string())) };
    let checked = verify_claims(&jwt, &provider.issuer, &settings.client, attempt.nonce(), context.now.0);
    match checked {
        Ok(_) if !published::has_signed(context, &provider.jwks_uri, &jwt).await? => {
            Ok(Err("the signature of the ID token is not of a key of the issuer".to_string()))
        }
        checked => Ok(checked),
    }
}
