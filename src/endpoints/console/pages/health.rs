//! The health of a tenant's provisioning: cycles, requests over time, the forecast of a quarantine, what expires, what lags.
//!
//! What lives here: which of what the database counts stands where on the page. What does not: the counts
//! (`directory::condition`), and what Entra makes of failures (`console::forecast`).

use console::{Bar, Cycle, EdgeLag, EndpointLag, Expiry, Health, Trouble, forecast};
use database::Failure;
use directory::activity::{self, Failures, SPAN, Span};
use directory::edge::Status;
use directory::webhooks::Endpoint;
use directory::{Condition, condition};
use futures_util::future::try_join3;
use scim::Instant;
use tenants::{Expiring, expiring};

use super::deliveries::shown;
use super::page::{Page, departed, no_page};
use crate::endpoints::console::render;
use crate::http::Response;

/// Spans of half an hour that are plotted: a day.
const SPANS: i64 = 48;
/// Credentials that are listed.
const EXPIRIES: i64 = 20;
/// Milliseconds for which a credential is listed after it has expired: a week.
const EXPIRED: i64 = 7 * 86_400_000;
/// Refused requests without a valid credential by which the client itself is taken to be refused: one may be of anyone.
const REFUSED: i64 = 3;
/// Milliseconds without a request that had one: Entra asks every 40 minutes.
const SILENCE: i64 = 45 * 60_000;

pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    page.asked.only("GET")?;
    if !below.is_empty() {
        return Err(no_page());
    }
    page.asked.named("health");
    let context = page.asked.context;
    let (database, tenant, now) = (context.directory(), page.tenant, context.now);
    let since = Instant(now.0 - EXPIRED);
    let (mut frame, found, credentials) = try_join3(
        page.warned_frame("Health", "health"),
        condition(database, tenant, now),
        expiring(context.accounts(), tenant, (since, now), EXPIRIES),
    )
    .await?;
    let Condition { health: counted, edge, endpoints } = found;
    // The vendor's staff alone see where events are sent.
    let endpoints = if page.visitor.role.is_vendor() { endpoints } else { Vec::new() };
    // What is so now is newer than what was raised, which a minute passes before.
    if counted.departures.is_mass() {
        frame.banners = vec![departed(&counted.departures, &frame)];
    }
    let trouble = trouble(&counted.failures, counted.last_request, now);
    let base = frame.base();
    let shown = Health {
        frame,
        last_request: counted.last_request.map(|at| at.0),
        cycle: counted.cycle.map(cycle),
        previous: counted.previous.map(cycle),
        forecast: forecast(&trouble),
        bars: bars(&counted.spans, now),
        expiries: credentials.into_iter().map(|each| expiry(&base, each)).collect(),
        edge: edge.as_ref().and_then(edge_lag),
        endpoints: endpoints.iter().map(|each| endpoint_lag(each, now)).collect(),
    };
    render::page(200, &shown)
}

fn cycle(cycle: activity::Cycle) -> Cycle {
    Cycle { began: cycle.began.0, last_request: cycle.last_request.0, is_over: cycle.is_over }
}

/// Returns a bar for each span of the last day, also for one without requests; none if there was no request at all.
fn bars(spans: &[Span], now: Instant) -> Vec<Bar> {
    if spans.is_empty() {
        return Vec::new();
    }
    let last = now.0 - now.0.rem_euclid(SPAN);
    let bar = |back: i64| {
        let at = last - back * SPAN;
        let found = spans.iter().find(|span| span.at.0 == at);
        found.map_or(Bar { at, ..Bar::default() }, |span| Bar {
            at,
            answered: span.answered,
            refused: span.refused,
            failed: span.failed,
        })
    };
    (0..SPANS).rev().map(bar).collect()
}

/// Returns what goes wrong, as Entra counts it. A search is never answered with 404 here, since the address of a tenant that does not exist
/// answers 401.
fn trouble(failures: &Failures, last_request: Option<Instant>, now: Instant) -> Trouble {
    let is_silent = last_request.is_some_and(|at| now.0.saturating_sub(at.0) > SILENCE);
    let is_credential_refused = failures.unauthenticated >= REFUSED && is_silent;
    let since = if is_credential_refused { last_request } else { failures.since };
    Trouble {
        operations: failures.requests,
        failures: failures.others,
        reference_failures: failures.groups,
        failures_last_hour: failures.last_hour,
        is_credential_refused,
        is_search_missing: false,
        since: since.map(|at| at.0),
    }
}

fn expiry(base: &str, credential: Expiring) -> Expiry {
    let kind = if credential.is_client { "clients" } else { "tokens" };
    Expiry {
        address: format!("{base}/connect/{kind}/{}", credential.id),
        name: credential.name,
        expires: credential.expires.map(|at| at.0),
    }
}

/// Returns how far the edge copy is; None if it is being removed.
fn edge_lag(status: &Status) -> Option<EdgeLag> {
    let Status { progress, behind, caught_up } = status;
    (progress.is_on && progress.clearing.is_none()).then_some(EdgeLag {
        is_filling: progress.filling.is_some(),
        behind: *behind,
        caught_up: caught_up.map(|at| at.0),
    })
}

fn endpoint_lag(endpoint: &Endpoint, now: Instant) -> EndpointLag {
    let shown = shown::endpoint(endpoint, now);
    EndpointLag { state: shown.state(), id: shown.id, url: shown.url, behind: shown.behind }
}
