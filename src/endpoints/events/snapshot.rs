//! `GET /events/snapshot`: the whole directory as lines of JSON, with the sequence after which its events follow.
//!
//! The sequence is read first. So the lines may hold changes whose events follow; to apply these again changes nothing,
//! since an event says what a value is, and not how much it grows.

use std::rc::Rc;

use database::Failure;
use directory::{Exported, export};
use futures_util::stream::{Stream, unfold};
use worker::{Error, Result};

use crate::context::RequestContext;
use crate::d1::D1;
use crate::http::Response;
use crate::log;
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

/// Returns the pages after the first. If one cannot be read, the response is broken off, so that a reader does not take
/// a part for the whole.
fn rest(
    context: &RequestContext,
    tenant: &str,
    cursor: String,
) -> impl Stream<Item = Result<String>> + 'static {
    let (database, correlation_id) = (context.share_directory(), context.correlation_id().to_string());
    let tenant = tenant.to_string();
    unfold(Some(cursor), move |cursor| {
        let (database, tenant, correlation_id) = (database.clone(), tenant.clone(), correlation_id.clone());
        async move {
            match page(&database, &tenant, &cursor?).await {
                Ok(Exported { lines, cursor }) => Some((Ok(lines), cursor)),
                Err(failure) => {
                    log::error(&failure.to_string(), &correlation_id);
                    Some((Err(Error::RustError("the answer breaks off".to_string())), None))
                }
            }
        }
    })
}

async fn page(database: &Rc<D1>, tenant: &str, cursor: &str) -> std::result::Result<Exported, Failure> {
    export(&**database, registry()?, tenant, Some(cursor)).await
}
