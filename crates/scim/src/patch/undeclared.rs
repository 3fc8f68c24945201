//! Changes within extensions that no schema declares: the value that is there says what the attribute is
//! like.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::apply::Copies;
use super::change::Action;
use crate::ScimError;

/// Works on the object under `name`, which is made where it is missing and dropped where nothing is left in
/// it.
pub(super) fn within<T>(
    map: &mut Map<String, Value>,
    name: &str,
    work: impl FnOnce(&mut Map<String, Value>) -> T,
) -> T {
    let key = key_of(map, name);
    let mut inner = match map.remove(&key) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    let done = work(&mut inner);
    if !inner.is_empty() {
        map.insert(key, Value::Object(inner));
    }
    done
}

/// Sets or clears an attribute; one that has several values or sub-attributes is treated as RFC 7644 s3.5.2
/// treats such attributes.
pub(super) fn change(map: &mut Map<String, Value>, name: &str, action: Action, value: Option<Value>) {
    let key = key_of(map, name);
    match (action, value, map.get_mut(&key)) {
        (Action::Add, None, _) => {}
        (Action::Add, Some(value), Some(Value::Array(present))) => {
            let new = each(value);
            // One is looked for; for more, a set is worth its making.
            if let [only] = new.as_slice() {
                if !present.contains(only) {
                    present.extend(new);
                }
                return;
            }
            let mut known: HashSet<&Value> = present.iter().collect();
            let new: Vec<Value> = new.iter().filter(|element| known.insert(element)).cloned().collect();
            present.extend(new);
        }
        (Action::Add | Action::Replace, Some(Value::Object(more)), Some(Value::Object(present))) => {
            for (name, value) in more {
                let key = key_of(present, &name);
                present.insert(key, value);
            }
        }
        (Action::Add | Action::Replace, Some(value), _) => {
            map.insert(key, value);
        }
        (Action::Remove, Some(listed), Some(Value::Array(present))) => {
            let listed: HashSet<Value> = each(listed).into_iter().collect();
            present.retain(|element| !listed.contains(element));
            if present.is_empty() {
                map.remove(&key);
            }
        }
        (Action::Remove | Action::Replace, _, _) => {
            map.remove(&key);
        }
    }
}

/// Sets or clears a sub-attribute, of every element where there are several.
pub(super) fn change_sub(
    map: &mut Map<String, Value>,
    name: &str,
    sub: &str,
    action: Action,
    value: Option<Value>,
    copies: &mut Copies,
) -> Result<(), ScimError> {
    let key = key_of(map, name);
    match map.get_mut(&key) {
        Some(Value::Array(elements)) => {
            copies.take(value.as_ref(), elements.len())?;
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                change(element, sub, action, value.clone());
            }
            elements.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
            if elements.is_empty() {
                map.remove(&key);
            }
        }
        // What has no sub-attributes has none to lose.
        Some(present) if !present.is_object() && (value.is_none() || action == Action::Remove) => {}
        _ => within(map, &key, |inner| change(inner, sub, action, value)),
    }
    Ok(())
}

fn each(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        one => vec![one],
    }
}

/// The key that is there in whatever letter case, or the name itself.
fn key_of(map: &Map<String, Value>, name: &str) -> String {
    if map.contains_key(name) {
        return name.to_string();
    }
    map.keys().find(|key| key.eq_ignore_ascii_case(name)).map_or(name, String::as_str).to_string()
}
