//! `GET /events/snapshot`: the whole directory as lines of JSON, with the sequence after which its events follow.
//!
//! The sequence is read first. So the lines may hold changes whose events follow; to apply these again changes nothing,
//! since an event says what a value is, and not how much it grows.

use database::Failure;
use directory::{Exported, export};
use futures_util::stream::Stream;
use worker::Result;

use crate::context::RequestContext;
use crate::http::Response;
use crate::parts::parts;
use crate::registry::registry;

/// The header with the sequence.
const SEQUENCE: &str = "X-Sequence";

pub(super) async fn answer(context: &RequestContext, tenant: &str) -> std::result::Result<Response, Failure> {
    let sequence = directory::latest(context.directory(), tenant).await?;
    let Exported { lines, cursor } = export(context.directory(), registry()?, tenant, None).await?;
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", lines);
    let response = response.with(SEQUENCE, sequence.to_string());
    Ok(match cursor {
        Some(cursor) => response.followed_by(rest(context, tenant, cursor)),
        None => response,
    })
}

/// Returns the pages after the first.
fn rest(
    context: &RequestContext,
    tenant: &str,
    cursor: String,
) -> impl Stream<Item = Result<String>> + 'static {
    let (database, tenant) = (context.share_directory(), tenant.to_string());
    parts(cursor, context.correlation_id().to_string(), move |cursor| {
        let (database, tenant) = (database.clone(), tenant.clone());
        async move {
            let Exported { lines, cursor } = export(&*database, registry()?, &tenant, Some(&cursor)).await?;
            Ok((lines, cursor))
        }
    })
}
