//! Webhooks of a tenant: the endpoints that its events are sent to, and the form that makes one.
//!
//! What lives here: the list and creating. `one` is the page of one endpoint with its forms, `shown` is how an endpoint becomes what the
//! templates show. What happens to endpoints: `manage::endpoints`.

mod one;
pub(super) mod shown;

use console::{Deliveries, NewEndpoint};
use database::Failure;
use directory::webhooks;
use scim::ScimError;

use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::endpoints::{self, BATCH, CreateEndpoint, USUAL_BATCH};

pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    match (below, page.is_post()) {
        ([], false) => {
            page.asked.named("deliveries");
            let entered = NewEndpoint { batch: USUAL_BATCH.to_string(), ..NewEndpoint::default() };
            list(page, 200, entered, None).await
        }
        ([], true) => create(page).await,
        ([id], false) => one::show(page, id).await,
        ([id, act], true) => one::act(page, id, act).await,
        _ => Err(no_page()),
    }
}

async fn list(
    page: &Page<'_>,
    status: u16,
    entered: NewEndpoint,
    problem: Option<String>,
) -> Result<Response, Failure> {
    let all = webhooks::list_endpoints(page.asked.context.directory(), page.tenant).await?;
    let mut frame = page.frame("Deliveries", "deliveries");
    let is_deleted = page.asked.query().get("done") == Some("deleted");
    frame.banners.extend(is_deleted.then(|| console::Banner::notice("The endpoint was deleted.")));
    let endpoints = all.iter().map(|each| shown::endpoint(each, page.asked.context.now)).collect();
    render::page(status, &Deliveries { frame, endpoints, entered, problem })
}

/// Makes an endpoint, and shows its secret this once.
async fn create(page: &Page<'_>) -> Result<Response, Failure> {
    page.asked.named("create endpoint");
    let entered = entered(page);
    match made(page, &entered).await {
        Ok(response) => Ok(response),
        Err(failure) => {
            let (status, problem) = shown::in_words(failure)?;
            list(page, status, entered, Some(problem)).await
        }
    }
}

async fn made(page: &Page<'_>, entered: &NewEndpoint) -> Result<Response, Failure> {
    let batch = shown::number("the number of events in one delivery", &entered.batch, BATCH)?;
    if entered.url.is_empty() {
        return Err(ScimError::new(400, "the address is missing: where events are sent").into());
    }
    let types = entered.types.split(',').map(str::trim).filter(|name| !name.is_empty());
    let create = CreateEndpoint {
        url: &entered.url,
        types: types.map(str::to_string).collect(),
        batch: Some(batch),
        thin: entered.is_thin,
    };
    let (context, origin) = (page.asked.context, page.asked.origin());
    let (endpoint, secret) = endpoints::create(context, page.by(), origin, page.tenant, create).await?;
    one::with_secret(page, &endpoint, &secret)
}

fn entered(page: &Page<'_>) -> NewEndpoint {
    let text = |name: &str| page.field(name).unwrap_or_default().to_string();
    NewEndpoint {
        url: text("url"),
        types: text("types"),
        batch: text("batch"),
        is_thin: page.field("thin").is_some(),
    }
}
