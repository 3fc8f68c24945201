//! The names of attributes and sub-attributes, as a path writes them (RFC 7644 s3.10). What they name: `path`.

/// Returns the name of an attribute, and that of a sub-attribute after one of these characters.
pub(crate) fn names<'t>(text: &'t str, between: &[char]) -> Option<(&'t str, Option<&'t str>)> {
    let (name, sub) = match text.split_once(between) {
        Some((name, sub)) => (name, Some(sub)),
        None => (text, None),
    };
    (is_name(name) && sub.is_none_or(is_name)).then_some((name, sub))
}

/// Returns whether the text is an ATTRNAME of RFC 7643 s2.1, or `$ref`.
fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix('$').unwrap_or(text);
    rest.starts_with(|first: char| first.is_ascii_alphabetic())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
