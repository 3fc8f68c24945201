//! The sign-in at the vendor's identity provider: the way there, and the way back.

use console::SignIn;
use database::Failure;
use scim::ScimError;
use tenants::console as entry;

use super::console_request::ConsoleRequest;
use super::{frame, render};
use crate::http::Response;
use crate::rate::{self, Door};
use crate::visitors::oidc::{self, Outcome};
use crate::visitors::{self, SESSION, STATE};

/// Where a sign-in begins: a link, since a browser holds the redirects of a form to `form-action`.
pub(super) const BEGIN: &str = "/console/sign-in/oidc";

/// Sends the browser to the provider.
///
/// # Errors
/// 404 if no provider is configured, 503 if it does not answer.
pub(super) async fn begin(asked: &ConsoleRequest<'_>) -> Result<Response, Failure> {
    asked.named("begin sign-in");
    asked.only("GET")?;
    let begun = oidc::begin(asked.context, redirect_uri(asked)).await?;
    let (address, cookie) = begun.ok_or_else(not_configured)?;
    Ok(render::see_other(&address).with("Set-Cookie", STATE.set(asked.origin(), &cookie)))
}

/// Lets the person in whom the provider has authenticated.
///
/// # Errors
/// 404 if no provider is configured, 503 if it does not answer, 429 if too many sign-ins of the client's address are refused.
pub(super) async fn finish(asked: &ConsoleRequest<'_>) -> Result<Response, Failure> {
    asked.named("end sign-in");
    asked.only("GET")?;
    let context = asked.context;
    rate::check(context, Door::Console)?;
    let cookie = STATE.read(asked.request, asked.origin());
    let outcome = oidc::finish(context, redirect_uri(asked), &asked.query(), cookie.as_deref()).await?;
    let answer = match outcome.ok_or_else(not_configured)? {
        Outcome::Refused(problem) => {
            rate::failed(context, Door::Console).await?;
            let (frame, oidc) = (frame::closed("Sign in", asked.context), Some(BEGIN.to_string()));
            render::page(403, &SignIn { frame, problem: Some(problem), oidc })?
        }
        Outcome::Entered(role, person) => {
            let (new, cookie) = visitors::new_session()?;
            let previous = visitors::session_of(asked.request, asked.origin());
            let session =
                entry::sign_in(context.accounts(), new, &role, &person.name, previous, context.now).await?;
            // The session that the browser had has ended.
            visitors::forget_sessions();
            let session = session.ok_or_else(|| Failure::corrupt("a new session is not there"))?;
            context.entry.note_credential(&session.id);
            render::see_other("/console").with("Set-Cookie", SESSION.set(asked.origin(), cookie.reveal()))
        }
    };
    Ok(answer.with("Set-Cookie", STATE.delete(asked.origin())))
}

fn redirect_uri(asked: &ConsoleRequest<'_>) -> String {
    format!("{}{BEGIN}/callback", asked.origin())
}

fn not_configured() -> Failure {
    ScimError::not_found("no identity provider is configured for the console").into()
}
