//! Requests to read or write one resource: by themselves, as a part of a bulk request, or as a line of an export.

use serde_json::Value;

use super::HttpRequest;
use super::route::{self, Endpoint};
use crate::document::read_body;
use crate::operation::Operation;
use crate::patch::{MemberChange, read_patch};
use crate::projection::Projection;
use crate::schema::{Registry, ResourceType};
use crate::{Dialect, Document, Kind, Precondition, ScimError};

/// A request to read or write one resource.
pub(super) struct Resources<'r, 'a> {
    pub registry: &'r Registry,
    pub dialect: Dialect,
    pub request: &'a HttpRequest<'a>,
    pub projection: Projection,
}

impl<'r> Resources<'r, '_> {
    /// Returns the operation that it asks for.
    pub(super) fn operation(
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

/// Parses an operation of a bulk request, whose JSON is already parsed. It is always an operation on resources.
pub(super) fn parse_part<'r>(
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
