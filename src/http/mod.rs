//! HTTP as this Worker sees it: reading the platform's requests (`request`), requests of its own (`outgoing`), and a response type of its own
//! (`response`) that becomes the platform's at the very end.

mod outgoing;
mod request;
mod response;

pub use outgoing::{get, post_form};
pub use request::{body, header, method};
pub use response::{Caching, Response};
