//! The activity as JSON lines, which are read while the browser receives them.

use std::rc::Rc;

use console::Filters;
use database::Failure;
use directory::activity::{self, Position};
use futures_util::stream::Stream;
use serde_json::json;
use worker::Result;

use super::filters;
use crate::d1::D1;
use crate::endpoints::console::pages::page::Page;
use crate::http::Response;
use crate::manage::by::Deed;
use crate::parts::parts;
use crate::rate;
use crate::visitors;

/// Entries that are read at once.
const ENTRIES: usize = 500;
/// How often that is done for one download: more is another one, from where this one says that it ends.
const READS: usize = 200;

/// What is still to be read.
struct Source {
    database: Rc<D1>,
    tenant: String,
    filters: Filters,
    next: Option<String>,
    reads: usize,
    correlation_id: String,
}

/// Answers with the entries that fit, the newest first. If they are more than one download holds, its last line has the `cursor` from which
/// the next one goes on.
///
/// # Errors
/// 403 if another site asked for it, 400 if a filter cannot be read, 429 if the tenant reads more than its share.
pub(super) async fn download(page: &Page<'_>) -> std::result::Result<Response, Failure> {
    page.asked.named("export activity");
    visitors::check_download(page.asked.request)?;
    let query = page.asked.query();
    let (filters, cursor) = (filters::of(&query), query.get("cursor"));
    filters::asked(&filters, cursor, ENTRIES)?;
    let context = page.asked.context;
    rate::check_rows(context, page.tenant)?;
    let mut source = Source {
        database: context.share_directory(),
        tenant: page.tenant.to_string(),
        filters,
        next: cursor.map(str::to_string),
        reads: 0,
        correlation_id: context.correlation_id().to_string(),
    };
    // The first part is read before the answer begins, so that the status says whether the database has failed.
    let (text, has_more) = source.part().await?;
    page.by().record(context, Deed::of(page.tenant, "activity", "exported", page.tenant)).await?;
    let name = format!("attachment; filename=\"activity-{}.jsonl\"", page.tenant);
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", text);
    let response = response.with("Content-Disposition", name);
    Ok(if has_more { response.followed_by(source.stream()) } else { response })
}

impl Source {
    /// Reads the next lines, and returns whether others follow.
    async fn part(&mut self) -> std::result::Result<(String, bool), Failure> {
        let asked = filters::asked(&self.filters, self.next.as_deref(), ENTRIES)?;
        let page = activity::read(&*self.database, &self.tenant, &asked).await?;
        self.reads += 1;
        self.next = page.next.map(Position::to_text);
        let mut text: String = page.entries.iter().map(|entry| format!("{entry}\n")).collect();
        if self.reads >= READS && self.next.is_some() {
            text += &format!("{}\n", json!({"kind": "unfinished", "cursor": self.next}));
            return Ok((text, false));
        }
        Ok((text, self.next.is_some()))
    }

    /// Returns the lines that follow.
    fn stream(self) -> impl Stream<Item = Result<String>> + 'static {
        let correlation_id = self.correlation_id.clone();
        parts(self, correlation_id, |mut source| async {
            let (text, has_more) = source.part().await?;
            Ok((text, has_more.then_some(source)))
        })
    }
}
