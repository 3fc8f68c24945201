//! What is different between two documents, as the change log holds it: a change for each attribute, for each
//! sub-attribute of a complex one, and for each attribute of an extension, with its old and its new value. Values of a
//! multi-valued attribute are one value, with their order, so that the new document follows from the old one.

use scim::Document;
use serde_json::{Map, Value, json};

use crate::store::record::json;

/// Bytes of the largest list of changes that holds old values too: a row of D1 holds 2 MB.
const LONGEST: usize = 1_500_000;

/// Returns the changes as JSON: `[{"path": .., "old": .., "new": ..}]`. A value that is not there is null. A list that
/// would be too long for a row holds whole attributes and no old values.
pub(crate) fn text(before: &Document, after: &Document) -> String {
    let all = json(&changes(before, after));
    if all.len() <= LONGEST {
        return all;
    }
    let is_changed = |name: &&String| before.0.get(*name) != after.0.get(*name);
    let names = before.0.keys().filter(|name| !after.0.contains_key(*name)).chain(after.0.keys());
    let whole = |name: &String| json!({"at": [name], "path": name, "new": after.0.get(name)});
    json(&names.filter(is_changed).map(whole).collect::<Vec<_>>())
}

/// Returns the changes, each with its path, its old and its new value.
pub(crate) fn changes(before: &Document, after: &Document) -> Vec<Value> {
    let mut changes = Vec::new();
    add(&before.0, &after.0, &Path::Resource, &mut changes);
    changes
}

/// Where attributes are.
enum Path<'p> {
    Resource,
    /// Within the extension of that URN.
    Extension(&'p str),
    /// Within the complex attribute of that name.
    Complex(&'p Path<'p>, &'p str),
}

impl Path<'_> {
    /// Returns the names on the way to an attribute.
    fn names(&self, name: &str) -> Vec<String> {
        let mut names = match self {
            Path::Resource => Vec::new(),
            Path::Extension(urn) => vec![(*urn).to_string()],
            Path::Complex(before, complex) => before.names(complex),
        };
        names.push(name.to_string());
        names
    }

    /// Returns the path of an attribute (RFC 7644 s3.10).
    fn text(&self, name: &str) -> String {
        match self {
            Path::Resource => name.to_string(),
            Path::Extension(urn) => format!("{urn}:{name}"),
            Path::Complex(before, complex) => format!("{}.{name}", before.text(complex)),
        }
    }
}

fn add(before: &Map<String, Value>, after: &Map<String, Value>, path: &Path<'_>, changes: &mut Vec<Value>) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in gone.chain(after.keys()) {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let within = match path {
            Path::Resource if name.contains(':') => Some(Path::Extension(name)),
            Path::Resource | Path::Extension(_) => Some(Path::Complex(path, name)),
            Path::Complex(..) => None,
        };
        let empty = Map::new();
        match (within, object(old, &empty), object(new, &empty)) {
            (Some(within), Some(old), Some(new)) => add(old, new, &within, changes),
            _ => changes.push(change(path, name, old, new)),
        }
    }
}

/// Returns the object; an absent value counts as one without members, since no stored object is empty.
fn object<'v>(value: Option<&'v Value>, empty: &'v Map<String, Value>) -> Option<&'v Map<String, Value>> {
    value.map_or(Some(empty), Value::as_object)
}

fn change(path: &Path<'_>, name: &str, old: Option<&Value>, new: Option<&Value>) -> Value {
    let names = path.names(name);
    let mut change = json!({"path": path.text(name), "old": old, "new": new});
    // A name of a client's own may hold what separates names in a path.
    let is_clear = |name: &String| !name.contains(['.', ':']);
    let urn = usize::from(names.len() > 1 && names.first().is_some_and(|name| name.contains(':')));
    if let (false, Some(change)) = (names.iter().skip(urn).all(is_clear), change.as_object_mut()) {
        change.insert("at".to_string(), Value::from(names));
    }
    change
}
