//! A tenant's directory as SCIM JSON lines, exported and imported; `manage::transfer` does the work.

use database::Failure;
use serde_json::{Value, json};

use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::transfer;

/// The header with the cursor of the next page of lines: `?cursor=` of the next request.
pub(super) const NEXT: &str = "X-Next-Cursor";

pub(super) async fn export(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let cursor = request.parameter("cursor").filter(|cursor| !cursor.is_empty());
    let page = transfer::export(request.context, By::ADMINISTRATOR, tenant, cursor).await?;
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", page.lines);
    Ok(response.with_all(page.cursor.map(|cursor| (NEXT, cursor))))
}

pub(super) async fn import(
    request: &AdminRequest<'_>,
    tenant: &str,
    body: &[u8],
) -> Result<Response, Failure> {
    let imported = transfer::import(request.context, By::ADMINISTRATOR, tenant, body).await?;
    let refused: Vec<Value> =
        imported.refused.iter().map(|(line, detail)| json!({"line": line, "detail": detail})).collect();
    Ok(Response::json(
        200,
        &json!({
            "created": imported.created,
            "present": imported.present,
            "incomplete": imported.incomplete,
            "refused": refused,
        }),
    ))
}
