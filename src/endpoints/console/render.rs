//! From a page to a response.

use console::{Notice, Template};
use database::Failure;
use scim::ScimError;

use super::frame;
use crate::http::Response;

/// Renders a page.
///
/// # Errors
/// [`Failure::Corrupt`] if the page cannot be rendered.
pub(super) fn page(status: u16, page: &impl Template) -> Result<Response, Failure> {
    let html =
        page.render().map_err(|error| Failure::Corrupt(format!("a page was not rendered: {error}")))?;
    Ok(Response::of_type(status, "text/html; charset=utf-8", html))
}

/// Sends the browser to another page: "303 (See Other) [..] used to allow the output of a POST action to be identified by a separate
/// resource" (RFC 9110 s15.4.4).
pub(super) fn see_other(address: &str) -> Response {
    Response::empty(303).with("Location", address)
}

/// Renders why a request is refused.
pub(super) fn refused(error: &ScimError) -> Response {
    let title = match error.status {
        403 => "Not allowed",
        404 => "Not found",
        405 => "Not possible here",
        429 => "Too many requests",
        400..500 => "This did not work",
        _ => "The service failed",
    };
    let next = Some(("/console".to_string(), "To the console".to_string()));
    let notice = Notice { frame: frame::closed(title), text: sentence(&error.detail), next };
    let page = page(error.status, &notice).unwrap_or_else(|_| Response::empty(error.status));
    page.with_all(error.headers())
}

/// Returns a detail as a sentence: with a capital letter and a full stop.
fn sentence(detail: &str) -> String {
    let mut characters = detail.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    let text: String = first.chain(characters).collect();
    if text.ends_with('.') { text } else { text + "." }
}
