//! The way of a request through the Worker: its line in the log, the endpoint that its address names, and the headers that every
//! response has.

use std::rc::Rc;

use database::Failure;
use scim::ScimError;
use web_sys::Request;
use worker::{Context, Env};

use crate::address::{Address, Route, Transport};
use crate::client_error::client_error;
use crate::context::RequestContext;
use crate::d1::Cost;
use crate::endpoints::{admin, console, events, health, keys, lookup, scim as directory_endpoint, token};
use crate::http::Response;
use crate::log::{self, Entry};
use crate::registry::registry;
use crate::{capacity, clock, http, ids};

/// The request header that asks for `Server-Timing` in the response.
const TIMING: &str = "X-Server-Timing";

/// Seconds for which a browser uses this host over https only: a year (RFC 6797 s6.1).
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Answers a request, also if it fails. The caller must write the entry of the log that is returned.
pub async fn answer(request: &Request, env: &Env, runtime: &Rc<Context>) -> (Response, Rc<Entry>) {
    let begun = clock::now();
    let (url, verb) = (request.url(), http::method(request));
    let entry = Rc::new(Entry::new(ids::new_id(), log::operation(&verb, "unknown", None)));
    let transport = Transport::of(&url);
    let result = match transport {
        Transport::Clear => Err(in_clear(&entry)),
        transport => match RequestContext::open(request, env, runtime, transport, &entry) {
            Ok(context) => attempt(request, &context, &url, &verb).await,
            Err(failure) => Err(failure),
        },
    };
    let mut response = result.unwrap_or_else(|failure| {
        let error = client_error(failure, &entry);
        entry.note(|facts| facts.scim_type = error.scim_type);
        scim::render_error(&error).into()
    });
    if entry.limited() == Some(ScimError::FULL) {
        capacity::refused(begun);
    }
    if verb == "HEAD" {
        response = response.without_body();
    }
    let wants_timing = http::header(request, TIMING).is_some();
    let milliseconds = clock::now().0.saturating_sub(begun.0);
    entry.note(|facts| (facts.status, facts.milliseconds) = (response.status, milliseconds));
    (with_common_headers(response, transport, wants_timing, &entry), entry)
}

/// Adds the headers that every response has; each response sets its own `Cache-Control`.
fn with_common_headers(
    mut response: Response,
    transport: Transport,
    wants_timing: bool,
    entry: &Entry,
) -> Response {
    // An unauthenticated client must not learn what its request cost: that reveals whether a token had to be looked
    // up.
    if wants_timing && !matches!(response.status, 401 | 429) {
        response = response.with("Server-Timing", timing(entry.cost()));
    }
    // RFC 6797 s7.2: not over http. And not for this machine, whose name all of its programs share.
    if transport == Transport::Https {
        response = response.with("Strict-Transport-Security", STRICT_TRANSPORT);
    }
    // A browser must not guess a type other than the one that is named.
    response.with("X-Content-Type-Options", "nosniff").with("X-Correlation-Id", entry.correlation_id.as_str())
}

async fn attempt(
    request: &Request,
    context: &RequestContext,
    url: &str,
    verb: &str,
) -> Result<Response, Failure> {
    let result = dispatch(request, context, url, verb).await;
    context.entry.note(|facts| facts.cost = context.cost());
    capacity::watch(&context.env, context.directory(), context.now, context.correlation_id());
    result
}

/// Hands the request to the endpoint that its address names.
async fn dispatch(
    request: &Request,
    context: &RequestContext,
    url: &str,
    verb: &str,
) -> Result<Response, Failure> {
    let address = Address::parse(url)?;
    // RFC 9110 s9.3.2: HEAD is GET without the body, which `answer` drops.
    let method = if verb == "HEAD" { "GET" } else { verb };
    let note = |tenant: Option<&str>, operation: String| {
        context.entry.note(|facts| {
            facts.tenant = tenant.map(str::to_string);
            facts.operation = operation;
        });
    };
    match &address.route {
        Route::Health => {
            note(None, "healthz".to_string());
            health::handle(context, method).await
        }
        Route::Keys => {
            note(None, "keys".to_string());
            keys::handle(context, method).await
        }
        #[cfg(feature = "contract")]
        Route::Contract => {
            note(None, "contract".to_string());
            crate::endpoints::contract::handle(context, method).await
        }
        Route::Admin(below) => {
            note(None, "admin".to_string());
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            Ok(admin::handle(request, context, method, &below, &address).await)
        }
        Route::Console(below) => {
            note(None, "console".to_string());
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            Ok(console::handle(request, context, method, &below, &address).await)
        }
        Route::Events(target) => {
            note(Some(&target.tenant), events_operation(&target.below));
            events::handle(request, context, method, target, &address).await
        }
        Route::Lookup(target) => {
            note(Some(&target.tenant), "lookup".to_string());
            lookup::handle(request, context, method, &target.tenant, &address.query).await
        }
        Route::Token(tenant) => {
            note(Some(tenant), log::operation(verb, "oauth2", None));
            context.entry.note(|facts| facts.is_of_client = true);
            Ok(token::handle(request, context, method, tenant).await)
        }
        Route::Scim(target) => {
            note(Some(&target.tenant), log::operation(verb, &target.path, registry().ok()));
            context.entry.note(|facts| facts.is_of_client = true);
            directory_endpoint::handle(request, context, method, target, &address.query).await
        }
    }
}

/// Returns what the log calls a request to the events.
fn events_operation(below: &[String]) -> String {
    let first = below.first().map(String::as_str);
    let part = ["snapshot", "digest", "poll", "openapi.json"].into_iter().find(|part| first == Some(part));
    format!("events {}", part.unwrap_or("list"))
}

/// Refuses every request that came unencrypted: if it were answered, a Tenant URL with `http` would work, and its
/// token could be read on the way.
fn in_clear(entry: &Entry) -> Failure {
    entry.note(|facts| facts.operation = "http".to_string());
    let detail = "this service is served by https alone; a token that was sent by http must be replaced, \
        since it could be read on the way";
    ScimError::new(403, detail).into()
}

fn timing(cost: Cost) -> String {
    format!(
        "d1;desc=\"round_trips={} rows_read={} rows_written={}\"",
        cost.round_trips, cost.rows_read, cost.rows_written
    )
}
