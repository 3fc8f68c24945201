//! Bulk requests (RFC 7644 s3.7): operations that may refer to one another's resources before these exist.
//! `parse/bulk` parses what an operation asks for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::operation::Outcome;
use crate::{Dialect, Kind, ScimError};

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// The number of errors after which to stop; None for never.
    pub fail_on_errors: Option<usize>,
    /// The operations, in the order of the request.
    pub operations: Vec<BulkOperation>,
    pub(crate) dialect: Dialect,
}

/// One operation of it, as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOperation {
    /// The verb.
    pub method: String,
    /// The path, which may hold a `bulkId:`.
    pub path: String,
    /// The client's name for the resource that a POST creates.
    pub bulk_id: Option<String>,
    /// The version that the resource must have (RFC 7644 s3.14).
    pub version: Option<String>,
    /// The body of the operation.
    pub data: Value,
}

/// The result of a bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOutcome {
    /// The result of each operation that was processed, in the order of the request.
    pub results: Vec<BulkResult>,
    /// What the operator must know about operations that the service failed to do; clients do not see it.
    pub failures: Vec<String>,
}

/// The result of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkResult {
    /// The verb.
    pub method: String,
    /// The client's name for the resource.
    pub bulk_id: Option<String>,
    /// The resource that it was about; None if it was not created.
    pub resource: Option<(Kind, String)>,
    /// The result.
    pub done: Result<Done, ScimError>,
}

/// An operation that was done, as far as the response to a bulk request shows it. The resource is not kept: there are
/// up to 1,000 of them, each of up to a megabyte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The status of the operation.
    pub status: u16,
    /// The version at which the resource is now; None if it is gone.
    pub version: Option<i64>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Done { status: outcome.status(), version: outcome.version() }
    }
}

/// How a reference starts (RFC 7644 s3.7.2).
const REFERENCE: &str = "bulkId:";

impl BulkOperation {
    /// Takes the body out of the operation; what is left still identifies it.
    pub fn take(&mut self) -> BulkOperation {
        let data = self.data.take();
        BulkOperation { data, ..self.clone() }
    }

    /// Returns the bulkIds that it refers to.
    pub fn references(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut collect = |id: &str| {
            found.insert(id.to_string());
            None
        };
        replaced(&self.path, &mut collect);
        look(&self.data, &mut collect);
        found
    }

    /// Returns the operation with ids in the place of references. References that `ids` does not have are left as
    /// they are.
    pub fn resolved(self, ids: &BTreeMap<String, String>) -> BulkOperation {
        let mut resolve = |id: &str| ids.get(id).cloned();
        let path = replaced(&self.path, &mut resolve);
        let data = resolved(self.data, &mut resolve);
        BulkOperation { path, data, ..self }
    }
}

pub(crate) type Resolve<'f> = dyn FnMut(&str) -> Option<String> + 'f;

/// Looks at every text of the value, but not at names.
fn look(value: &Value, found: &mut Resolve<'_>) {
    match value {
        Value::String(text) => drop(replaced(text, found)),
        Value::Array(elements) => elements.iter().for_each(|element| look(element, found)),
        Value::Object(members) => members.values().for_each(|value| look(value, found)),
        _ => {}
    }
}

/// Returns the value with the references in its texts replaced. The value is consumed, so that there are never two
/// copies of it.
fn resolved(value: Value, resolve: &mut Resolve<'_>) -> Value {
    match value {
        Value::String(text) => replaced(&text, resolve).into(),
        Value::Array(elements) => elements.into_iter().map(|element| resolved(element, resolve)).collect(),
        Value::Object(mut members) => {
            for value in members.values_mut() {
                *value = resolved(value.take(), resolve);
            }
            Value::Object(members)
        }
        other => other,
    }
}

/// Returns the text with its references replaced. A reference is a whole text (`"value": "bulkId:qwerty"`), the last
/// segment of a path (`/Users/bulkId:qwerty`), or a quoted text within a filter (`members[value eq
/// "bulkId:qwerty"]`). In any other text the word is ordinary text.
pub(crate) fn replaced(text: &str, resolve: &mut Resolve<'_>) -> String {
    if let Some(id) = text.strip_prefix(REFERENCE) {
        return resolve(id).unwrap_or_else(|| text.to_string());
    }
    if let Some((path, id)) = text.split_once("/bulkId:") {
        return resolve(id).map_or_else(|| text.to_string(), |found| format!("{path}/{found}"));
    }
    let (mut made, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("\"bulkId:") {
        let (id, tail) =
            after.split_at_checked(after.find('"').unwrap_or(after.len())).unwrap_or((after, ""));
        let found = resolve(id).unwrap_or_else(|| format!("{REFERENCE}{id}"));
        made.extend([before, "\"", &found]);
        rest = tail;
    }
    made + rest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::BulkOperation;

    fn operation() -> BulkOperation {
        BulkOperation {
            method: "PATCH".into(),
            path: "/Groups/bulkId:g".into(),
            bulk_id: None,
            version: None,
            data: json!({"Operations": [
                {"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]},
                {"op": "remove", "path": "members[value eq \"bulkId:b\"]"},
                {"op": "add", "path": "displayName", "value": "the word bulkId: in text"}]}),
        }
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        assert_eq!(operation().references().into_iter().collect::<Vec<_>>(), ["a", "b", "g"]);
    }

    #[test]
    fn references_become_ids_and_other_text_stays() {
        let ids = BTreeMap::from(
            [("g", "1"), ("a", "2"), ("b", "3")].map(|(id, to)| (id.to_string(), to.to_string())),
        );
        let resolved = operation().resolved(&ids);
        assert_eq!(resolved.path, "/Groups/1");
        assert_eq!(
            resolved.data,
            json!({"Operations": [
                {"op": "add", "path": "members", "value": [{"value": "2"}]},
                {"op": "remove", "path": "members[value eq \"3\"]"},
                {"op": "add", "path": "displayName", "value": "the word bulkId: in text"}]})
        );
    }

    #[test]
    fn each_reference_of_a_filter_is_found_and_becomes_an_id() {
        let filter = "members[value eq \"bulkId:a\" or value eq \"bulkId:x\" or value eq \"bulkId:b\"]";
        let of = |path: &str| {
            let data = json!({"Operations": [{"op": "remove", "path": path}]});
            BulkOperation { path: "/Groups/1".into(), data, ..operation() }
        };
        assert_eq!(of(filter).references().into_iter().collect::<Vec<_>>(), ["a", "b", "x"]);
        let ids = BTreeMap::from([("a", "1"), ("b", "2")].map(|(id, to)| (id.to_string(), to.to_string())));
        assert_eq!(
            of(filter).resolved(&ids).data["Operations"][0]["path"],
            "members[value eq \"1\" or value eq \"bulkId:x\" or value eq \"2\"]"
        );
    }
}
