//! Changes of multi-valued attributes, made finer: the log holds old and new list, and a reader wants to know which
//! e-mail address has changed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Elements by what tells them apart.
type Elements<'v> = BTreeMap<&'v str, &'v Map<String, Value>>;

/// Returns the change of a multi-valued attribute as changes of its elements, by `type` if no two elements of a list
/// have the same, otherwise by `value`: `emails[type eq "work"].value`. Any other change is returned as it is, and so is one that
/// would be lost, such as that of the order alone.
pub(super) fn finer(change: &Value) -> Vec<Value> {
    let whole = || vec![change.clone()];
    let (Some(path), false) = (change.get("path").and_then(Value::as_str), change.get("at").is_some()) else {
        return whole();
    };
    let (old, new) = (list(change.get("old")), list(change.get("new")));
    let (Some(old), Some(new)) = (old, new) else { return whole() };
    for key in ["type", "value"] {
        if let (Some(old), Some(new)) = (elements(old, key), elements(new, key)) {
            let finer = changes(path, key, &old, &new);
            return if finer.is_empty() { whole() } else { finer };
        }
    }
    whole()
}

/// Returns the elements of a list; an absent one has none.
fn list(value: Option<&Value>) -> Option<&[Value]> {
    match value? {
        Value::Null => Some(&[]),
        value => value.as_array().map(Vec::as_slice),
    }
}

/// Returns the elements by that sub-attribute, if each of them has one of its own and something beside it.
fn elements<'v>(list: &'v [Value], key: &str) -> Option<Elements<'v>> {
    let mut elements = Elements::new();
    for element in list {
        let element = element.as_object()?;
        let name = element.get(key)?.as_str()?;
        // An element is there for a reader if a change names one of its other sub-attributes.
        if element.len() < 2 || elements.insert(name, element).is_some() {
            return None;
        }
    }
    Some(elements)
}

fn changes(path: &str, key: &str, old: &Elements<'_>, new: &Elements<'_>) -> Vec<Value> {
    let mut changes = Vec::new();
    let empty = Map::new();
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    for name in gone.chain(new.keys()) {
        let side =
            |elements: &Elements<'_>| elements.get(name).copied().cloned().unwrap_or_else(|| empty.clone());
        let (old, new) = (side(old), side(new));
        let gone = old.keys().filter(|sub| !new.contains_key(*sub));
        for sub in gone.chain(new.keys()).filter(|sub| *sub != key) {
            let (old, new) = (old.get(sub), new.get(sub));
            if old != new {
                let path = format!("{path}[{key} eq {}].{sub}", Value::from(*name));
                changes.push(json!({"path": path, "old": old, "new": new}));
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::finer;

    fn of(old: Value, new: Value) -> Vec<(String, Value, Value)> {
        let changes = finer(&json!({"path": "emails", "old": old, "new": new}));
        let parts = |change: &Value| {
            (change["path"].as_str().unwrap().to_string(), change["old"].clone(), change["new"].clone())
        };
        changes.iter().map(parts).collect()
    }

    fn change(path: &str, old: Value, new: Value) -> (String, Value, Value) {
        (path.to_string(), old, new)
    }

    #[test]
    fn elements_that_differ_in_type_change_by_type() {
        let work = json!({"type": "work", "value": "a@x.example"});
        let home = json!({"type": "home", "value": "h@x.example", "primary": true});
        assert_eq!(
            of(Value::Null, json!([work])),
            [change("emails[type eq \"work\"].value", Value::Null, json!("a@x.example"))]
        );
        assert_eq!(
            of(json!([work, home]), json!([{"type": "work", "value": "b@x.example"}])),
            [
                change("emails[type eq \"home\"].primary", json!(true), Value::Null),
                change("emails[type eq \"home\"].value", json!("h@x.example"), Value::Null),
                change("emails[type eq \"work\"].value", json!("a@x.example"), json!("b@x.example")),
            ]
        );
    }

    #[test]
    fn elements_of_one_type_change_by_value_and_others_as_a_whole() {
        let one = |value: &str| json!({"type": "work", "value": value});
        assert_eq!(
            of(json!([one("a"), one("b\"")]), json!([one("a")])),
            [change("emails[value eq \"b\\\"\"].type", json!("work"), Value::Null)]
        );
        for (old, new) in [
            (json!([one("a"), one("a")]), json!([one("a")])),
            (json!([{"type": "work"}]), Value::Null),
            (json!(["a"]), json!(["b"])),
            (json!([one("a"), one("b")]), json!([one("b"), one("a")])),
            (json!("text"), json!([one("a")])),
        ] {
            assert_eq!(of(old.clone(), new.clone()), [change("emails", old, new)]);
        }
    }
}
