//! From an HTTP request to a [`Request`], or to the refusal of it.
//!
//! `route` reads the path, `query` the parameters, `body` the JSON. `document` and `patch` read what a resource or a
//! PATCH looks like.

mod body;
mod bulk;
mod query;
mod route;
mod search;

use serde_json::Value;

use crate::document::read_body;
use crate::operation::{Discovery, Operation};
use crate::patch::{MemberChange, read_patch};
use crate::projection::Projection;
use crate::request::Request;
use crate::schema::{Registry, ResourceType};
use crate::{Dialect, Document, Kind, Precondition, ScimError};
pub use query::Query;
use route::Endpoint;
use search::Arguments;

pub use body::check_content_encoding;
pub use route::is_public;

/// The parts of an HTTP request that matter to SCIM.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpRequest<'a> {
    /// The method as it stands in the request line.
    pub method: &'a str,
    /// The path below the base URL, percent-encoded as it came: `/Users/2819c223`.
    pub path: &'a str,
    /// What follows the question mark, percent-encoded as it came.
    pub query: &'a str,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// The body; empty if there is none.
    pub body: &'a [u8],
}

/// Returns whether a request of that method has a body that must be read.
pub fn takes_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Parses a request: which operation it asks for, checked against the schemas.
///
/// ```
/// use scim::{Dialect, HttpRequest, Operation, Registry};
///
/// let registry = Registry::load().unwrap();
/// let query = "filter=userName%20eq%20%22ada%22";
/// let request = HttpRequest { method: "GET", path: "/Users", query, ..HttpRequest::default() };
/// let operation = scim::parse(&registry, Dialect::TOLERANT, &request).unwrap().operation().unwrap();
/// assert!(matches!(operation, Operation::Search(_)));
///
/// let unknown = HttpRequest { path: "/Widgets", ..request };
/// assert_eq!(scim::parse(&registry, Dialect::TOLERANT, &unknown).unwrap_err().status, 404);
/// ```
///
/// # Errors
/// 404 if the path is not an endpoint, 405 if it does not take the method, 400 if a parameter or the body is not what the
/// endpoint takes; the detail names it.
pub fn parse<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    request: &HttpRequest<'_>,
) -> Result<Request<'r>, ScimError> {
    let endpoint = route::endpoint(registry, request.path)?;
    route::check_method(&endpoint, request.method)?;
    let query = Query::parse(request.query)?;
    let search = |kinds: &[Kind], arguments: Arguments| {
        let search = arguments.search(registry, dialect, kinds)?;
        Ok(Request::Operate(Operation::Search(search)))
    };
    let all = || registry.kinds().collect::<Vec<Kind>>();
    match endpoint {
        Endpoint::Discovery(discovery) => discover(discovery, &query),
        Endpoint::Collection(kind) if request.method == "GET" => {
            search(&[kind], Arguments::from_query(&query))
        }
        Endpoint::Root => search(&all(), Arguments::from_query(&query)),
        Endpoint::Search(kind) => {
            let arguments = Arguments::from_body(body::json(request)?, dialect)?;
            search(&kind.map_or_else(all, |kind| vec![kind]), arguments)
        }
        Endpoint::Bulk => bulk::read(body::json(request)?, dialect).map(Request::Bulk),
        Endpoint::Collection(_) | Endpoint::Resource(..) => {
            let to = Resources { registry, dialect, request, projection: query.projection(dialect)? };
            to.operation(endpoint, || body::json(request)).map(Request::Operate)
        }
        // RFC 7644 s3.11: 501 if the authenticated subject is not a resource.
        Endpoint::Me => {
            Err(ScimError::new(501, "`/Me` is not supported: a token stands for a client, not for a user"))
        }
    }
}

/// Parses an operation of a bulk request, whose JSON is already parsed. It is always an operation on resources.
fn parse_part<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    request: &HttpRequest<'_>,
    data: Value,
) -> Result<Operation<'r>, ScimError> {
    let endpoint = route::endpoint(registry, request.path)?;
    route::check_method(&endpoint, request.method)?;
    if request.method == "GET" {
        return Err(ScimError::invalid_syntax("a bulk operation is a POST, PUT, PATCH or DELETE"));
    }
    let to = Resources { registry, dialect, request, projection: Projection::Default };
    to.operation(endpoint, || Ok(data))
}

/// Parses a resource as an export has it: no defaults are added.
///
/// # Errors
/// 400 if a POST of the resource would be.
pub fn parse_resource(
    registry: &Registry,
    kind: Kind,
    json: Value,
) -> Result<(Document, Vec<String>), ScimError> {
    // Clients of either dialect may have sent what is stored.
    resource(registry.resource_type(kind), json, Dialect::TOLERANT)
}

fn resource(of: &ResourceType, json: Value, dialect: Dialect) -> Result<(Document, Vec<String>), ScimError> {
    let read = read_body(of, json, dialect)?;
    Ok((read.document, read.members.unwrap_or_default()))
}

fn discover<'r>(discovery: Discovery, query: &Query) -> Result<Request<'r>, ScimError> {
    // RFC 7644 s4: a filter on these endpoints is answered 403, so that a full list is not mistaken for a filtered
    // one.
    if query.given("filter").is_some() {
        return Err(ScimError::new(403, "this endpoint does not take a `filter`"));
    }
    Ok(Request::Discover(discovery))
}

/// Returns the type of resources that a path names, and the id of one of them if it names one.
fn resource_of(registry: &Registry, path: &str) -> Option<(Kind, Option<String>)> {
    match route::endpoint(registry, path.split('?').next().unwrap_or_default()).ok()? {
        Endpoint::Collection(kind) => Some((kind, None)),
        Endpoint::Resource(kind, id) => Some((kind, Some(id))),
        _ => None,
    }
}

/// A request to read or write one resource.
struct Resources<'r, 'a> {
    registry: &'r Registry,
    dialect: Dialect,
    request: &'a HttpRequest<'a>,
    projection: Projection,
}

impl<'r> Resources<'r, '_> {
    fn operation(
        self,
        endpoint: Endpoint,
        json: impl FnOnce() -> Result<Value, ScimError>,
    ) -> Result<Operation<'r>, ScimError> {
        let Resources { registry, dialect, request, projection } = self;
        let precondition = Precondition::new(request.if_match, request.if_none_match);
        let (kind, id) = match endpoint {
            Endpoint::Collection(kind) => {
                let (mut document, members) = resource(registry.resource_type(kind), json()?, dialect)?;
                document.add_defaults(kind)?;
                return Ok(Operation::Create { kind, document, members, projection });
            }
            Endpoint::Resource(kind, id) => (kind, id),
            _ => return Err(ScimError::invalid_syntax(format!("`{}` is not a resource", request.path))),
        };
        let of = registry.resource_type(kind);
        Ok(match request.method {
            "PUT" => {
                let read = read_body(of, json()?, dialect)?;
                let members = match kind.has_members() {
                    true => MemberChange::exactly(read.members.unwrap_or_default()),
                    false => MemberChange::default(),
                };
                Operation::Replace { kind, id, document: read.document, members, projection, precondition }
            }
            "PATCH" => Operation::Patch {
                kind,
                id,
                patch: read_patch(of, json()?, dialect)?,
                projection,
                precondition,
            },
            "DELETE" => Operation::Delete { kind, id, precondition },
            _ => Operation::Read { kind, id, projection, precondition },
        })
    }
}
