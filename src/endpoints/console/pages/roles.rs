//! Not written yet.

use database::Failure;

use super::page::{Page, no_page};
use crate::http::Response;

pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    let _ = (page, below);
    Err(no_page())
}
