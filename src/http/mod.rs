//! HTTP as this Worker sees it: reading the platform's requests (`request`), and a response type of its own
//! (`response`) that becomes the platform's at the very end.

mod request;
mod response;

pub use request::{body, collect, header, method};
pub use response::{Caching, Response};
