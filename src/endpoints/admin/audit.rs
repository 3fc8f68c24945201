//! Evidence for an auditor, as JSON lines; `manage::audit` does the work.

use database::Failure;
use directory::activity::Position;

use super::request::AdminRequest;
use super::transfer::NEXT;
use crate::http::Response;
use crate::manage::audit;
use crate::manage::by::By;

pub(super) async fn read(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let range = audit::range(request.time("from")?, request.time("to")?, request.context.now);
    let after = request.given("cursor").map(Position::parse).transpose()?;
    let lines = audit::read(request.context, By::ADMINISTRATOR, request.origin, tenant, range, after).await?;
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", lines.text);
    Ok(response.with_all(lines.next.map(|next| (NEXT, next.to_text()))))
}
