//! The way of a request: authenticate, understand, execute, answer.

use std::sync::OnceLock;

use directory::{Context, Failure};
use scim::{HttpRequest, HttpResponse, Instant, Operation, Outcome, Registry, ScimError};
use worker::{Date, Env, Request};

use crate::auth::{self, Access};
use crate::d1::D1;
use crate::http::{self, Target};
use crate::{ids, log, settings};

/// The directory of the one customer there is, until there are tenants.
const TENANT: &str = "default";

/// The request header that asks for `Server-Timing` in the response.
const TIMING: &str = "X-Server-Timing";

/// Answers a request, whatever becomes of it.
pub async fn answer(request: &mut Request, env: &Env) -> HttpResponse {
    let correlation_id = ids::new_id();
    let is_head = http::method(request) == "HEAD";
    let mut response = match serve(request, env, &correlation_id).await {
        Ok(response) => response,
        Err(Failure::Refused(error)) => scim::render_error(&error),
        Err(failure) => failed(&failure.to_string(), &correlation_id),
    };
    // RFC 9110 s9.3.2: the headers of GET and nothing behind them.
    if is_head {
        response.body = None;
    }
    response
}

async fn serve(request: &mut Request, env: &Env, correlation_id: &str) -> Result<HttpResponse, Failure> {
    let target = Target::parse(&request.inner().url())?;
    if let Some(refusal) = refusal(request, env, correlation_id) {
        return Ok(refusal);
    }
    let method = match http::method(request).as_str() {
        "HEAD" => "GET".to_string(),
        other => other.to_string(),
    };
    let body = if scim::takes_body(&method) { http::body(request).await? } else { Vec::new() };
    let registry = registry()?;
    let operation = scim::parse(
        registry,
        settings::dialect(env).map_err(Failure::Misconfigured)?,
        &HttpRequest {
            method: &method,
            path: &target.path,
            query: &target.query,
            content_type: http::header(request, "Content-Type").as_deref(),
            if_match: http::header(request, "If-Match").as_deref(),
            if_none_match: http::header(request, "If-None-Match").as_deref(),
            body: &body,
        },
    )?;
    if let Operation::Discover(discovery) = &operation {
        return Ok(discovery.render(registry, &target.base)?);
    }
    let database =
        env.d1("DB").map(D1::new).map_err(|error| Failure::Misconfigured(format!("binding DB: {error}")))?;
    let now = Instant(i64::try_from(Date::now().as_millis()).unwrap_or_default());
    let context = Context { tenant: TENANT, now, new_id: &ids::new_id, registry };
    let projection = operation.projection();
    let outcome = directory::execute(&database, &context, operation).await;
    let mut response = match outcome {
        Ok(outcome) => {
            if let Outcome::Bulk { failures, .. } = &outcome {
                failures.iter().for_each(|failure| log::error(failure, correlation_id));
            }
            scim::render(&outcome, &projection, registry, &target.base)
        }
        Err(Failure::Refused(error)) => scim::render_error(&error),
        Err(failure) => return Err(failure),
    };
    if http::header(request, TIMING).is_some() {
        response.headers.push(("Server-Timing", timing(&database)));
    }
    Ok(response)
}

/// The schemas, read once an instance.
fn registry() -> Result<&'static Registry, Failure> {
    static REGISTRY: OnceLock<Result<Registry, String>> = OnceLock::new();
    REGISTRY.get_or_init(Registry::load).as_ref().map_err(|error| Failure::Misconfigured(error.clone()))
}

/// The 401 that a request without valid credentials gets (RFC 7644 s2, RFC 6750 s3).
fn refusal(request: &Request, env: &Env, correlation_id: &str) -> Option<HttpResponse> {
    let (challenge, detail) = match auth::access(env, http::header(request, "Authorization").as_deref()) {
        Access::Granted => return None,
        Access::Missing => ("Bearer realm=\"scim\"", "a bearer token is needed"),
        Access::Invalid => {
            ("Bearer realm=\"scim\", error=\"invalid_token\"", "the bearer token is not valid")
        }
        Access::Unconfigured => {
            log::error("the secret SCIM_TOKEN is not set, so every request is refused", correlation_id);
            ("Bearer realm=\"scim\", error=\"invalid_token\"", "the bearer token is not valid")
        }
    };
    let mut response = scim::render_error(&ScimError::new(401, detail));
    response.headers.push(("WWW-Authenticate", challenge.to_string()));
    Some(response)
}

/// RFC 7644 s3.12: a 500 helps whoever reads it, which is by an id that the operator finds in the log.
fn failed(message: &str, correlation_id: &str) -> HttpResponse {
    log::error(message, correlation_id);
    let detail = format!("the service failed; its operator finds the reason under `{correlation_id}`");
    scim::render_error(&ScimError::new(500, detail))
}

fn timing(database: &D1) -> String {
    let cost = database.cost();
    format!(
        "d1;desc=\"round_trips={} rows_read={} rows_written={}\"",
        cost.round_trips, cost.rows_read, cost.rows_written
    )
}
