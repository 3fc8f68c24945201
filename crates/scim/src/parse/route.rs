//! The endpoints (RFC 7644 s3.2 table 2) and the methods that each takes.

use percent_encoding::percent_decode_str;

use crate::operation::Discovery;
use crate::{Kind, Registry, ScimError};

/// What a path names.
#[derive(Debug, PartialEq)]
pub(super) enum Endpoint {
    Discovery(Discovery),
    Collection(Kind),
    Resource(Kind, String),
    /// `/.search`, on one type or on all (RFC 7644 s3.4.3).
    Search(Option<Kind>),
    /// Many operations in one request (RFC 7644 s3.7).
    Bulk,
    /// The base URL itself: all resources of all types (RFC 7644 s3.4.2.1).
    Root,
    /// The authenticated subject (RFC 7644 s3.11).
    Me,
}

/// Parses the path below the base URL. Empty segments are ignored: a Tenant URL that ends in a slash makes `//Users`.
pub(super) fn endpoint(registry: &Registry, path: &str) -> Result<Endpoint, ScimError> {
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8().map(|text| text.into_owned());
    let segments: Result<Vec<String>, _> =
        path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
    let segments = segments.map_err(|_| ScimError::new(400, "the path is not UTF-8"))?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let kind = |name: &str| registry.kinds().find(|kind| kind.endpoint() == name);
    let found = match *segments.as_slice() {
        ["ServiceProviderConfig"] => Some(Endpoint::Discovery(Discovery::ServiceProviderConfig)),
        ["ResourceTypes"] => Some(Endpoint::Discovery(Discovery::ResourceTypes(None))),
        ["ResourceTypes", name] => {
            registry.kind(name).map(|kind| Endpoint::Discovery(Discovery::ResourceTypes(Some(kind))))
        }
        ["Schemas"] => Some(Endpoint::Discovery(Discovery::Schemas(None))),
        ["Schemas", urn] => Some(Endpoint::Discovery(Discovery::Schemas(Some(urn.to_string())))),
        ["openapi.json"] => Some(Endpoint::Discovery(Discovery::OpenApi)),
        ["Me", ..] => Some(Endpoint::Me),
        ["Bulk"] => Some(Endpoint::Bulk),
        [] => Some(Endpoint::Root),
        [".search"] => Some(Endpoint::Search(None)),
        [name, ".search"] => kind(name).map(|kind| Endpoint::Search(Some(kind))),
        [name] => kind(name).map(Endpoint::Collection),
        [name, id] => kind(name).map(|kind| Endpoint::Resource(kind, id.to_string())),
        _ => None,
    };
    found.ok_or_else(|| ScimError::not_found(format!("`/{}` is not an endpoint", segments.join("/"))))
}

/// Returns whether a request is answered to every client, with or without a token: one that reads
/// ServiceProviderConfig, ResourceTypes or Schemas.
///
/// RFC 7643 s5: "Service providers SHOULD expose the 'authenticationSchemes' attribute without requiring prior
/// authentication", and clients ask for the other two as well before they have a token. All paths below them count,
/// so that an unknown name is 404 to every client. They reveal nothing about a tenant: see `discovery`.
pub fn is_public(method: &str, path: &str) -> bool {
    let first = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let first = percent_decode_str(first).decode_utf8().unwrap_or_default();
    method == "GET" && ["ServiceProviderConfig", "ResourceTypes", "Schemas"].contains(&&*first)
}

/// Refuses a method that the endpoint does not take.
pub(super) fn check_method(endpoint: &Endpoint, method: &str) -> Result<(), ScimError> {
    let (taken, allow): (&[&str], _) = match endpoint {
        Endpoint::Discovery(_) | Endpoint::Root => (&["GET"], "GET"),
        Endpoint::Search(_) | Endpoint::Bulk => (&["POST"], "POST"),
        Endpoint::Collection(_) => (&["GET", "POST"], "GET, POST"),
        Endpoint::Resource(..) => (&["GET", "PUT", "PATCH", "DELETE"], "GET, PUT, PATCH, DELETE"),
        Endpoint::Me => return Ok(()),
    };
    if taken.contains(&method) { Ok(()) } else { Err(ScimError::method_not_allowed(method, allow)) }
}

/// Returns the type of resources that a path names, and the id of one of them if it names one.
pub(super) fn resource_of(registry: &Registry, path: &str) -> Option<(Kind, Option<String>)> {
    match endpoint(registry, path.split('?').next().unwrap_or_default()).ok()? {
        Endpoint::Collection(kind) => Some((kind, None)),
        Endpoint::Resource(kind, id) => Some((kind, Some(id))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, check_method, endpoint, is_public};
    use crate::testing::{REGISTRY, group, user};

    #[test]
    fn discovery_alone_is_public_and_only_to_be_read() {
        for path in
            ["/ServiceProviderConfig", "//Schemas/", "/Schemas/urn:x", "/ResourceTypes/User", "/%53chemas"]
        {
            assert!(is_public("GET", path), "{path}");
            for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"] {
                assert!(!is_public(method, path), "{method} {path}");
            }
        }
        for path in [
            "",
            "/",
            "/Users",
            "/Users/Schemas",
            "/schemas",
            "/Schemas2",
            "/openapi.json",
            "/Me",
            "/%FF",
            "/.search",
        ] {
            assert!(!is_public("GET", path), "{path}");
        }
    }

    #[test]
    fn slashes_too_many_count_for_nothing_and_segments_are_decoded() {
        for path in ["/Users", "//Users", "/Users/"] {
            assert_eq!(endpoint(&REGISTRY, path).unwrap(), Endpoint::Collection(user()), "{path}");
        }
        assert_eq!(endpoint(&REGISTRY, "/Groups/a%2Fb").unwrap(), Endpoint::Resource(group(), "a/b".into()));
    }

    #[test]
    fn a_path_that_is_not_an_endpoint_is_refused_by_name() {
        for (path, detail) in [
            ("/NoSuchEndpoint", "`/NoSuchEndpoint` is not an endpoint"),
            ("/Users/a/b", "`/Users/a/b` is not an endpoint"),
            ("/ResourceTypes/Device", "`/ResourceTypes/Device` is not an endpoint"),
        ] {
            let error = endpoint(&REGISTRY, path).unwrap_err();
            assert_eq!((error.status, error.detail.as_str()), (404, detail), "{path}");
        }
        assert_eq!(endpoint(&REGISTRY, "/Users/%FF").unwrap_err().status, 400);
    }

    #[test]
    fn a_refused_method_is_answered_with_those_that_are_allowed() {
        let error = check_method(&Endpoint::Collection(user()), "DELETE").unwrap_err();
        assert_eq!((error.status, error.allow), (405, Some("GET, POST")));
    }
}
