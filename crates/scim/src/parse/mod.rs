//! From an HTTP request to an [`Operation`], or to the refusal that it deserves.
//!
//! `route` reads the path, `query` the parameters, `body` the JSON. What a resource or a PATCH looks like is
//! said elsewhere (`document`, `patch`).

mod body;
mod query;
mod route;

use crate::document::read_body;
use crate::operation::{Discovery, Operation, Search};
use crate::patch::{MemberChange, read_patch};
use crate::schema::Registry;
use crate::{Dialect, Kind, Precondition, ScimError};
use query::Query;
use route::Endpoint;

/// What of an HTTP request matters to SCIM.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpRequest<'a> {
    /// The verb as it stands in the request line.
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
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

/// Whether a request of that verb has a body that has to be read.
pub fn takes_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Understands a request.
pub fn parse<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    request: &HttpRequest<'_>,
) -> Result<Operation<'r>, ScimError> {
    let endpoint = route::endpoint(request.path)?;
    route::check_method(&endpoint, request.method)?;
    let query = Query::parse(request.query)?;
    match endpoint {
        Endpoint::Discovery(discovery) => discover(discovery, &query),
        Endpoint::Collection(kind) if request.method == "POST" => {
            create(registry, dialect, request, &query, kind)
        }
        Endpoint::Collection(kind) => search(registry, dialect, &query, kind),
        Endpoint::Resource(kind, id) => on_resource(registry, dialect, request, &query, kind, id),
        Endpoint::Unsupported(name) => Err(ScimError::new(501, format!("`/{name}` is not supported"))),
    }
}

fn discover<'r>(discovery: Discovery, query: &Query) -> Result<Operation<'r>, ScimError> {
    // RFC 7644 s4: a filter on these endpoints is answered 403, so that nobody takes all for some.
    if query.get("filter").is_some() {
        return Err(ScimError::new(403, "this endpoint takes no `filter`"));
    }
    Ok(Operation::Discover(discovery))
}

fn create<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    request: &HttpRequest<'_>,
    query: &Query,
    kind: Kind,
) -> Result<Operation<'r>, ScimError> {
    let read = read_body(registry.resource_type(kind), body::json(request)?, dialect)?;
    let (document, members) = (read.document, read.members.unwrap_or_default());
    Ok(Operation::Create { kind, document, members, projection: query.projection() })
}

fn search<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    query: &Query,
    kind: Kind,
) -> Result<Operation<'r>, ScimError> {
    let filter = query.filter(registry.resource_type(kind), dialect)?;
    let (start_index, count) = (query.start_index()?, query.count()?);
    Ok(Operation::Search(Search { kind, filter, start_index, count, projection: query.projection() }))
}

fn on_resource<'r>(
    registry: &'r Registry,
    dialect: Dialect,
    request: &HttpRequest<'_>,
    query: &Query,
    kind: Kind,
    id: String,
) -> Result<Operation<'r>, ScimError> {
    let projection = query.projection();
    let precondition = request.if_match.map(Precondition::parse);
    let of = registry.resource_type(kind);
    Ok(match request.method {
        "PUT" => {
            let read = read_body(of, body::json(request)?, dialect)?;
            let members = match kind {
                Kind::User => MemberChange::default(),
                Kind::Group => MemberChange::exactly(read.members.unwrap_or_default()),
            };
            Operation::Replace { kind, id, document: read.document, members, projection, precondition }
        }
        "PATCH" => {
            let patch = read_patch(of, body::json(request)?, dialect)?;
            Operation::Patch { kind, id, patch, projection, precondition }
        }
        "DELETE" => Operation::Delete { kind, id, precondition },
        _ => Operation::Read { kind, id, projection, unless: request.if_none_match.map(Precondition::parse) },
    })
}
