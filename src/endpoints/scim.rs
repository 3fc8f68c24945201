//! A tenant's SCIM service: authenticate, count, parse, execute, render.

use database::Failure;
use directory::SECURITY_EVENTS;
use directory::activity::may_quote_backticks;
use scim::{BulkOutcome, BulkResult, Dialect, HttpRequest, HttpResponse, limits};
use web_sys::Request;

use crate::address::ScimTarget;
use crate::admission::{self, Admission};
use crate::auth::Principal;
use crate::context::RequestContext;
use crate::http::Response;
use crate::log::Refused;
use crate::places::{self, Of};
use crate::registry::registry;
use crate::rest::Source;
use crate::{activity, followers, http, log, settings};

/// Refused operations of one bulk request that are kept.
const REFUSED: usize = 10;

/// Answers a request to a tenant's directory.
///
/// # Errors
/// Every refusal after authentication, and a database that did not answer.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    target: &ScimTarget,
    query: &str,
) -> Result<Response, Failure> {
    if scim::is_public(method, &target.path) {
        return describe(context, method, target, query);
    }
    note(context, method, target, query);
    let needs = if reads(method, &target.path) { admission::READ } else { admission::WRITE };
    match admission::admit(request, context, &target.tenant, needs).await? {
        Admission::Granted(principal) => operate(request, context, &principal, method, target, query).await,
        Admission::Refused(response) => Ok(response),
    }
}

/// Notes what is asked for, for the activity of the tenant.
fn note(context: &RequestContext, method: &str, target: &ScimTarget, query: &str) {
    let mut segments = target.path.split('/').filter(|segment| !segment.is_empty());
    let kind = segments
        .next()
        .and_then(|endpoint| registry().ok()?.kinds().find(|kind| kind.endpoint() == endpoint));
    let id = segments.next().filter(|id| *id != ".search");
    let request = HttpRequest { method, path: &target.path, query, ..HttpRequest::default() };
    context.entry.note(|facts| {
        facts.tests_connection = activity::tests_connection(method, &target.path, query);
        facts.resource = kind.zip(id).map(|(kind, id)| (kind.name().to_string(), id.to_string()));
        facts.is_clear = !may_quote_backticks(&request);
    });
}

/// Returns whether the request reads. Only GET and a search do: a POST whose path ends in `/.search` is never parsed as
/// anything else (RFC 7644 s3.4.3).
fn reads(method: &str, path: &str) -> bool {
    method == "GET" || method == "POST" && path.ends_with("/.search")
}

/// Executes the request of an authenticated client.
async fn operate(
    request: &Request,
    context: &RequestContext,
    principal: &Principal,
    method: &str,
    target: &ScimTarget,
    query: &str,
) -> Result<Response, Failure> {
    let body = if scim::takes_body(method) { http::body(request, limits::BODY).await? } else { Vec::new() };
    // While a request waits for the database, it holds the body that it has read.
    let _place = match limits::weight(&body) {
        large if large > limits::LARGE => Some(places::enter(Of::Bodies, large, body.len()).await?),
        _ => None,
    };
    // The headers of a POST are not read as conditions: a create has no version yet, a search has none, and an operation of a bulk names
    // its own.
    let (has_body, has_version) = (scim::takes_body(method), method != "POST");
    let header = |(name, is_read): (&str, bool)| is_read.then(|| http::header(request, name)).flatten();
    let headers =
        [("Content-Type", has_body), ("If-Match", has_version), ("If-None-Match", has_version)].map(header);
    let [content_type, if_match, if_none_match] = headers.each_ref().map(Option::as_deref);
    let sent =
        HttpRequest { method, path: &target.path, query, content_type, if_match, if_none_match, body: &body };
    context.entry.note(|facts| facts.is_clear = !may_quote_backticks(&sent));
    let understood = scim::parse(registry()?, principal.dialect, &sent)?;
    drop(body);
    let result = execute(context, principal, understood, &target.base).await;
    if result.is_ok() && !reads(method, &target.path) {
        followers::changed(context, &principal.tenant);
    }
    result
}

async fn execute(
    context: &RequestContext,
    principal: &Principal,
    understood: scim::Request<'_>,
    base: &str,
) -> Result<Response, Failure> {
    let registry = registry()?;
    let of_directory = context.of_directory(&principal.tenant, &principal.credential)?;
    match understood {
        scim::Request::Discover(discovery) => {
            Ok(discovery.render(registry, base, security_events(context)?)?.into())
        }
        scim::Request::Operate(operation) => {
            let projection = operation.projection();
            let outcome = directory::execute(context.directory(), &of_directory, operation).await?;
            Ok(streamed(context, principal, scim::render(&outcome, &projection, registry, base)))
        }
        scim::Request::Bulk(bulk) => {
            let outcome = directory::bulk(context.directory(), &of_directory, bulk).await;
            let refusals = outcome.results.iter().filter_map(|result| result.done.as_ref().err());
            let limited = refusals.filter_map(|error| error.limited).next_back();
            context.entry.note(|facts| {
                facts.limited = limited;
                facts.refused = refused(&outcome);
            });
            outcome.failures.iter().for_each(|failure| log::error(failure, context.correlation_id()));
            Ok(scim::render_bulk(&outcome, base).into())
        }
    }
}

/// Returns the first operations of a bulk request that were refused, for the activity of the tenant.
fn refused(outcome: &BulkOutcome) -> Vec<Refused> {
    let refused = |result: &BulkResult| {
        let error = result.done.as_ref().err()?.clone();
        let endpoint = result.resource.as_ref().map_or("Bulk", |(kind, _)| kind.endpoint());
        let resource = result.resource.as_ref().map(|(kind, id)| (kind.name().to_string(), id.clone()));
        Some(Refused {
            operation: log::operation(&result.method, endpoint, registry().ok()),
            resource,
            error,
        })
    };
    outcome.results.iter().filter_map(refused).take(REFUSED).collect()
}

/// Returns the response. If memberships were not read yet, they are streamed after the body.
fn streamed(context: &RequestContext, principal: &Principal, mut rendered: HttpResponse) -> Response {
    let rest = rendered.rest.take();
    let response = Response::from(rendered);
    let Some(rest) = rest else { return response };
    let source = Source {
        database: context.share_directory(),
        tenant: principal.tenant.clone(),
        rest,
        correlation_id: context.correlation_id().to_string(),
    };
    response.followed_by(source.stream())
}

/// Answers the service's own description to every client. No token, tenant or setting is looked at, so neither the
/// response nor its time reveals which of them exist. It is not counted, since it costs less than the 401 in its
/// place, which counts a failure and may ask the database.
fn describe(
    context: &RequestContext,
    method: &str,
    target: &ScimTarget,
    query: &str,
) -> Result<Response, Failure> {
    let registry = registry()?;
    let request = HttpRequest { method, path: &target.path, query, ..HttpRequest::default() };
    match scim::parse(registry, Dialect::TOLERANT, &request)? {
        scim::Request::Discover(discovery) => {
            Ok(discovery.render(registry, &target.base, security_events(context)?)?.into())
        }
        _ => Err(Failure::misconfigured("a public endpoint reads the directory")),
    }
}

/// Returns the Security Event Tokens that are on.
fn security_events(context: &RequestContext) -> Result<&'static [&'static str], Failure> {
    let is_on = settings::has_security_events(&context.env).map_err(Failure::misconfigured)?;
    Ok(if is_on { &SECURITY_EVENTS } else { &[] })
}
