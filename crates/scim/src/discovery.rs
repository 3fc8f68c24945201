//! The service's description of itself: ServiceProviderConfig, ResourceTypes and Schemas (RFC 7644 s4), and the
//! OpenAPI document.
//!
//! It claims nothing that is not served. The first three are answered to clients without a token as well
//! (`parse::is_public`), so they depend on the build, on what the deployment has switched on, and on the base URL as the
//! client wrote it, and never on a tenant, its settings or what it holds.

use serde_json::{Value, json};

use crate::operation::Discovery;
use crate::schema::{Registry, ResourceType, Schema};
use crate::{ScimError, limits, openapi, urn};

/// Returns the JSON that answers the question.
pub(crate) fn describe(
    discovery: &Discovery,
    registry: &Registry,
    base: &str,
    security_events: &[&str],
) -> Result<Value, ScimError> {
    match discovery {
        Discovery::ServiceProviderConfig => Ok(service_provider_config(base, security_events)),
        Discovery::ResourceTypes(None) => {
            Ok(list(registry.resource_types().map(|of| resource_type(of, base)).collect()))
        }
        Discovery::ResourceTypes(Some(kind)) => Ok(resource_type(registry.resource_type(*kind), base)),
        Discovery::Schemas(None) => {
            Ok(list(registry.schemas().map(|of| schema(of, registry, base)).collect()))
        }
        Discovery::OpenApi => openapi::document(registry, base),
        Discovery::Schemas(Some(urn)) => {
            let found = registry.schemas().find(|schema| schema.is(urn));
            let found = found.ok_or_else(|| ScimError::not_found(format!("there is no schema `{urn}`")))?;
            Ok(schema(found, registry, base))
        }
    }
}

fn list(resources: Vec<Value>) -> Value {
    let count = resources.len();
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": count,
        "startIndex": 1,
        "itemsPerPage": count,
        "Resources": resources,
    })
}

/// Returns the ServiceProviderConfig (RFC 7643 s5).
fn service_provider_config(base: &str, security_events: &[&str]) -> Value {
    let mut config = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {"supported": true, "maxOperations": limits::BULK_OPERATIONS, "maxPayloadSize": limits::BODY},
        "filter": {"supported": true, "maxResults": limits::PAGE_MAX},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits::PAGE_DEFAULT,
            "maxPageSize": limits::PAGE_MAX,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A Secret Token, or a JWT of a trusted issuer",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": true,
            },
            {
                "type": "oauth2",
                "name": "OAuth 2.0 client credentials",
                "description": "An access token of the token endpoint, for a client secret or a JWT assertion",
                "specUri": "https://www.rfc-editor.org/info/rfc6749",
            },
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    });
    // RFC 9967 s3: requests are not executed asynchronously.
    if let (false, Some(config)) = (security_events.is_empty(), config.as_object_mut()) {
        config.insert("securityEvents".into(), json!({"asyncRequest": "none", "eventUris": security_events}));
    }
    config
}

/// Returns a resource type (RFC 7643 s6).
fn resource_type(of: &ResourceType, base: &str) -> Value {
    let name = of.kind.name();
    let extensions: Vec<Value> =
        of.extensions.iter().map(|schema| json!({"schema": schema.id, "required": false})).collect();
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": name,
        "name": name,
        "endpoint": format!("/{}", of.kind.endpoint()),
        "description": of.description,
        "schema": of.schema.id,
        "schemaExtensions": extensions,
        "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}")},
    })
}

/// Returns the document as it stands in `schemas/`, with the meta that the server adds.
///
/// `externalId` is listed with a core schema's attributes: Entra looks up every target of its attribute mapping in
/// `/Schemas` when its gallery test runs, and externalId is one of them.
fn schema(of: &Schema, registry: &Registry, base: &str) -> Value {
    let mut json = of.json.clone();
    let is_core = registry.resource_types().any(|resource_type| resource_type.schema.is(&of.id));
    if is_core && let Some(attributes) = json.get_mut("attributes").and_then(Value::as_array_mut) {
        attributes.push(external_id());
    }
    if let Some(document) = json.as_object_mut() {
        let meta = json!({"resourceType": "Schema", "location": format!("{base}/Schemas/{}", of.id)});
        document.insert("meta".into(), meta);
    }
    json
}

fn external_id() -> Value {
    json!({
        "name": "externalId",
        "type": "string",
        "multiValued": false,
        "description": "The identifier that the provisioning client gave the resource",
        "required": false,
        "caseExact": true,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    })
}
