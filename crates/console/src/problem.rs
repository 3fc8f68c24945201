//! The page of what went wrong: the status, what happened, and what to do next.

use askama::Template;

use crate::filters;
use crate::frame::Frame;

/// The page of what went wrong.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// What surrounds the page.
    pub frame: Frame,
    /// The status that the page is answered with.
    pub status: u16,
    /// What happened, in a sentence.
    pub what: String,
    /// What to do next, in a sentence.
    pub next: String,
    /// Where that is done: the words of the link, and its address.
    pub link: Option<(String, String)>,
    /// By which the vendor finds the request in the logs.
    pub correlation_id: Option<String>,
}
