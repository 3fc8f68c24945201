//! A directory that is used over HTTP messages, at a time and with ids that the test knows.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use database::{Database, Failure, Row, Statement};
use directory::Context;
use scim::{Dialect, HttpRequest, Instant, Operation, Predicate, Registry, Request};
use serde_json::{Value, json};

use crate::instrumented::InstrumentedDatabase;

pub const BASE: &str = "https://scim.example/v2";
pub const USER: &str = scim::urn::USER;
pub const GROUP: &str = scim::urn::GROUP;
pub const ENTERPRISE: &str = scim::urn::ENTERPRISE_USER;

/// One tenant's view of the directory; clones share the database, the clock and the ids.
#[derive(Clone)]
pub struct Directory {
    pub database: Rc<InstrumentedDatabase>,
    registry: Rc<Registry>,
    tenant: &'static str,
    dialect: Dialect,
    /// Seconds since the first request.
    clock: Rc<Cell<i64>>,
    ids: Rc<Cell<u64>>,
    revisions: Rc<Cell<u64>>,
}

/// The headers of a request.
#[derive(Default, Clone, Copy)]
pub struct Headers<'h> {
    pub if_match: Option<&'h str>,
    pub if_none_match: Option<&'h str>,
}

#[derive(Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    /// The body; null if there is none.
    pub body: Value,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
    }
}

impl Directory {
    pub fn new() -> Directory {
        Directory::with(Registry::load().unwrap())
    }

    pub fn with(registry: Registry) -> Directory {
        Directory {
            database: Rc::new(InstrumentedDatabase::new()),
            registry: Rc::new(registry),
            tenant: "default",
            dialect: Dialect::TOLERANT,
            clock: Rc::default(),
            ids: Rc::default(),
            revisions: Rc::default(),
        }
    }

    /// Returns the same database for another tenant.
    pub fn of_tenant(&self, tenant: &'static str) -> Directory {
        Directory { tenant, ..self.clone() }
    }

    pub fn strict(&self) -> Directory {
        Directory { dialect: Dialect::STRICT, ..self.clone() }
    }

    /// Sets the clock: the next request happens at that second, and each later one a second after the one before.
    pub fn at_second(&self, second: i64) {
        self.clock.set(second);
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("PUT", path, Some(body))
    }

    /// Returns a PATCH of these operations.
    pub fn patch(&self, path: &str, operations: Value) -> (u16, Value) {
        self.ask("PATCH", path, Some(patch(operations)))
    }

    pub fn delete(&self, path: &str) -> (u16, Value) {
        self.ask("DELETE", path, None)
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.request(method, path, body, Headers::default());
        (response.status, response.body)
    }

    pub fn request(&self, method: &str, path: &str, body: Option<Value>, headers: Headers<'_>) -> Response {
        self.try_request(method, path, body, headers).unwrap()
    }

    /// Sends a request. An error is a failure that the Worker answers 500 or 503.
    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: Headers<'_>,
    ) -> Result<Response, Failure> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = HttpRequest {
            method,
            path,
            query,
            content_type: Some("application/scim+json"),
            if_match: headers.if_match,
            if_none_match: headers.if_none_match,
            body: body.as_bytes(),
        };
        let answered = self.run(async |database, context| {
            let operation = match scim::parse(&self.registry, self.dialect, &request)? {
                Request::Operate(operation) => operation,
                Request::Bulk(bulk) => {
                    let outcome = directory::bulk(database, context, bulk).await;
                    return Ok(scim::render_bulk(&outcome, BASE));
                }
                Request::Discover(discovery) => return Ok(discovery.render(&self.registry, BASE, &[])?),
            };
            let projection = operation.projection();
            let outcome = directory::execute(database, context, operation).await?;
            let mut response = scim::render(&outcome, &projection, &self.registry, BASE);
            while let (Some(rest), Some(body)) = (&mut response.rest, &mut response.body) {
                let (text, more) = directory::read_rest(database, context.tenant, rest).await?;
                body.push_str(&text);
                response.rest = response.rest.filter(|_| more);
            }
            Ok(response)
        });
        let response = match answered {
            Ok(response) => response,
            Err(failure) => scim::render_error(&failure.into_refusal()?),
        };
        let body = response.body.map_or(Value::Null, |body| serde_json::from_str(&body).unwrap());
        Ok(Response { status: response.status, headers: response.headers, body })
    }

    /// Runs a function that needs a context.
    pub fn run<T>(
        &self,
        run: impl AsyncFnOnce(&InstrumentedDatabase, &Context<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let now = Instant(NEW_YEAR + 1_000 * self.clock.replace(self.clock.get() + 1));
        let context = Context {
            tenant: self.tenant,
            now,
            actor: "token1",
            correlation_id: "request1",
            new_id: &|| next(&self.ids),
            new_revision: &|| next(&self.revisions),
            registry: &self.registry,
        };
        pollster::block_on(run(&self.database, &context))
    }

    /// Runs a statement beside the directory: what it does is neither counted nor made to fail. Returns its rows.
    pub fn sql(&self, text: impl Into<Cow<'static, str>>) -> Vec<Row> {
        let statement = Statement::new(text, Vec::new());
        pollster::block_on(self.database.sqlite.run(vec![statement])).unwrap().remove(0)
    }

    /// Starts the ids again from the first.
    pub fn restart_ids(&self) {
        self.ids.set(0);
        self.revisions.set(0);
    }

    /// Continues the ids after that number.
    pub fn ids_from(&self, number: u64) {
        self.ids.set(number);
        self.revisions.set(number);
    }

    /// Creates a user of that name; returns the id.
    pub fn user(&self, name: &str) -> String {
        self.created("/Users", json!({"userName": name}))
    }

    /// Creates a group of that name; returns the id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        self.created("/Groups", json!({"displayName": name, "members": self::members(members)}))
    }

    #[track_caller]
    pub fn created(&self, path: &str, body: Value) -> String {
        let (status, body) = self.post(path, body);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_string()
    }

    /// Returns the filter as it is checked for users; None if it is refused.
    pub fn predicate(&self, filter: &str) -> Option<Predicate<'_>> {
        let query = format!("filter={}", encoded(filter));
        let request = HttpRequest { method: "GET", path: "/Users", query: &query, ..HttpRequest::default() };
        match scim::parse(&self.registry, self.dialect, &request) {
            Ok(Request::Operate(Operation::Search(mut search))) => search.branches.remove(0).filter,
            _ => None,
        }
    }

    /// Returns the response to a query with a filter.
    pub fn query(&self, endpoint: &str, filter: &str) -> (u16, Value) {
        self.get(&format!("{endpoint}?filter={}", encoded(filter)))
    }

    /// Returns the names of the resources that a filter selects, with blanks between them.
    #[track_caller]
    pub fn names(&self, endpoint: &str, filter: &str) -> String {
        let (status, body) = self.query(endpoint, filter);
        assert_eq!(status, 200, "{filter}: {body}");
        let found = body["Resources"].as_array().unwrap();
        assert_eq!(body["totalResults"], found.len(), "{filter}");
        let name = |one: &Value| {
            let name = if endpoint == "/Users" { &one["userName"] } else { &one["displayName"] };
            name.as_str().unwrap().to_string()
        };
        found.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// Puts a group into a new group `g{at}` for each of the numbers, each of them into the next.
    pub fn nest(&self, lowest: String, numbers: Range<usize>) {
        numbers.fold(lowest, |inner, at| self.group(&format!("g{at}"), &[&inner]));
    }

    /// Returns the ids of the resources of an endpoint.
    pub fn ids(&self, endpoint: &str) -> Vec<String> {
        let (_, body) = self.get(&format!("{endpoint}?attributes=id"));
        let found = body["Resources"].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one["id"].as_str().unwrap().to_string()).collect()
    }

    /// Returns the ids of a group's members, in the order of the response.
    #[track_caller]
    pub fn members_of(&self, group: &str) -> Vec<String> {
        let (status, body) = self.get(&format!("/Groups/{group}"));
        assert_eq!(status, 200, "{body}");
        let members = body["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|member| member["value"].as_str().unwrap().to_string()).collect()
    }

    /// Returns `meta.version` and the second of `meta.lastModified`.
    #[track_caller]
    pub fn version(&self, path: &str) -> (String, String) {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{body}");
        let text = |name: &str| body["meta"][name].as_str().unwrap().to_string();
        (text("version"), text("lastModified"))
    }
}

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000;

/// Returns the time of a request at that second.
pub fn second(second: i64) -> String {
    Instant(NEW_YEAR + 1_000 * second).to_rfc3339()
}

pub fn meta(kind: &str, id: &str, version: u32, created: i64, modified: i64) -> Value {
    json!({
        "resourceType": kind,
        "created": second(created),
        "lastModified": second(modified),
        "location": format!("{BASE}/{kind}s/{id}"),
        "version": format!("W/\"{version}\""),
    })
}

/// Returns the next id of that counter.
fn next(ids: &Cell<u64>) -> String {
    ids.set(ids.get() + 1);
    format!("00000000-0000-7000-8000-{:012}", ids.get())
}

/// Returns the value of `members` that names these ids.
pub fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

pub fn patch(operations: Value) -> Value {
    json!({"schemas": [scim::urn::PATCH_OP], "Operations": operations})
}

/// Returns the response with that refusal.
pub fn refusal(status: u16, scim_type: &str, detail: &str) -> (u16, Value) {
    let mut body = json!({"schemas": [scim::urn::ERROR], "status": status.to_string(), "detail": detail});
    if !scim_type.is_empty() {
        body["scimType"] = scim_type.into();
    }
    (status, body)
}

pub fn list(total: usize, start_index: usize, resources: Value) -> (u16, Value) {
    let count = resources.as_array().unwrap().len();
    let body = json!({
        "schemas": [scim::urn::LIST_RESPONSE], "totalResults": total, "startIndex": start_index,
        "itemsPerPage": count, "Resources": resources,
    });
    (200, body)
}

/// Returns the text percent-encoded for a query.
pub fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
