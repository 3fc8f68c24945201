//! The way of a request: authenticate, count, understand, execute, answer.

use std::sync::OnceLock;

use database::{DatabaseError, Failure};
use scim::{Dialect, HttpRequest, HttpResponse, Instant, Registry, ScimError, limits};
use worker::{Context, Date, Env, Request};

use crate::address::{Address, Route, Target, Transport};
use crate::auth::Asking;
use crate::d1::{Cost, D1};
use crate::log::{self, Entry};
use crate::places::{self, Of};
use crate::rate::{self, Client, Door};
use crate::rest::Source;
use crate::{admin, auth, capacity, health, http, ids, token};

/// The request header that asks for `Server-Timing` in the response.
const TIMING: &str = "X-Server-Timing";

/// For how long a browser asks this host by https alone: a year (RFC 6797 s6.1).
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Everything that a request is answered with beside itself.
pub struct Station<'s> {
    /// Bindings, secrets and variables.
    pub env: &'s Env,
    /// What may go on behind the answer.
    pub context: &'s Context,
    /// The database, which counts what it is used for.
    pub database: &'s D1,
    /// The client as `rate` knows it.
    pub client: &'s Client,
    /// Whether the Worker is asked on the machine that it runs on.
    pub is_local: bool,
    /// The time of the request.
    pub now: Instant,
}

impl<'s> Station<'s> {
    /// Who looks a token up while the request waits for it.
    pub fn asking(&self, correlation_id: &'s str) -> Asking<'s> {
        let Station { env, database, now, is_local, .. } = *self;
        Asking { env, database, now, is_local, behind: false, correlation_id }
    }
}

/// Answers a request, whatever becomes of it. What the answer goes on with, if it is not whole, stands beside it.
pub async fn answer(request: &mut Request, env: &Env, context: &Context) -> (HttpResponse, Option<Source>) {
    let now = now();
    let mut entry = Entry {
        correlation_id: ids::new_id(),
        tenant: None,
        operation: log::operation(&http::method(request), "unknown"),
        scim_type: None,
        limited: None,
        credentials: Vec::new(),
        cost: Cost::default(),
    };
    let transport = Transport::of(&request.inner().url());
    let result = match transport {
        Transport::Clear => Err(in_clear(&mut entry)),
        transport => attempt(request, env, context, transport, now, &mut entry).await,
    };
    let (mut response, mut rest) = match result.and_then(|response| with_source(response, env, &entry)) {
        Ok(answer) => answer,
        Err(failure) => (refused(failure, &mut entry), None),
    };
    if entry.limited == Some(ScimError::FULL) {
        capacity::refused(now);
    }
    // RFC 9110 s9.3.2: the headers of GET and nothing behind them.
    if http::method(request) == "HEAD" {
        (response.body, rest) = (None, None);
    }
    // Who is not let in learns nothing of what it cost: whether a token had to be looked up is nobody's business.
    if !matches!(response.status, 401 | 429) && http::header(request, TIMING).is_some() {
        response.headers.push(("Server-Timing", timing(entry.cost)));
    }
    // What is answered is about people, or of the moment: nobody on the way keeps it (RFC 9111 s5.2.2.5), and nobody
    // guesses another type for it.
    response.headers.push(("Cache-Control", "no-store".to_string()));
    response.headers.push(("X-Content-Type-Options", "nosniff".to_string()));
    // RFC 6797 s7.2: not over http. And not to this machine, whose name all of its programs share.
    if transport == Transport::Https {
        response.headers.push(("Strict-Transport-Security", STRICT_TRANSPORT.to_string()));
    }
    entry.write(response.status, self::now().0.saturating_sub(now.0));
    response.headers.push(("X-Correlation-Id", entry.correlation_id));
    (response, rest)
}

/// What the answer goes on with, beside it.
fn with_source(
    mut response: HttpResponse,
    env: &Env,
    entry: &Entry,
) -> Result<(HttpResponse, Option<Source>), Failure> {
    let Some(rest) = response.rest.take() else { return Ok((response, None)) };
    let database = D1::open(env)?.after(entry.cost);
    let tenant = entry.tenant.clone().unwrap_or_default();
    let source = Source { database, tenant, rest, correlation_id: entry.correlation_id.clone() };
    Ok((response, Some(source)))
}

async fn attempt(
    request: &mut Request,
    env: &Env,
    context: &Context,
    transport: Transport,
    now: Instant,
    entry: &mut Entry,
) -> Result<HttpResponse, Failure> {
    let database = D1::open(env)?;
    let (client, is_local) = (Client::of(request), transport == Transport::Loopback);
    let station = Station { env, context, database: &database, client: &client, is_local, now };
    let result = serve(request, &station, entry).await;
    entry.cost = database.cost();
    capacity::watch(env, &database, now, &entry.correlation_id);
    result
}

async fn serve(
    request: &mut Request,
    station: &Station<'_>,
    entry: &mut Entry,
) -> Result<HttpResponse, Failure> {
    let address = Address::parse(&request.inner().url())?;
    let method = match http::method(request).as_str() {
        "HEAD" => "GET".to_string(),
        other => other.to_string(),
    };
    match &address.route {
        Route::Health => {
            entry.operation = "healthz".to_string();
            health::health(station, &method, &entry.correlation_id).await
        }
        Route::Admin(below) => {
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            Ok(admin::serve(request, station, entry, &method, &below, &address).await)
        }
        Route::Token(tenant) => {
            entry.tenant = Some(tenant.clone());
            entry.operation = log::operation(&http::method(request), "oauth2");
            Ok(token::answer(request, station, entry, &method, tenant).await)
        }
        Route::Scim(target) => {
            entry.tenant = Some(target.tenant.clone());
            entry.operation = log::operation(&http::method(request), &target.path);
            scim_request(request, station, entry, &method, target, &address.query).await
        }
    }
}

async fn scim_request(
    request: &mut Request,
    station: &Station<'_>,
    entry: &mut Entry,
    method: &str,
    target: &Target,
    query: &str,
) -> Result<HttpResponse, Failure> {
    if scim::is_public(method, &target.path) {
        return described(method, target, query);
    }
    let authorization = http::header(request, "Authorization");
    let customer =
        auth::access(station, &target.tenant, authorization.as_deref(), &entry.correlation_id).await;
    let Ok(Some(customer)) = customer else {
        rate::failed(station, Door::Tenant(&target.tenant), entry).await?;
        customer?;
        let (error, challenge) = auth::refusal(authorization.as_deref());
        return Ok(auth::challenged(scim::render_error(&error), challenge));
    };
    rate::tenant(station, &customer.tenant, entry).await?;
    rate::check_rows(station, &customer.tenant, entry)?;
    station.database.read_by(&customer.tenant);
    let body = if scim::takes_body(method) { http::body(request, limits::BODY).await? } else { Vec::new() };
    // While a request waits for the database, it holds what it has read of its body.
    let _place = match limits::weight(&body) {
        large if large > limits::LARGE => Some(places::enter(Of::Bodies, large).await?),
        _ => None,
    };
    let registry = registry()?;
    let understood = scim::parse(
        registry,
        customer.dialect(station.env)?,
        &HttpRequest {
            method,
            path: &target.path,
            query,
            content_type: http::header(request, "Content-Type").as_deref(),
            if_match: http::header(request, "If-Match").as_deref(),
            if_none_match: http::header(request, "If-None-Match").as_deref(),
            body: &body,
        },
    )?;
    drop(body);
    let context = directory::Context {
        tenant: &customer.tenant,
        now: station.now,
        actor: &customer.credential,
        correlation_id: &entry.correlation_id,
        new_id: &ids::new_id,
        new_revision: &ids::new_id,
        registry,
    };
    match understood {
        scim::Request::Discover(discovery) => Ok(discovery.render(registry, &target.base)?),
        scim::Request::Operate(operation) => {
            let projection = operation.projection();
            let outcome = directory::execute(station.database, &context, operation).await?;
            Ok(scim::render(&outcome, &projection, registry, &target.base))
        }
        scim::Request::Bulk(bulk) => {
            let outcome = directory::bulk(station.database, &context, bulk).await;
            let refusals = outcome.results.iter().filter_map(|result| result.done.as_ref().err());
            entry.limited = refusals.filter_map(|error| error.limited).next_back();
            outcome.failures.iter().for_each(|failure| log::error(failure, &entry.correlation_id));
            Ok(scim::render_bulk(&outcome, &target.base))
        }
    }
}

/// Answers anybody what the service says of itself. No token, tenant or setting is looked at, so the answer, and the time
/// that it takes, tell nothing of which there are. It costs less than the 401 that would stand in its place, which counts a
/// failure and may ask the database: so it is not counted.
fn described(method: &str, target: &Target, query: &str) -> Result<HttpResponse, Failure> {
    let registry = registry()?;
    let request = HttpRequest { method, path: &target.path, query, ..HttpRequest::default() };
    match scim::parse(registry, Dialect::TOLERANT, &request)? {
        scim::Request::Discover(discovery) => Ok(discovery.render(registry, &target.base)?),
        _ => Err(Failure::Misconfigured("a public endpoint reads the directory".to_string())),
    }
}

/// The schemas, read once an instance.
pub fn registry() -> Result<&'static Registry, Failure> {
    static REGISTRY: OnceLock<Result<Registry, String>> = OnceLock::new();
    REGISTRY.get_or_init(Registry::load).as_ref().map_err(|error| Failure::Misconfigured(error.clone()))
}

/// The runtime's clock.
pub fn now() -> Instant {
    Instant(i64::try_from(Date::now().as_millis()).unwrap_or_default())
}

/// Refuses what has come in clear, whatever it asks for: were it answered, a Tenant URL with `http` would work, and its
/// token be read by whoever listens.
fn in_clear(entry: &mut Entry) -> Failure {
    entry.operation = "http".to_string();
    let detail = "this service is served by https alone; a token that was sent by http must be replaced, \
        since it could be read on the way";
    ScimError::new(403, detail).into()
}

fn refused(failure: Failure, entry: &mut Entry) -> HttpResponse {
    let error = told(failure, &entry.correlation_id);
    entry.scim_type = error.scim_type;
    entry.limited = error.limited.or(entry.limited);
    scim::render_error(&error)
}

/// What the client is told. RFC 7644 s3.12: a 500 helps whoever reads it, which is by an id that the operator finds
/// in the log.
pub fn told(failure: Failure, correlation_id: &str) -> ScimError {
    match failure {
        Failure::Refused(error) => error,
        Failure::TooMuch { ref error, .. } => {
            log::error(&failure.to_string(), correlation_id);
            error.clone()
        }
        failure => {
            log::error(&failure.to_string(), correlation_id);
            if matches!(failure, Failure::Database(DatabaseError::Full(_))) {
                return ScimError::full();
            }
            if failure.is_passing() {
                let detail =
                    format!("the directory did not answer; send the request again (`{correlation_id}`)");
                return ScimError::busy(detail);
            }
            let detail =
                format!("the service failed; its operator finds the reason under `{correlation_id}`");
            ScimError::new(500, detail)
        }
    }
}

fn timing(cost: Cost) -> String {
    format!(
        "d1;desc=\"round_trips={} rows_read={} rows_written={}\"",
        cost.round_trips, cost.rows_read, cost.rows_written
    )
}
