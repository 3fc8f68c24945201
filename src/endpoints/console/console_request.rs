//! What a browser asks the console for, as its pages receive it.

use database::Failure;
use oauth::Form;
use scim::{ScimError, limits};
use web_sys::Request;

use crate::address::Address;
use crate::context::RequestContext;
use crate::http;
use crate::visitors;

/// A request to the console.
pub(super) struct ConsoleRequest<'a> {
    pub(super) request: &'a Request,
    pub(super) context: &'a RequestContext,
    pub(super) method: &'a str,
    pub(super) address: &'a Address,
}

impl ConsoleRequest<'_> {
    /// Returns scheme and host.
    pub(super) fn origin(&self) -> &str {
        &self.address.origin
    }

    /// Names the request in the log: by a word of this program, since an address may hold the code of a link.
    pub(super) fn named(&self, operation: &str) {
        self.context.entry.note(|facts| facts.operation = format!("console {operation}"));
    }

    /// Refuses a method that a page does not take.
    ///
    /// # Errors
    /// 405 if the method is not among the allowed ones.
    pub(super) fn only(&self, allowed: &'static str) -> Result<(), ScimError> {
        if allowed.split(", ").any(|method| method == self.method) {
            return Ok(());
        }
        Err(ScimError::method_not_allowed(self.method, allowed))
    }

    /// Returns the parameters of the query; none if it is not percent-encoded UTF-8.
    pub(super) fn query(&self) -> Form {
        Form::parse(self.address.query.as_bytes()).unwrap_or_default()
    }

    /// Reads the form of a page of this console.
    ///
    /// # Errors
    /// 403 if another site has sent it, 400 if it is not a form.
    pub(super) async fn form(&self) -> Result<Form, Failure> {
        visitors::check_origin(self.request, self.origin())?;
        let body = http::body(self.request, limits::ADMIN_BODY).await?;
        let form = Form::parse(&body);
        form.ok_or_else(|| ScimError::new(400, "the form is not percent-encoded UTF-8").into())
    }
}
