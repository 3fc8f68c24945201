//! The evidence as a download: the same lines of JSON as of the Admin API, all pages of it one after the other while the browser reads.

use database::Failure;
use directory::activity::Position;
use futures_util::stream::Stream;
use scim::{Instant, ScimError};
use serde_json::json;
use worker::Result;

use crate::endpoints::console::pages::page::Page;
use crate::http::Response;
use crate::manage::audit::{self, Lines};
use crate::parts::parts;
use crate::visitors;

/// Pages that one download has: the platform allows a thousand calls of the database a request.
const PAGES: usize = 800;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Answers with the evidence of a range of days.
///
/// # Errors
/// 403 if another site asked for it, 400 if `from` or `to` is not a day or a time.
pub(super) async fn answer(page: &Page<'_>) -> std::result::Result<Response, Failure> {
    page.asked.named("export evidence");
    visitors::check_download(page.asked.request)?;
    let context = page.asked.context;
    let (from, to) = range(page)?;
    let origin = page.asked.origin();
    let Lines { text, next } = audit::read(context, page.by(), origin, page.tenant, (from, to), None).await?;
    let name = format!("attachment; filename=\"evidence-{}.jsonl\"", page.tenant);
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", text);
    let response = response.with("Content-Disposition", name);
    Ok(match next {
        Some(next) => response.followed_by(rest(page, (from, to), next)),
        None => response,
    })
}

/// Returns from when until when. A day as `to` is in it whole.
fn range(page: &Page<'_>) -> std::result::Result<(Instant, Instant), ScimError> {
    let query = page.asked.query();
    let time = |name: &str, more: i64| {
        let Some(text) = query.get(name).map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let day = || Instant::parse(&format!("{text}T00:00:00Z")).map(|day| Instant(day.0 + more));
        let parsed = day().or_else(|| Instant::parse(text));
        let refused = || {
            let detail = format!(
                "`{name}` must be a day such as `2030-01-31` or a time such as `2030-01-31T00:00:00Z`"
            );
            ScimError::new(400, detail)
        };
        parsed.map(Some).ok_or_else(refused)
    };
    let (from, to) = audit::range(time("from", 0)?, time("to", DAY)?, page.asked.context.now);
    if from > to {
        return Err(ScimError::new(400, "the first day must not be later than the last one"));
    }
    Ok((from, to))
}

/// Returns the pages after the first. If there are more than one download has, the last line says so.
fn rest(
    page: &Page<'_>,
    range: (Instant, Instant),
    next: Position,
) -> impl Stream<Item = Result<String>> + 'static {
    let context = page.asked.context;
    let (database, tenant) = (context.share_directory(), page.tenant.to_string());
    parts((next, 1), context.correlation_id().to_string(), move |(next, pages)| {
        let (database, tenant) = (database.clone(), tenant.clone());
        async move {
            if pages >= PAGES {
                let line = json!({
                    "kind": "incomplete", "tenant": tenant, "next": next.to_text(),
                    "detail": "this download has reached its length; download a shorter range of days, or go on with \
                        the Admin API from the cursor `next`",
                });
                return Ok((format!("{line}\n"), None));
            }
            let Lines { text, next } = audit::go_on(&database, &tenant, range, Some(next)).await?;
            Ok((text, next.map(|next| (next, pages + 1))))
        }
    })
}
