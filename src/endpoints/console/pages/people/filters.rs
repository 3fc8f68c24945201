//! What a person enters in the search, as filters of SCIM: the beginning of a name or of an e-mail address, an id, or a filter.

use console::Kind;

/// Operators of a filter between an attribute and a value.
const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// Returns the filters that a search means, each of which leaves out what fits one before it; a single empty one if it is empty.
///
/// There are several since the database has an index for each, and finds none for all of them together.
pub(super) fn of(kind: Kind, search: &str) -> Vec<String> {
    if search.is_empty() || is_filter(search) {
        return vec![search.to_string()];
    }
    let text = serde_json::Value::from(search);
    if is_guid(search) {
        let id = format!("id eq {text}");
        return vec![id.clone(), format!("externalId eq {text} and not ({id})")];
    }
    if kind == Kind::Groups {
        let name = format!("displayName sw {text}");
        return vec![name.clone(), format!("externalId eq {text} and not ({name})")];
    }
    let names = format!("userName sw {text} or displayName sw {text}");
    let email = format!("emails.value sw {text}");
    vec![
        names.clone(),
        format!("{email} and not ({names})"),
        format!("externalId eq {text} and not ({names} or {email})"),
    ]
}

/// Returns whether a text has the form of an id of this service, or of an object of Entra.
fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Returns whether a text is meant as a filter: it has quotation marks, an operator before a value, or `pr` after an attribute. A name such as
/// `Marine Le Pen` is not meant as one.
fn is_filter(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_value = |word: &str| {
        let word = word.trim_end_matches([')', ']']);
        ["true", "false", "null"].contains(&word) || word.parse::<f64>().is_ok()
    };
    let is = |word: &str, operator: &str| word.eq_ignore_ascii_case(operator);
    let compares = words.windows(3).any(|three| match three {
        [_, operator, value] => OPERATORS.iter().any(|each| is(operator, each)) && is_value(value),
        _ => false,
    });
    let is_present = match words.as_slice() {
        [_, pr] => is(pr.trim_end_matches(')'), "pr"),
        [_, pr, and, ..] => is(pr, "pr") && (is(and, "and") || is(and, "or")),
        _ => false,
    };
    text.contains('"') || compares || is_present
}

#[cfg(test)]
mod tests {
    use console::Kind;

    use super::{is_filter, of};

    #[test]
    fn a_filter_is_told_from_a_name() {
        for text in [
            "userName eq \"ada\"",
            "userName qe \"ada\"",
            "active eq false",
            "not (active eq true)",
            "title pr",
            "title pr and active eq true",
            "meta.version gt 5",
        ] {
            assert!(is_filter(text), "{text}");
        }
        for text in ["ada", "Ada Lovelace", "Marine Le Pen", "O'Neill", "ada@acme.example", "Sales (EMEA)"] {
            assert!(!is_filter(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_quoted_as_json() {
        assert_eq!(of(Kind::Groups, ""), [""]);
        let groups = of(Kind::Groups, "a\\b");
        assert_eq!(groups[0], r#"displayName sw "a\\b""#);
        let id = "01900000-0000-7000-8000-000000000000";
        assert_eq!(of(Kind::Users, id)[0], format!("id eq \"{id}\""));
    }
}
