//! Evidence for an auditor, as JSON lines; `manage::audit` does the work.

use database::Failure;
use directory::activity::Position;
use scim::Instant;
use serde_json::json;

use super::request::AdminRequest;
use super::tenants::settings;
use super::transfer::NEXT;
use crate::http::Response;
use crate::manage::audit;

pub(super) async fn read(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let from = request.time("from")?.unwrap_or(Instant(0));
    let to = request.time("to")?.unwrap_or(request.context.now);
    let after = request.given("cursor").map(Position::parse).transpose()?;
    let (before, page) = audit::read(request.context, tenant, (from, to), after).await?;
    let mut text = String::new();
    if after.is_none() {
        // Settings have no history: these are those of now.
        let settings = json!({
            "kind": "settings",
            "at": request.context.now.to_rfc3339(),
            "tenant": tenant,
            "from": from.to_rfc3339(),
            "to": to.to_rfc3339(),
            "settings": settings(request, tenant).await?,
        });
        text = format!("{settings}\n");
    }
    for line in before.iter().chain(&page.entries) {
        text += &format!("{line}\n");
    }
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", text);
    Ok(response.with_all(page.next.map(|next| (NEXT, next.to_text()))))
}
