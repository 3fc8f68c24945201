//! The list of tenants, for the vendor's staff.

use database::Failure;
use oauth::Form;

use super::no_page;
use crate::endpoints::console::asked::Asked;
use crate::http::Response;
use crate::visitors::Visitor;

pub(super) async fn handle(asked: &Asked<'_>, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    let _ = (asked, visitor, form);
    Err(no_page())
}
