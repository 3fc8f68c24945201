//! The keys that sign this service's access tokens, derived from a salt in the database and a secret of the Worker.

use database::Failure;
use oauth::SigningKey;
use tenants::oauth::NewSigningKey;
use webhooks::Secret;
use worker::Env;

use super::worker_secret;
use crate::context::RequestContext;
use crate::ids;

/// The secret of the Worker that access tokens are signed with.
const SIGNING_SECRET: &str = "SIGNING_SECRET";

/// Returns the key of that id and salt, which signs or verifies this service's access tokens.
///
/// # Errors
/// [`Failure::misconfigured`] if the secret that it is derived from is not set, or too short.
pub fn signing_key(context: &RequestContext, id: &str, salt: &str) -> Result<SigningKey, Failure> {
    let secret = secret(context, "access tokens are neither issued nor accepted")?;
    SigningKey::derive(&secret, id, salt)
        .ok_or_else(|| Failure::misconfigured("the secret SIGNING_SECRET is empty"))
}

/// Returns whether access tokens can be issued: the secret that signs them is there.
pub fn can_sign(context: &RequestContext) -> bool {
    secret(context, "").is_ok()
}

/// Returns the secret that keys are derived from. `consequence` is what the operator reads if it cannot be used.
///
/// # Errors
/// [`Failure::misconfigured`] if it is not set, or too short.
pub(super) fn secret(context: &RequestContext, consequence: &str) -> Result<String, Failure> {
    let secret = worker_secret::value(&context.env, SIGNING_SECRET).trim().to_string();
    if secret.is_empty() {
        return Err(Failure::misconfigured(format!(
            "the secret SIGNING_SECRET is not set, so {consequence}"
        )));
    }
    if !worker_secret::is_long_enough(&secret, context.is_local()) {
        let short = worker_secret::too_short(SIGNING_SECRET);
        return Err(Failure::misconfigured(format!("{short}, and {consequence}")));
    }
    Ok(secret)
}

/// Returns the secret of an endpoint of webhooks, by its id and its salt.
///
/// # Errors
/// [`Failure::misconfigured`] if the secret that it is derived from is not set.
pub fn webhook_secret(env: &Env, endpoint: &str, salt: &str) -> Result<Secret, Failure> {
    let missing = || {
        Failure::misconfigured(
            "the secret SIGNING_SECRET is not set, so webhooks are not signed and not sent",
        )
    };
    Secret::derive(&worker_secret::value(env, SIGNING_SECRET), endpoint, salt).ok_or_else(missing)
}

/// Returns the secret of a new endpoint.
///
/// # Errors
/// [`Failure::misconfigured`] if the secret that it is derived from is not set, or too short.
pub fn new_webhook_secret(context: &RequestContext, endpoint: &str, salt: &str) -> Result<Secret, Failure> {
    secret(context, "webhooks are not signed and not sent")?;
    webhook_secret(&context.env, endpoint, salt)
}

/// Returns a new key, in case the one that signs has grown old.
///
/// # Errors
/// [`Failure::misconfigured`] if the runtime has no random numbers.
pub fn new_signing_key() -> Result<NewSigningKey, Failure> {
    let salt = ids::random()?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(NewSigningKey { id: ids::new_id(), salt })
}
