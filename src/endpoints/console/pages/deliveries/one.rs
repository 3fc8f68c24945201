//! The page of one endpoint, and its forms: pause, resume, test, skip, replay, another secret, delete.

use ::webhooks::Secret;
use console::{Banner, EndpointPage, Made, MadeKind};
use database::Failure;
use directory::webhooks::{self, CursorTarget, Endpoint};
use scim::ScimError;

use super::shown;
use crate::deliver::Attempt;
use crate::endpoints::console::pages::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::bounds::SEQUENCE;
use crate::manage::endpoints::{self, OVERLAP_HOURS};

/// What was done before, by the word that the address of the page has; only these are said.
const DONE: [(&str, &str); 5] = [
    ("paused", "Deliveries are paused. Events wait in the log, in their order."),
    ("resumed", "Deliveries go on."),
    ("replayed", "Events are sent again from there on."),
    ("skipped", "One event was left out. The page shows where the next delivery begins."),
    ("nothing", "No event waits, so none was left out."),
];

pub(super) async fn show(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("endpoint");
    let query = page.asked.query();
    let done = DONE.iter().find(|(word, _)| query.get("done") == Some(*word));
    let banner = done.map(|(_, text)| Banner::notice(*text));
    present(page, id, 200, Said { banner, problem: None }).await
}

/// Does what a form asks for.
///
/// # Errors
/// 404 if there is no such form, or the tenant does not have the endpoint.
pub(super) async fn act(page: &Page<'_>, id: &str, act: &str) -> Result<Response, Failure> {
    let done = match act {
        "pause" => pause(page, id).await,
        "resume" => resume(page, id).await,
        "test" => test(page, id).await,
        "skip" => skip(page, id).await,
        "replay" => replay(page, id).await,
        "secret" => rotate(page, id).await,
        "delete" => delete(page, id).await,
        _ => Err(no_page()),
    };
    match done {
        Ok(response) => Ok(response),
        Err(failure) => {
            let (status, problem) = shown::in_words(failure)?;
            present(page, id, status, Said { banner: None, problem: Some(problem) }).await
        }
    }
}

async fn pause(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("pause endpoint");
    endpoints::pause(page.asked.context, page.by(), page.tenant, id).await?;
    Ok(done(page, id, "paused"))
}

async fn resume(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("resume endpoint");
    endpoints::resume(page.asked.context, page.by(), page.tenant, id).await?;
    Ok(done(page, id, "resumed"))
}

/// Sends a test event, and shows what came of it. It changes nothing, so the page is the answer.
async fn test(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("test endpoint");
    let (attempt, is_delivered) = endpoints::test(page.asked.context, page.by(), page.tenant, id).await?;
    let Attempt { status, error, .. } = attempt;
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    let said = match (is_delivered, error) {
        (true, _) => {
            let text = format!("The receiver took the test event and answered {status}.");
            Said { banner: Some(Banner::notice(text)), problem: None }
        }
        (false, error) => {
            let reason = error.unwrap_or_else(|| format!("the answer was {status}"));
            Said { banner: None, problem: Some(format!("The test event was not taken: {reason}.")) }
        }
    };
    present(page, id, 200, said).await
}

async fn skip(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("skip event");
    if page.field("confirm").is_none() {
        let detail = "the box must be ticked: an event that is skipped is never delivered";
        return Err(ScimError::new(400, detail).into());
    }
    let (_, skipped) = endpoints::skip(page.asked.context, page.by(), page.tenant, id).await?;
    Ok(done(page, id, if skipped.is_some() { "skipped" } else { "nothing" }))
}

async fn replay(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("replay events");
    let from = match (page.field("sequence"), page.field("time")) {
        (Some(sequence), None) => CursorTarget::Sequence(shown::number("the sequence", sequence, SEQUENCE)?),
        (None, Some(time)) => CursorTarget::Time(shown::time(time)?),
        _ => return Err(ScimError::new(400, "either a sequence or a time must say from where").into()),
    };
    endpoints::replay(page.asked.context, page.by(), page.tenant, id, from).await?;
    Ok(done(page, id, "replayed"))
}

async fn rotate(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("rotate secret of endpoint");
    let hours = page.field("overlap_hours").unwrap_or_default();
    let hours = shown::number("the overlap in hours", hours, OVERLAP_HOURS)?;
    let (endpoint, secret) =
        endpoints::rotate(page.asked.context, page.by(), page.tenant, id, Some(hours)).await?;
    with_secret(page, &endpoint, &secret)
}

async fn delete(page: &Page<'_>, id: &str) -> Result<Response, Failure> {
    page.asked.named("delete endpoint");
    if page.field("confirm") != Some(id) {
        return Err(ScimError::new(400, "the id that was entered is not the one of this endpoint").into());
    }
    endpoints::delete(page.asked.context, page.by(), page.tenant, id).await?;
    Ok(page.go_to("deliveries?done=deleted"))
}

/// Sends the browser to the page of the endpoint, which says what was done. The endpoint exists, so its id is one of this service.
fn done(page: &Page<'_>, id: &str, word: &str) -> Response {
    page.go_to(&format!("deliveries/{id}?done={word}"))
}

/// What a page says beside what is there.
struct Said {
    banner: Option<Banner>,
    problem: Option<String>,
}

async fn present(page: &Page<'_>, id: &str, status: u16, said: Said) -> Result<Response, Failure> {
    let endpoint = webhooks::endpoint(page.asked.context.directory(), page.tenant, id).await?;
    let mut frame = page.frame("Endpoint", "deliveries");
    frame.banners.extend(said.banner);
    let endpoint = shown::endpoint(&endpoint, page.asked.context.now);
    render::page(status, &EndpointPage { frame, endpoint, made: None, problem: said.problem })
}

/// Returns the page of an endpoint with its new secret, which is on no other page.
pub(super) fn with_secret(
    page: &Page<'_>,
    endpoint: &Endpoint,
    secret: &Secret,
) -> Result<Response, Failure> {
    let endpoint = shown::endpoint(endpoint, page.asked.context.now);
    let made = Made {
        kind: MadeKind::WebhookSecret,
        values: vec![("secret".to_string(), secret.reveal().to_string())],
        expires: None,
        old_until: endpoint.old_secret_until,
    };
    let frame = page.frame("Endpoint", "deliveries");
    render::page(200, &EndpointPage { frame, endpoint, made: Some(made), problem: None })
}
