//! What the clients of a tenant did, as JSON; `manage::activity` does the work.

use database::Failure;
use directory::activity::{ActivityQuery, Correlation, Direction, Outcome, Position};
use scim::ScimError;
use serde_json::json;

use super::render::extend;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::activity::{self, LIMIT, MINUTES, USUAL_LIMIT};

pub(super) async fn read(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let limit = request.number("limit", LIMIT)?.unwrap_or(USUAL_LIMIT);
    let asked = ActivityQuery {
        from: request.time("from")?,
        to: request.time("to")?,
        outcome: outcome(request.given("outcome"))?,
        resource: request.given("resource"),
        actor: request.given("actor"),
        correlation: request.given("correlationId").map(Correlation::parse).transpose()?,
        operation: None,
        direction: Direction::Backward,
        after: request.given("cursor").map(Position::parse).transpose()?,
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let minutes = request.number("minutes", MINUTES)?;
    let by_minute = request.given("by") == Some("minute");
    let (page, summary) = activity::read(request.context, tenant, &asked, (minutes, by_minute)).await?;
    let mut shown = json!({"entries": page.entries, "next": page.next.map(Position::to_text)});
    if let Some(summary) = summary {
        extend(&mut shown, summary);
    }
    Ok(Response::json(200, &shown))
}

fn outcome(text: Option<&str>) -> Result<Option<Outcome>, ScimError> {
    match text {
        None => Ok(None),
        Some("changed") => Ok(Some(Outcome::Changed)),
        Some("refused") => Ok(Some(Outcome::Refused)),
        Some(_) => Err(ScimError::new(400, "`outcome` is neither `changed` nor `refused`")),
    }
}
