//! JSON as rows of a path and a value, as a person reads it, and what is different between two.
//!
//! The path of a value within a list names its type if no other has it, as in `emails[type eq "work"].value`, and otherwise its place.

use console::Difference;
use serde_json::{Map, Value};

/// Rows of one resource, or of one change, that are shown, and characters of each value.
const ROWS: usize = 300;
const CHARACTERS: usize = 2_000;

/// Returns the values of a resource.
pub(super) fn rows(document: &Map<String, Value>) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for (name, value) in document {
        add(name.clone(), value, name.contains(':'), &mut rows);
    }
    bounded(rows, |more| ("…".to_string(), format!("and {more} more")))
}

/// Returns what is different between two values of an attribute: each value within them that is not the same.
pub(super) fn differences(path: &str, old: Option<&Value>, new: Option<&Value>) -> Vec<Difference> {
    let whole = || {
        let shown = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(text);
        vec![Difference { path: path.to_string(), old: shown(old), new: shown(new) }]
    };
    let is_nested = |value: Option<&Value>| value.is_some_and(|value| value.is_array() || value.is_object());
    if !is_nested(old) && !is_nested(new) {
        return whole();
    }
    let [before, after] = [old, new].map(|value| {
        let mut rows = Vec::new();
        value.into_iter().for_each(|value| add(path.to_string(), value, false, &mut rows));
        rows
    });
    let mut found: Vec<Difference> = Vec::new();
    for (path, old) in &before {
        let new = after.iter().find(|(other, _)| other == path).map(|(_, value)| value.clone());
        if new.as_ref() != Some(old) {
            found.push(Difference { path: path.clone(), old: Some(old.clone()), new });
        }
    }
    let is_new = |(path, _): &&(String, String)| !before.iter().any(|(other, _)| other == path);
    for (path, new) in after.iter().filter(is_new) {
        found.push(Difference { path: path.clone(), old: None, new: Some(new.clone()) });
    }
    // Only the order is different.
    if found.is_empty() { whole() } else { found }
}

/// Returns at most as many differences as a page shows.
pub(super) fn bounded_differences(all: Vec<Difference>) -> Vec<Difference> {
    bounded(all, |more| Difference {
        path: "…".to_string(),
        old: None,
        new: Some(format!("and {more} more")),
    })
}

fn bounded<T>(mut rows: Vec<T>, last: impl FnOnce(usize) -> T) -> Vec<T> {
    let more = rows.len().saturating_sub(ROWS);
    if more > 0 {
        rows.truncate(ROWS);
        rows.push(last(more));
    }
    rows
}

/// Adds the values within a value. `is_extension` says whether the path is the name of an extension, whose attributes stand after a
/// colon (RFC 7644 s3.10).
fn add(path: String, value: &Value, is_extension: bool, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            let between = if is_extension { ':' } else { '.' };
            for (name, member) in members {
                add(format!("{path}{between}{name}"), member, false, rows);
            }
        }
        Value::Array(elements) => {
            for (place, element) in elements.iter().enumerate() {
                match unique_type(element, elements) {
                    Some(kind) => {
                        let mut element = element.clone();
                        element.as_object_mut().map(|members| members.remove("type"));
                        add(format!("{path}[type eq \"{kind}\"]"), &element, false, rows);
                    }
                    None => add(format!("{path}[{}]", place + 1), element, false, rows),
                }
            }
        }
        Value::Null => {}
        value => rows.push((path, text(value))),
    }
}

/// Returns the type of an element, if no other element has the same.
fn unique_type<'v>(element: &'v Value, elements: &[Value]) -> Option<&'v str> {
    let of = |element: &'v Value| element.get("type").and_then(Value::as_str);
    let kind = of(element).filter(|kind| kind.len() <= 40 && !kind.contains('"'))?;
    // A list has few elements with types; of a long one the place says more.
    let has_other = element.as_object().is_some_and(|members| members.len() > 1);
    let same = |other: &&Value| other.get("type").and_then(Value::as_str) == Some(kind);
    (has_other && elements.len() <= 20 && elements.iter().filter(same).count() == 1).then_some(kind)
}

/// Returns a value as text: a string without quotes.
fn text(value: &Value) -> String {
    let whole = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let mut left = whole.chars();
    let shown: String = left.by_ref().take(CHARACTERS).collect();
    if left.next().is_some() { format!("{shown}…") } else { shown }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ROWS, bounded_differences, differences, rows};

    fn paths(document: Value) -> Vec<(String, String)> {
        document.as_object().map(rows).unwrap_or_default()
    }

    fn shown(path: &str, old: Value, new: Value) -> Vec<(String, Option<String>, Option<String>)> {
        let found = differences(path, Some(&old), Some(&new));
        found.into_iter().map(|each| (each.path, each.old, each.new)).collect()
    }

    #[test]
    fn each_value_has_a_path() {
        let document = json!({
            "userName": "ada", "active": true, "name": {"givenName": "Ada"},
            "emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}],
            "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "work", "value": "2"}],
            "urn:x:User": {"department": "Engines", "manager": {"value": "m"}},
        });
        let rows = paths(document);
        let expected = [
            ("userName", "ada"),
            ("active", "true"),
            ("name.givenName", "Ada"),
            ("emails[type eq \"work\"].value", "a"),
            ("emails[type eq \"home\"].value", "b"),
            ("phoneNumbers[1].type", "work"),
            ("phoneNumbers[1].value", "1"),
            ("phoneNumbers[2].type", "work"),
            ("phoneNumbers[2].value", "2"),
            ("urn:x:User:department", "Engines"),
            ("urn:x:User:manager.value", "m"),
        ];
        let mut expected = expected.map(|(path, value)| (path.to_string(), value.to_string()));
        let mut rows = rows;
        rows.sort();
        expected.sort();
        assert_eq!(rows, expected);
    }

    #[test]
    fn only_what_differs_within_a_list_is_different() {
        let (work, home) = (json!({"type": "work", "value": "a"}), json!({"type": "home", "value": "h"}));
        let changed = shown("emails", json!([work, home]), json!([{"type": "work", "value": "b"}, home]));
        let path = "emails[type eq \"work\"].value".to_string();
        assert_eq!(changed, [(path, Some("a".to_string()), Some("b".to_string()))]);
        assert_eq!(shown("emails", json!([work, home]), json!([home, work])).len(), 1, "the order");
        let came = shown("emails", Value::Null, json!([work]));
        assert_eq!(came, [("emails[type eq \"work\"].value".to_string(), None, Some("a".to_string()))]);
        let plain = shown("title", json!("x"), Value::Null);
        assert_eq!(plain, [("title".to_string(), Some("x".to_string()), None)]);
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let many: Vec<usize> = (0..1_000).collect();
        let rows = paths(json!({"x": many, "long": "ä".repeat(5_000)}));
        assert_eq!(rows.len(), ROWS + 1);
        assert!(rows.iter().all(|(_, value)| value.chars().count() <= 2_001));
        assert_eq!(bounded_differences(differences("x", None, Some(&json!(many)))).len(), ROWS + 1);
    }
}
