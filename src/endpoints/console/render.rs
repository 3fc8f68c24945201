//! From a page to a response.

use console::{Problem, Template};
use database::Failure;
use scim::ScimError;

use super::frame;
use crate::context::RequestContext;
use crate::http::Response;

/// Renders a page.
///
/// # Errors
/// [`Failure::corrupt`] if the page cannot be rendered.
pub(super) fn page(status: u16, page: &impl Template) -> Result<Response, Failure> {
    let html =
        page.render().map_err(|error| Failure::corrupt(format!("a page was not rendered: {error}")))?;
    Ok(Response::of_type(status, "text/html; charset=utf-8", html))
}

/// Renders a page with what was refused, if something was: the status is that of the refusal, and `problem` says it on the page.
///
/// # Errors
/// See [`page`].
pub(super) fn page_after(refusal: Option<&ScimError>, shown: &impl Template) -> Result<Response, Failure> {
    page(refusal.map_or(200, |refusal| refusal.status), shown)
}

/// Returns a refusal as a page says it.
pub(super) fn problem(refusal: Option<&ScimError>) -> Option<String> {
    refusal.map(|refusal| sentence(&refusal.detail))
}

/// Sends the browser to another page: "303 (See Other) [..] used to allow the output of a POST action to be identified by a separate
/// resource" (RFC 9110 s15.4.4).
pub(super) fn see_other(address: &str) -> Response {
    Response::empty(303).with("Location", address)
}

/// Renders why a request is refused.
pub(super) fn refused(error: &ScimError, context: &RequestContext) -> Response {
    let (title, next) = match error.status {
        403 => ("Not allowed", "Go back, open the page again, and send the form from there."),
        404 => ("Not found", "Look for it in the list that it belongs to."),
        405 => ("Not possible here", "Go back to the page that you came from."),
        409 => ("Not possible now", "Open the page again to see what is there now."),
        429 => ("Too many requests", "Wait for a minute, and try again."),
        400..500 => ("This did not work", "Go back, and mend what was entered."),
        _ => (
            "The service failed",
            "Try again in a minute. If it fails again, tell your vendor the number below.",
        ),
    };
    let problem = Problem {
        frame: frame::closed(title, context),
        status: error.status,
        what: sentence(&error.detail),
        next: next.to_string(),
        link: Some(("To the console".to_string(), "/console".to_string())),
        correlation_id: Some(context.correlation_id().to_string()),
    };
    let page = page(error.status, &problem).unwrap_or_else(|_| Response::empty(error.status));
    page.with_all(error.headers())
}

/// Returns a detail as a sentence: with a capital letter and a full stop.
pub(super) fn sentence(detail: &str) -> String {
    let mut characters = detail.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    let text: String = first.chain(characters).collect();
    if text.ends_with('.') { text } else { text + "." }
}
