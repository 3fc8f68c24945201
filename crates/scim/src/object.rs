//! Objects of JSON whose names have no letter case (RFC 7643 s2.1): finding a name, changing an inner object.

use serde_json::{Map, Value};

/// Makes an object of its members. `collect` would make the same one, but sorts them first, with 4 KB of code at each
/// place that calls it.
pub(crate) fn object(members: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    object.extend(members);
    object
}

/// Returns the value under that name, whatever its letter case.
pub(crate) fn member<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Returns the key that is there in whatever letter case, or the name itself.
pub(crate) fn key_of(map: &Map<String, Value>, name: &str) -> String {
    if map.contains_key(name) {
        return name.to_string();
    }
    map.keys().find(|key| key.eq_ignore_ascii_case(name)).map_or(name, String::as_str).to_string()
}

/// Changes the object under `name`, which is created if it is missing and dropped if it is empty afterwards.
pub(crate) fn within<T>(
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
