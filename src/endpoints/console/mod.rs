//! The console: pages under `/console` for the vendor's staff and for the administrators of customers.
//!
//! What lives here: which page an address is, who may send a form, and the headers of every page. What does not: what pages look like (the crate
//! `console`), who a visitor is (`visitors`), and what pages show and change (`manage`). `entry` and `oidc` have the pages before the sign-in,
//! `pages` those after it, `assets` the sheet and the script, `frame` what surrounds a page.

mod assets;
mod console_request;
mod entry;
mod frame;
mod oidc;
mod pages;
mod render;

use database::Failure;
use futures_util::future::try_join;
use oauth::Form;
use web_sys::Request;

use crate::address::Address;
use crate::client_error::client_error;
use crate::context::RequestContext;
use crate::http::Response;
use crate::manage::names;
use crate::visitors::{self, SESSION, Visitor};
use console_request::ConsoleRequest;

/// What a page may load, send and be shown in: its own host alone, no script and no style within a page, and no frame around it.
const CONTENT_SECURITY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers a request to the console, also if it fails.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    below: &[&str],
    address: &Address,
) -> Response {
    context.gather_reads();
    let asked = ConsoleRequest { request, context, method, address };
    let page = dispatch(&asked, below).await;
    let page =
        page.unwrap_or_else(|failure| render::refused(&client_error(failure, &context.entry), context));
    with_page_headers(page)
}

/// Hands the request to what needs no sign-in, and everything else to the pages of the person who has signed in.
async fn dispatch(asked: &ConsoleRequest<'_>, below: &[&str]) -> Result<Response, Failure> {
    match below {
        ["assets", name] => assets::serve(asked, name),
        ["sign-in"] => entry::sign_in(asked),
        ["sign-in", "oidc"] => oidc::begin(asked).await,
        ["sign-in", "oidc", "callback"] => oidc::finish(asked).await,
        ["enter"] => entry::enter(asked).await,
        _ => {
            let is_change = asked.method != "GET";
            let visitor = visitors::visitor(asked.request, asked.context, asked.origin(), is_change);
            let (visitor, ()) = try_join(visitor, learn_name(asked, below)).await?;
            let Some(visitor) = visitor else { return Ok(sent_to_sign_in(asked)) };
            let form = authorized_form(asked, &visitor).await?;
            match below {
                ["sign-out"] => entry::sign_out(asked, &visitor).await,
                _ => pages::handle(asked, below, &visitor, &form).await,
            }
        }
    }
}

/// Reads the name of the tenant that a page is of beside the session, so that both are one call of the database; which person may see it is
/// decided by the page. Without a cookie of a session nothing is read: a stranger costs no call.
async fn learn_name(asked: &ConsoleRequest<'_>, below: &[&str]) -> Result<(), Failure> {
    let tenant = below.first().filter(|_| visitors::session_of(asked.request, asked.origin()).is_some());
    let Some(tenant) = tenant else { return Ok(()) };
    match names::name(asked.context, tenant).await {
        Ok(_) => Ok(()),
        Err(failure) => failure.into_refusal().map(drop),
    }
}

/// Reads the form of a request that may change something; one of GET is empty.
///
/// # Errors
/// 403 if another site has sent it, or it belongs to another session.
async fn authorized_form(asked: &ConsoleRequest<'_>, visitor: &Visitor) -> Result<Form, Failure> {
    if asked.method == "GET" {
        return Ok(Form::default());
    }
    let form = asked.form().await?;
    visitors::check_token(visitor, form.get("form_token"))?;
    Ok(form)
}

/// Sends a browser without a session to the page of the ways in.
///
/// A page of its own and not a 401 at each address: that status must name an HTTP scheme by which a client authenticates (RFC 9110
/// s15.5.2), and there is none; and a program that asks for a page sees that it did not get it. A cookie of no session is deleted, so that it
/// is looked up once.
fn sent_to_sign_in(asked: &ConsoleRequest<'_>) -> Response {
    let sent = render::see_other("/console/sign-in");
    match visitors::session_of(asked.request, asked.origin()) {
        Some(_) => sent.with("Set-Cookie", SESSION.delete(asked.origin())),
        None => sent,
    }
}

fn with_page_headers(response: Response) -> Response {
    response
        .with("Content-Security-Policy", CONTENT_SECURITY)
        .with("X-Frame-Options", "DENY")
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("Cross-Origin-Resource-Policy", "same-origin")
}
