//! The health of a tenant's provisioning: cycles, requests over time, the forecast of a quarantine, what expires, what lags.
//!
//! What lives here: which of what the database counts stands where on the page. What does not: the counts
//! (`directory::activity::health`), and what Entra makes of failures (`console::forecast`).

use console::{Bar, Cycle, Deprovisioning, EdgeLag, EndpointLag, Expiry, Health, Trouble, forecast};
use database::Failure;
use directory::activity::{self, Failures, SPAN, Span};
use directory::edge::{self, Status};
use directory::webhooks::{self, Endpoint};
use futures_util::future::try_join5;
use scim::Instant;
use tenants::Token;
use tenants::oauth::Client;

use super::deliveries::shown;
use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::{clients, tokens};

/// Spans of half an hour that are plotted: a day.
const SPANS: i64 = 48;
/// Credentials that are listed.
const EXPIRIES: usize = 20;
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
    // They are asked at once, so that the page takes as long as the longest of them.
    let (counted, copy, of_tenant, of_oauth, endpoints) = try_join5(
        activity::health(database, tenant, now),
        edge::status(database, tenant),
        tokens::list(context, tenant),
        clients::list(context, tenant),
        endpoints(page),
    )
    .await?;
    let departures = counted.departures;
    let deprovisioning = departures.is_mass().then_some(Deprovisioning {
        users: departures.users,
        of: departures.of,
        since: departures.since.0,
    });
    let trouble = trouble(&counted.failures, counted.last_request, now);
    let frame = page.frame("Health", "health");
    let expiries = expiries(&frame.base(), &of_tenant, &of_oauth, now);
    let shown = Health {
        frame,
        last_request: counted.last_request.map(|at| at.0),
        cycle: counted.cycle.map(cycle),
        previous: counted.previous.map(cycle),
        forecast: forecast(&trouble),
        deprovisioning,
        bars: bars(&counted.spans, now),
        expiries,
        edge: copy.as_ref().and_then(edge_lag),
        endpoints: endpoints.iter().map(|each| endpoint_lag(each, now)).collect(),
    };
    render::page(200, &shown)
}

/// Returns the endpoints of webhooks, which the vendor's staff alone see.
async fn endpoints(page: &Page<'_>) -> Result<Vec<Endpoint>, Failure> {
    if !page.visitor.role.is_vendor() {
        return Ok(Vec::new());
    }
    webhooks::list_endpoints(page.asked.context.directory(), page.tenant).await
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

/// Returns the tokens and the OAuth clients that are in force or have expired of late, the one that expires first at the top.
fn expiries(base: &str, tokens: &[Token], clients: &[Client], now: Instant) -> Vec<Expiry> {
    let is_in_force = |revoked: Option<Instant>| revoked.is_none_or(|at| at > now);
    let tokens = tokens.iter().filter(|token| is_in_force(token.revoked)).map(|token| Expiry {
        name: token.name.clone(),
        address: format!("{base}/connect/tokens/{}", token.id),
        expires: token.expires.map(|at| at.0),
    });
    let of_client = |client: &Client| {
        let secrets = client.secrets.iter().filter(|secret| is_in_force(secret.revoked));
        // A client goes on as long as one of its secrets does.
        let expires = secrets.map(|secret| secret.expires.0).max()?;
        let address = format!("{base}/connect/clients/{}", client.id);
        Some(Expiry { name: client.name.clone(), address, expires: Some(expires) })
    };
    let clients = clients.iter().filter(|client| is_in_force(client.revoked)).filter_map(of_client);
    let is_listed = |expiry: &Expiry| expiry.expires.is_none_or(|at| at > now.0 - EXPIRED);
    let mut all: Vec<Expiry> = tokens.chain(clients).filter(is_listed).collect();
    all.sort_by_key(|expiry| expiry.expires.unwrap_or(i64::MAX));
    all.truncate(EXPIRIES);
    all
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
