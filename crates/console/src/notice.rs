//! A page that says one thing: what went wrong, or what to do next.

use askama::Template;

use crate::frame::Frame;

/// A page with a sentence and, where there is one, the way on. Its title is that of the frame.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct Notice {
    /// What surrounds the page.
    pub frame: Frame,
    /// What there is to say.
    pub text: String,
    /// The way on: an address and its name.
    pub next: Option<(String, String)>,
}
