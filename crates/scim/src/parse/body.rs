//! The body of a request: its media type and its JSON (RFC 7644 s3.8, s8.1).

use serde_json::Value;

use super::HttpRequest;
use crate::{ScimError, read_json};

/// Reads the body as JSON.
pub(super) fn json(request: &HttpRequest<'_>) -> Result<Value, ScimError> {
    check_media_type(request.content_type)?;
    if request.body.is_empty() {
        return Err(ScimError::invalid_syntax(format!("a {} needs a body", request.method)));
    }
    read_json(request.body)
}

fn check_media_type(content_type: Option<&str>) -> Result<(), ScimError> {
    let Some(content_type) = content_type else { return Ok(()) };
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let taken = ["application/scim+json", "application/json"];
    if media_type.is_empty() || taken.iter().any(|taken| taken.eq_ignore_ascii_case(media_type)) {
        return Ok(());
    }
    let detail = format!("`{media_type}` is not taken; send `application/scim+json`");
    Err(ScimError::new(415, detail))
}

#[cfg(test)]
mod tests {
    use super::{HttpRequest, json};
    use crate::limits::JSON_DEPTH;

    #[test]
    fn a_body_nests_as_deep_as_is_said_and_no_deeper() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let read = |depth: usize| {
                let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let request = HttpRequest { method: "POST", body: body.as_bytes(), ..HttpRequest::default() };
                json(&request).map(|_| ()).map_err(|error| error.detail)
            };
            assert_eq!(read(JSON_DEPTH), Ok(()));
            for depth in [JSON_DEPTH + 1, 100_000] {
                assert_eq!(read(depth), Err("the body nests deeper than 127 levels".to_string()));
            }
        }
    }
}
