//! From an HTTP request to a [`Request`], or to the refusal of it.
//!
//! `route` reads the path, `query` the parameters, `body` the JSON of an `http_request`. `resources` are requests on
//! one resource, `search` and `bulk` those on many. `crate::document` and `crate::patch` read what a resource or a PATCH
//! looks like.

mod body;
mod bulk;
mod http_request;
mod query;
mod resources;
mod route;
mod search;

pub use body::check_content_encoding;
pub use http_request::HttpRequest;
pub use query::Query;
pub use resources::parse_resource;
pub use route::is_public;

use crate::operation::{Discovery, Operation};
use crate::request::Request;
use crate::schema::Registry;
use crate::{Dialect, Kind, ScimError};
use resources::Resources;
use route::Endpoint;
use search::Arguments;

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

fn discover<'r>(discovery: Discovery, query: &Query) -> Result<Request<'r>, ScimError> {
    // RFC 7644 s4: a filter on these endpoints is answered 403, so that a full list is not mistaken for a filtered
    // one.
    if query.given("filter").is_some() {
        return Err(ScimError::new(403, "this endpoint does not take a `filter`"));
    }
    Ok(Request::Discover(discovery))
}
