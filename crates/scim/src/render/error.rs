//! The body of a refusal (RFC 7644 s3.12).

use serde_json::{Map, Value};

use super::HttpResponse;
use crate::{ScimError, urn};

/// Returns the response for a refusal.
pub fn render_error(error: &ScimError) -> HttpResponse {
    let mut response = HttpResponse::json(error.status, &body(error));
    response.headers.extend(error.headers());
    response
}

/// Returns the Error message.
pub(super) fn body(error: &ScimError) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".into(), Value::from(vec![urn::ERROR]));
    body.insert("status".into(), error.status.to_string().into());
    if let Some(scim_type) = error.scim_type {
        body.insert("scimType".into(), scim_type.as_str().into());
    }
    body.insert("detail".into(), error.detail.clone().into());
    body
}

#[cfg(test)]
mod tests {
    use super::render_error;
    use crate::ScimError;
    use crate::testing::user;

    #[test]
    fn an_error_carries_its_status_as_text_and_its_keyword() {
        let response = render_error(&ScimError::uniqueness(user(), "ada", "taken"));
        assert_eq!(response.status, 409);
        assert_eq!(
            response.body.unwrap(),
            r#"{"detail":"taken","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","status":"409"}"#
        );
    }
}
