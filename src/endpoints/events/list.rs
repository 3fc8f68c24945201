//! `GET /events`: events after a cursor, oldest first. A reader that has read all of them may wait for the next.

use database::Failure;
use directory::Page;
use scim::Query;
use serde_json::{Value, json};

use super::waiting::page;
use super::wanted::{WAIT, after, number, wanted};
use crate::context::RequestContext;
use crate::http::Response;

/// Events in an answer: by default, and at most.
const LIMIT: (i64, i64) = (100, 1_000);

pub(super) async fn answer(context: &RequestContext, tenant: &str, query: &str) -> Result<Response, Failure> {
    let query = Query::parse(query)?;
    let after = after(&query, tenant)?;
    let limit = number(&query, "limit", (1, LIMIT.1))?.unwrap_or(LIMIT.0);
    let wanted = wanted(&query, usize::try_from(limit).unwrap_or_default())?;
    let seconds = number(&query, "wait", (0, WAIT))?.unwrap_or_default();
    Ok(render(page(context, tenant, after, &wanted, seconds).await?, tenant))
}

fn render(page: Page, tenant: &str) -> Response {
    let events: Value = page.events.into_iter().map(|event| event.body).collect();
    Response::json(200, &json!({"events": events, "next": page.next.text(tenant), "more": page.more}))
}
