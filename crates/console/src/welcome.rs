//! The first page after a sign-in, as long as there is no other: who is signed in, and the button of the sign-out.

use askama::Template;

use crate::frame::Frame;

/// Who is signed in.
#[derive(Template)]
#[template(path = "welcome.html")]
pub struct Welcome {
    /// What surrounds the page; it names the person.
    pub frame: Frame,
    /// What the person may see and change, in words.
    pub role: String,
}
