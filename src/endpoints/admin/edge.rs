//! The edge copy of a tenant, as JSON; `manage::edge` does the work.

use database::Failure;

use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::by::By;
use crate::manage::edge;
use crate::manage::settings::of_edge;

pub(super) async fn show(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &of_edge(edge::show(request.context, tenant).await?.as_ref())))
}

pub(super) async fn work(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(200, &of_edge(edge::work(request.context, tenant).await?.as_ref())))
}

pub(super) async fn rebuild(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    Ok(Response::json(
        200,
        &of_edge(edge::rebuild(request.context, By::ADMINISTRATOR, tenant).await?.as_ref()),
    ))
}
