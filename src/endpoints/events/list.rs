//! `GET /events`: events after a cursor, oldest first. A reader that has read all of them may wait for the next.

use std::time::Duration;

use database::Failure;
use directory::{Cursor, Page, Wanted, is_event_type};
use scim::{Query, ScimError};
use serde_json::{Value, json};
use worker::Delay;

use crate::clock;
use crate::context::RequestContext;
use crate::http::Response;
use crate::registry::registry;

/// Events in an answer: by default, and at most.
const LIMIT: (i64, i64) = (100, 1_000);
/// Seconds that a reader may wait. Proxies and browsers end a request that is silent for longer.
const WAIT: i64 = 20;
/// Bytes of the log that one answer is made of; a single row may have more.
const BYTES: usize = 1 << 20;
/// Milliseconds between two looks at the database: at first, and at most.
const PAUSE: (u64, u64) = (100, 1_000);

/// What a request asks for.
struct Request {
    after: Option<Cursor>,
    wanted: Wanted,
    seconds: i64,
}

pub(super) async fn answer(context: &RequestContext, tenant: &str, query: &str) -> Result<Response, Failure> {
    let Request { after, wanted, seconds } = read(&Query::parse(query)?, tenant)?;
    let until = context.now.0.saturating_add(seconds * 1_000);
    let database = context.directory();
    let mut page = directory::events(database, registry()?, tenant, after, &wanted).await?;
    let mut pause = PAUSE.0;
    while page.events.is_empty() && !page.more {
        let left = until.saturating_sub(clock::now().0);
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { break };
        Delay::from(Duration::from_millis(pause.min(left))).await;
        pause = (2 * pause).min(PAUSE.1);
        if directory::latest(database, tenant).await? > page.next.sequence {
            page = directory::events(database, registry()?, tenant, Some(page.next), &wanted).await?;
        }
    }
    Ok(render(page, tenant))
}

fn render(page: Page, tenant: &str) -> Response {
    let events: Value = page.events.into_iter().map(|event| event.body).collect();
    Response::json(200, &json!({"events": events, "next": page.next.text(tenant), "more": page.more}))
}

fn read(query: &Query, tenant: &str) -> Result<Request, ScimError> {
    let after = query.given("after").map(|text| {
        Cursor::parse(text, tenant).ok_or_else(|| {
            ScimError::invalid_value(format!(
                "`after` is the id of an event of this tenant or a sequence, not `{text}`"
            ))
        })
    });
    let thin = match query.given("payload") {
        None | Some("full") => false,
        Some("thin") => true,
        Some(other) => {
            return Err(ScimError::invalid_value(format!("`payload` is `full` or `thin`, not `{other}`")));
        }
    };
    let types =
        query.given("type").unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty());
    let types: Vec<String> = types.map(str::to_string).collect();
    let types_of = registry().map_err(|_| ScimError::new(500, "the schemas cannot be read"))?;
    if let Some(unknown) = types.iter().find(|name| !is_event_type(types_of, name)) {
        return Err(ScimError::invalid_value(format!(
            "`type`: there are no events of the type `{unknown}`; such are `user.created` and `group.*`"
        )));
    }
    Ok(Request {
        after: after.transpose()?,
        wanted: Wanted {
            types,
            resource: query.given("resource").map(str::to_string),
            thin,
            limit: usize::try_from(number(query, "limit", (1, LIMIT.1))?.unwrap_or(LIMIT.0))
                .unwrap_or_default(),
            bytes: BYTES,
        },
        seconds: number(query, "wait", (0, WAIT))?.unwrap_or_default(),
    })
}

/// Returns a parameter that is a whole number within these bounds.
fn number(query: &Query, name: &str, (least, most): (i64, i64)) -> Result<Option<i64>, ScimError> {
    let Some(text) = query.given(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| {
        ScimError::invalid_value(format!("`{name}` is a whole number from {least} to {most}, not `{text}`"))
    })
}
