//! The pages before the sign-in: the ways in, the button of a link, and the way out.

use console::{Redeem, SignIn};
use database::Failure;
use scim::ScimError;
use tenants::console::{self as entry, LinkOffer};
use tenants::{Hash, Secret};

use super::console_request::ConsoleRequest;
use super::oidc::BEGIN;
use super::{frame, render};
use crate::http::Response;
use crate::rate::{self, Door};
use crate::visitors::{self, SESSION, Visitor};

/// Where Cloudflare Access ends its own session.
const LEAVE_ACCESS: &str = "/cdn-cgi/access/logout";

/// Answers with the ways in.
///
/// # Errors
/// 405 for a method other than GET.
pub(super) fn sign_in(asked: &ConsoleRequest<'_>) -> Result<Response, Failure> {
    asked.named("sign-in");
    asked.only("GET")?;
    let oidc = visitors::oidc::is_configured(&asked.context.env).then(|| BEGIN.to_string());
    render::page(200, &SignIn { frame: frame::closed("Sign in", asked.context), problem: None, oidc })
}

/// Answers a link: GET shows what it opens and a button, since mail scanners and previews open links too; POST redeems it.
///
/// The code stands in the query, which neither this Worker nor Cloudflare writes into a log (wrangler.toml). The form needs no token: it has
/// no session to be bound to, and the code itself is what no other site knows.
///
/// # Errors
/// 404 if the link does not work, 403 if another site has sent the form, 429 if the client has sent too many wrong codes.
pub(super) async fn enter(asked: &ConsoleRequest<'_>) -> Result<Response, Failure> {
    asked.named(if asked.method == "POST" { "redeem link" } else { "open link" });
    asked.only("GET, POST")?;
    let form = match asked.method {
        "POST" => asked.form().await?,
        _ => asked.query(),
    };
    rate::check(asked.context, Door::Console)?;
    let code = form.get("code").and_then(Secret::parse_of_link);
    let answer = match code {
        Some(code) if asked.method == "POST" => redeem(asked, &code).await?,
        Some(code) => show(asked, code.reveal(), code.hash()).await?,
        None => None,
    };
    match answer {
        Some(answer) => Ok(answer),
        None => {
            rate::failed(asked.context, Door::Console).await?;
            Err(ScimError::not_found(
                "this link does not work: it was used already, has expired, or was revoked; ask for a new one",
            )
            .into())
        }
    }
}

async fn show(asked: &ConsoleRequest<'_>, code: &str, hash: Hash) -> Result<Option<Response>, Failure> {
    let offer = entry::offer(asked.context.accounts(), hash, asked.context.now).await?;
    let Some(LinkOffer { tenant, .. }) = offer else { return Ok(None) };
    let action = "/console/enter".to_string();
    let redeem =
        Redeem { frame: frame::closed("Sign in", asked.context), tenant, action, code: code.to_string() };
    render::page(200, &redeem).map(Some)
}

async fn redeem(asked: &ConsoleRequest<'_>, code: &Secret) -> Result<Option<Response>, Failure> {
    let context = asked.context;
    let (new, cookie) = visitors::new_session()?;
    let previous = visitors::session_of(asked.request, asked.origin());
    let session = entry::redeem(context.accounts(), code.hash(), new, previous, context.now).await?;
    // The session that the browser had has ended.
    visitors::forget_sessions();
    let Some(session) = session else { return Ok(None) };
    context.entry.note_credential(&session.id);
    context.entry.note(|facts| facts.tenant = session.role.tenant().map(str::to_string));
    let cookie = SESSION.set(asked.origin(), cookie.reveal());
    Ok(Some(render::see_other("/console").with("Set-Cookie", cookie)))
}

/// Ends the session of the browser.
///
/// # Errors
/// 405 for a method other than POST.
pub(super) async fn sign_out(asked: &ConsoleRequest<'_>, visitor: &Visitor) -> Result<Response, Failure> {
    asked.named("sign-out");
    asked.only("POST")?;
    if let Some(cookie) = visitors::session_of(asked.request, asked.origin()) {
        entry::end(asked.context.accounts(), cookie, asked.context.now).await?;
        visitors::forget_sessions();
    }
    let answer = render::see_other(if visitor.is_by_access { LEAVE_ACCESS } else { "/console/sign-in" });
    Ok(answer.with("Set-Cookie", SESSION.delete(asked.origin())))
}
