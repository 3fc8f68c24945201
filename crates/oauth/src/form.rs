//! Forms as browsers and clients send them, and queries: `application/x-www-form-urlencoded` (RFC 6749 appendix B).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// What is not escaped: the unreserved characters of RFC 3986 s2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The fields of a form or of a query.
///
/// ```
/// let form = oauth::Form::parse(b"code=a%2Bb&state=x+y&state=z").unwrap();
/// assert_eq!((form.get("code"), form.get("state"), form.get("none")), (Some("a+b"), None, None));
/// ```
#[derive(Default, Clone)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Parses a form. None if it is not percent-encoded UTF-8.
    pub fn parse(body: &[u8]) -> Option<Form> {
        pairs(body).collect::<Option<_>>().map(Form)
    }

    /// Returns the value of a field; None if it is missing or was sent more than once.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }
}

/// Leaves the values out, since a log must not hold them.
impl fmt::Debug for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Renders fields as a form or a query.
///
/// ```
/// assert_eq!(oauth::encode_form(&[("scope", "openid email"), ("state", "a&b")]), "scope=openid%20email&state=a%26b");
/// ```
pub fn encode_form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", escape(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Encodes one name or value.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Returns names and values as they are read; None for one that is not percent-encoded UTF-8.
pub(crate) fn pairs(body: &[u8]) -> impl Iterator<Item = Option<(String, String)>> {
    body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(at).unwrap_or((pair, &[]));
        decode(name).zip(decode(value.strip_prefix(b"=").unwrap_or(value)))
    })
}

/// Decodes one name or value.
pub(crate) fn decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::{Form, encode_form};

    #[test]
    fn what_is_encoded_is_read_again_and_debug_shows_no_value() {
        let text = "ä +&=%/?#'\"";
        let form = Form::parse(encode_form(&[("a", text), ("b", "")]).as_bytes()).unwrap();
        assert_eq!((form.get("a"), form.get("b")), (Some(text), Some("")));
        assert_eq!(format!("{form:?}"), r#"["a", "b"]"#);
        assert!(Form::parse(b"a=%ff").is_none());
        assert_eq!(Form::parse(b"&a&").unwrap().get("a"), Some(""));
    }
}
