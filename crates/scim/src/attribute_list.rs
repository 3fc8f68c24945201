//! `attributes` and `excludedAttributes` as text: attribute paths with commas between (RFC 7644 s3.9, s3.10). `path`
//! says what a path names, and `projection` what of a resource is shown for it.

use crate::path::AttrPath;
use crate::{Dialect, Habit, ScimError};

/// Parses the list that is the value of the parameter `name`. Names that are not attribute paths select nothing.
///
/// A path of this list has no filter in it (RFC 7644 s3.10), but some clients send a path there as they would in a
/// PATCH, such as `emails[type eq "work"].value`. The tolerant dialect reads it as the path without the filter:
/// `emails.value`.
///
/// # Errors
/// 400 `invalidValue` if the dialect is strict and a path has a filter in it. That is the keyword for a value that
/// does not fit; `invalidPath` is for the `path` of a PATCH, and `invalidFilter` for a malformed filter (RFC 7644
/// table 9).
pub(crate) fn read(name: &str, list: &str, dialect: Dialect) -> Result<Vec<AttrPath>, ScimError> {
    let mut paths = Vec::new();
    for text in split(list) {
        let Some((before, after)) = around_filter(text) else {
            paths.extend(AttrPath::parse(text));
            continue;
        };
        if !dialect.takes(Habit::FilteredAttributeList) {
            let detail = format!("`{name}`: `{text}` has a filter in it; name the attribute alone");
            return Err(ScimError::invalid_value(detail));
        }
        if after.is_empty() || after.starts_with('.') {
            paths.extend(AttrPath::parse(&format!("{}{after}", before.trim_end())));
        }
    }
    Ok(paths)
}

/// Returns the parts of the list, without the blanks around them. If every bracket is closed, a comma within brackets
/// belongs to the filter there.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let mut brackets = Brackets::default();
    for (at, byte) in list.bytes().enumerate() {
        brackets.step(byte);
        if byte == b',' && !brackets.is_open {
            parts.push(list.get(from..at).unwrap_or_default().trim());
            from = at + 1;
        }
    }
    if brackets.is_open {
        return list.split(',').map(str::trim).collect();
    }
    parts.push(list.get(from..).unwrap_or_default().trim());
    parts
}

/// Returns what stands before and after the filter of a path; None if it has no filter.
fn around_filter(path: &str) -> Option<(&str, &str)> {
    let (before, _) = path.split_once('[')?;
    let mut brackets = Brackets::default();
    for (at, byte) in path.bytes().enumerate() {
        brackets.step(byte);
        if byte == b']' && !brackets.is_open {
            return Some((before, path.get(at + 1..).unwrap_or_default()));
        }
    }
    // The bracket is not closed, so this is not a path, whatever stands after it.
    Some((before, path.get(before.len()..).unwrap_or_default()))
}

/// Finds where a filter stands in a text: between brackets, except for brackets within quotes, which are text.
#[derive(Default)]
struct Brackets {
    is_open: bool,
    is_quoted: bool,
    is_escaped: bool,
}

impl Brackets {
    fn step(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_quoted => self.is_escaped = true,
            b'"' if self.is_open => self.is_quoted = !self.is_quoted,
            b'[' if !self.is_open => self.is_open = true,
            b']' if !self.is_quoted => self.is_open = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, split};
    use crate::Dialect;

    #[track_caller]
    fn reads(list: &str, expected: &[&str]) {
        let paths = read("attributes", list, Dialect::TOLERANT).unwrap();
        assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{list}");
    }

    #[test]
    fn a_list_has_paths_and_commas_between() {
        reads("userName, name.givenName ,,", &["userName", "name.givenName"]);
        reads("urn:a:b:User:x.y,title", &["urn:a:b:User:x.y", "title"]);
        reads("a b,1,title", &["title"]);
    }

    #[test]
    fn a_filter_in_a_path_is_read_over_with_whatever_it_holds() {
        for (list, path) in [
            (r#"emails[type eq "work"]"#, "emails"),
            (r#"emails[type eq "work"].value"#, "emails.value"),
            (r#"emails [type eq "work"]"#, "emails"),
            (r#"emails[type eq "a,b]c\"],d" and value pr].value"#, "emails.value"),
            (r#"emails[value eq "a[b"]"#, "emails"),
            ("emails[].value", "emails.value"),
            (r#"urn:x:2.0:User:things[kind eq "urn:y"].value"#, "urn:x:2.0:User:things.value"),
        ] {
            reads(list, &[path]);
            reads(&format!("userName,{list} , title"), &["userName", path, "title"]);
            let error = read("attributes", &format!("title,{list}"), Dialect::STRICT).unwrap_err();
            let detail = format!("`attributes`: `{list}` has a filter in it; name the attribute alone");
            assert_eq!((error.scim_type, error.into_detail()), (Some(crate::ScimType::InvalidValue), detail));
        }
    }

    #[test]
    fn a_bracket_that_is_not_closed_takes_its_own_path_alone_along() {
        reads(r#"userName,emails[type eq "work",title"#, &["userName", "title"]);
        reads(r#"emails[type eq "work].value,title"#, &["title"]);
        reads("[,],title", &["title"]);
        reads("]emails,title", &["title"]);
        reads("emails[a]x,emails[a]x],emails[a][b],[a].value", &[]);
    }

    proptest! {
        #[test]
        fn whatever_a_list_holds_it_is_split_at_commas_and_a_filter_hides_no_more_than_its_own(list in "[a-c.,:\\[\\]\"\\\\ ]{0,24}") {
            let parts = split(&list);
            prop_assert_eq!(parts.join(",").replace(' ', ""), list.replace(' ', ""));
            if !list.contains('[') {
                prop_assert_eq!(&parts, &list.split(',').map(str::trim).collect::<Vec<_>>());
            }
            let read = |list: &str| read("attributes", list, Dialect::TOLERANT).unwrap();
            let mut expected = read(&list);
            expected.extend(read("title"));
            // An open bracket makes only its own path unreadable.
            prop_assert_eq!(read(&format!("{list},title")), expected);
        }
    }
}
