//! The edge copy of a tenant, as JSON; `manage::edge` does the work.

use database::Failure;
use directory::edge::Status;
use serde_json::{Value, json};

use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::edge;

pub(super) async fn show(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(edge::show(request.context, tenant).await?.as_ref())))
}

pub(super) async fn work(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(edge::work(request.context, tenant).await?.as_ref())))
}

pub(super) async fn rebuild(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &show_one(edge::rebuild(request.context, tenant).await?.as_ref())))
}

/// Renders how far a copy is.
pub(super) fn show_one(status: Option<&Status>) -> Value {
    let Some(Status { progress, behind, caught_up }) = status else {
        return json!({"on": false, "state": "off"});
    };
    let state = match (&progress.clearing, &progress.filling) {
        (Some(_), _) => "removing",
        (None, Some(_)) => "filling",
        (None, None) => "following",
    };
    json!({
        "on": progress.is_on, "state": state, "sequence": progress.sequence, "behind": behind,
        "caughtUp": caught_up.map(|at| at.to_rfc3339()),
    })
}
