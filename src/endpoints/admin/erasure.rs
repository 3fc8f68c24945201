//! Erasing a person, as JSON; `manage::erasure` does the work.

use database::Failure;
use scim::ScimError;
use serde_json::json;

use super::fields::Fields;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::bounds::SEQUENCE;
use crate::manage::by::By;
use crate::manage::erasure;

/// Erases a part and says from where to go on: 202 until everything is erased, then 200. The caller repeats the request.
pub(super) async fn erase(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let fields = Fields::read(body, &["user", "after"])?;
    let user =
        fields.text("user")?.ok_or_else(|| ScimError::new(400, "`user` is missing: the id of the user"))?;
    let after = fields.integer("after", SEQUENCE)?.unwrap_or_default();
    let erased = erasure::erase(request.context, By::ADMINISTRATOR, tenant, user, after).await?;
    let status = if erased.next.is_some() { 202 } else { 200 };
    Ok(Response::json(
        status,
        &json!({
            "done": erased.next.is_none(),
            "next": erased.next,
            "wasDeleted": erased.was_deleted,
            "logRows": erased.blanked,
        }),
    ))
}
