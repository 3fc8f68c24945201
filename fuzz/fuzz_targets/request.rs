//! The input is a conversation: requests one after the other on a directory that starts empty. Each is written as
//! HTTP writes it (request line, headers, an empty line, the body), with a line `%%` between two of them. No request
//! may fail because of another one, and every response with a body is JSON.

#![no_main]

use std::cell::Cell;
use std::sync::LazyLock;

use database::Sqlite;
use directory::{Context, execute};
use libfuzzer_sys::fuzz_target;
use scim::{Dialect, HttpRequest, HttpResponse, Instant, Registry, Request, render, render_error};
use scim_edge_fuzz::empty_directory;
use serde_json::Value;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

const BASE: &str = "https://x.example/scim/v2";

/// Returns the request, and its dialect.
fn request(text: &str) -> (HttpRequest<'_>, Dialect) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = HttpRequest { method, path, query, body: body.as_bytes(), ..HttpRequest::default() };
    let mut dialect = Dialect::TOLERANT;
    for line in lines {
        match line.split_once(": ") {
            Some(("Content-Type", value)) => request.content_type = Some(value),
            Some(("If-Match", value)) => request.if_match = Some(value),
            Some(("If-None-Match", value)) => request.if_none_match = Some(value),
            Some(("Dialect", "strict")) => dialect = Dialect::STRICT,
            _ => {}
        }
    }
    (request, dialect)
}

fn answer(database: &Sqlite, context: &Context<'_>, text: &str) -> HttpResponse {
    let (request, dialect) = request(text);
    let operation = match scim::parse(&REGISTRY, dialect, &request) {
        Ok(Request::Discover(discovery)) => {
            return discovery.render(&REGISTRY, BASE, &[]).unwrap_or_else(|error| render_error(&error));
        }
        Ok(Request::Bulk(bulk)) => {
            let outcome = pollster::block_on(directory::bulk(database, context, bulk));
            assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
            return scim::render_bulk(&outcome, BASE);
        }
        Ok(Request::Operate(operation)) => operation,
        Err(error) => return render_error(&error),
    };
    let projection = operation.projection();
    match pollster::block_on(execute(database, context, operation)) {
        Ok(outcome) => render(&outcome, &projection, &REGISTRY, BASE),
        Err(failure) => render_error(&failure.into_refusal().unwrap()),
    }
}

fuzz_target!(|text: &str| {
    let (database, tenant) = empty_directory();
    let ids = Cell::new(0);
    let new_id = || {
        ids.set(ids.get() + 1);
        format!("{:04}", ids.get())
    };
    for (now, text) in text.split("\n%%\n").enumerate() {
        let context = Context {
            tenant: &tenant,
            now: Instant(now as i64),
            actor: "",
            correlation_id: "",
            new_id: &new_id,
            new_revision: &new_id,
            registry: &REGISTRY,
        };
        let response = answer(&database, &context, text);
        assert!((200..=501).contains(&response.status) && response.status != 500, "{response:?}");
        if let Some(body) = response.body {
            assert!(serde_json::from_str::<Value>(&body).is_ok_and(|body| body.is_object()), "{body}");
        }
    }
});
