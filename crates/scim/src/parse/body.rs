//! The body of a request: its content coding, its media type and its JSON (RFC 7644 s3.8, s8.1).

use serde_json::Value;

use super::HttpRequest;
use crate::json::without_mark;
use crate::{ScimError, read_json};

/// Parses the body as JSON.
pub(super) fn json(request: &HttpRequest<'_>) -> Result<Value, ScimError> {
    check_media_type(request.content_type)?;
    if without_mark(request.body).is_empty() {
        return Err(ScimError::invalid_syntax(format!("a {} needs a body", request.method)));
    }
    read_json(request.body)
}

/// Checks how a body is encoded, by the request's `Content-Encoding`, for every body, whatever its media type.
///
/// # Errors
/// 415 if it is encoded in any way but `identity`. A compressed body could become a thousand times as large as the
/// limit of bytes allows, and no identity provider is known to send one.
pub fn check_content_encoding(content_encoding: Option<&str>) -> Result<(), ScimError> {
    let codings = content_encoding.unwrap_or_default().split(',').map(str::trim);
    let mut encoded = codings.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    encoded.next().map_or(Ok(()), |coding| Err(ScimError::encoded_content(coding)))
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
    use super::{HttpRequest, check_content_encoding, json};
    use crate::limits::JSON_DEPTH;

    #[test]
    fn a_body_is_taken_as_it_is_and_in_no_other_coding() {
        for taken in [None, Some(""), Some(" "), Some("identity"), Some("Identity , identity")] {
            assert_eq!(check_content_encoding(taken), Ok(()), "{taken:?}");
        }
        for (sent, coding) in [
            ("gzip", "gzip"),
            (" GZIP ", "GZIP"),
            ("identity, br", "br"),
            ("deflate, gzip", "deflate"),
            ("x", "x"),
        ] {
            let error = check_content_encoding(Some(sent)).unwrap_err();
            let detail = format!(
                "a body with `Content-Encoding: {coding}` is not taken; send it as it is, uncompressed"
            );
            assert_eq!((error.status, &error.detail), (415, &detail));
            let headers: Vec<_> = error.headers().collect();
            assert_eq!(headers, [("Accept-Encoding", "identity".to_string())]);
        }
    }

    #[test]
    fn a_byte_order_mark_before_the_body_is_skipped() {
        let read = |body: &str| {
            let request = HttpRequest { method: "POST", body: body.as_bytes(), ..HttpRequest::default() };
            json(&request).map(|value| value.to_string()).map_err(|error| error.into_detail())
        };
        assert_eq!(read("\u{feff}{\"a\":1}"), Ok("{\"a\":1}".to_string()));
        assert_eq!(read("\u{feff} []"), Ok("[]".to_string()));
        // The first is a mark, the second is text. A mark alone is an empty body.
        assert!(read("\u{feff}\u{feff}{}").unwrap_err().starts_with("the body is not JSON: "));
        assert_eq!(read("\u{feff}"), Err("a POST needs a body".to_string()));
        assert_eq!(read("\"\u{feff}\""), Ok("\"\u{feff}\"".to_string()));
    }

    #[test]
    fn a_body_nests_as_deep_as_is_said_and_no_deeper() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let read = |depth: usize| {
                let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let request = HttpRequest { method: "POST", body: body.as_bytes(), ..HttpRequest::default() };
                json(&request).map(|_| ()).map_err(|error| error.into_detail())
            };
            assert_eq!(read(JSON_DEPTH), Ok(()));
            for depth in [JSON_DEPTH + 1, 100_000] {
                assert_eq!(read(depth), Err("the body nests deeper than 127 levels".to_string()));
            }
        }
    }
}
