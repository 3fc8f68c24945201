//! `GET /events/digest`: by which a reader sees in one request whether its copy is the directory.

use database::Failure;
use serde_json::{Value, json};

use crate::context::RequestContext;
use crate::http::Response;

pub(super) async fn answer(context: &RequestContext, tenant: &str) -> Result<Response, Failure> {
    let digest = directory::digest(context.directory(), tenant).await?;
    let buckets: Value =
        digest.buckets.iter().map(|bucket| json!({"count": bucket.count, "hash": bucket.hash()})).collect();
    let resources: Value =
        digest.resources.iter().map(|(kind, count)| json!({"type": kind, "count": count})).collect();
    Ok(Response::json(
        200,
        &json!({
            "sequence": digest.sequence, "consistent": digest.is_consistent, "resources": resources,
            "memberships": digest.memberships, "buckets": buckets,
        }),
    ))
}
