//! What a client reads that is not authenticated (RFC 6750 s3, RFC 7644 s2).

use scim::ScimError;

use super::credential::bearer;
use crate::http::Response;

/// Returns the 401 for a request without valid credentials. `render` gives the error the form of the endpoint.
pub fn unauthorized(authorization: Option<&str>, render: impl FnOnce(&ScimError) -> Response) -> Response {
    let (detail, challenge) = match authorization.and_then(bearer) {
        // RFC 6750 s3.1: "If the request lacks any authentication information [..], the resource server SHOULD NOT include an error
        // code or other error information."
        None => ("a bearer token is needed", "Bearer realm=\"scim\""),
        Some(_) => ("the bearer token is not valid", "Bearer realm=\"scim\", error=\"invalid_token\""),
    };
    render(&ScimError::new(401, detail)).with("WWW-Authenticate", challenge)
}

/// Returns the 403 for a request that needs more than the scopes of its credential. RFC 6750 s3.1: "The request
/// requires higher privileges than provided by the access token. The resource server SHOULD respond with the HTTP 403
/// (Forbidden) status code and MAY include the "scope" attribute with the scope necessary to access the protected
/// resource."
pub fn insufficient_scope(scope: &str, render: impl FnOnce(&ScimError) -> Response) -> Response {
    let detail = format!("the token may not do this: it needs the scope `{scope}`");
    let challenge = format!("Bearer realm=\"scim\", error=\"insufficient_scope\", scope=\"{scope}\"");
    render(&ScimError::new(403, detail)).with("WWW-Authenticate", challenge)
}
