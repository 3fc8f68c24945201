//! The same change in one cycle after another: a value that is sent each time, and in between is not what was sent.

use console::Repeated;
use serde_json::Value;

use crate::endpoints::console::pages::entry::Entry;

/// Milliseconds between two changes that belong to two cycles: Entra's are 20 to 40 minutes apart.
const PAUSE: i64 = 300_000;
/// In how many cycles a change comes at least before it is said.
const TIMES: i64 = 3;
/// How many of them are said.
const SAID: usize = 3;

/// Finds the changes that come again and again among the entries of a page, the newest first.
pub(super) fn repeated(entries: &[Value]) -> Vec<Repeated> {
    let mut seen: Vec<(Repeated, &Value, i64)> = Vec::new();
    for entry in entries.iter().map(Entry).filter(|entry| entry.text("/operation") == "updated") {
        let (Some(resource), at) = (entry.resource(), entry.at()) else { continue };
        for change in entry.changes() {
            let path = change.get("path").and_then(Value::as_str);
            let (Some(path), Some(new)) = (path, change.get("new")) else { continue };
            let is_same = |(other, its, _): &&mut (Repeated, &Value, i64)| {
                other.path == path && *its == new && other.resource.id == resource.id
            };
            match seen.iter_mut().find(is_same) {
                Some((repeated, _, last)) => {
                    repeated.times += i64::from(*last - at >= PAUSE);
                    *last = at;
                }
                None => {
                    let resource = resource.clone();
                    seen.push((Repeated { resource, path: path.to_string(), times: 1 }, new, at));
                }
            }
        }
    }
    let said = seen.into_iter().map(|(repeated, ..)| repeated).filter(|repeated| repeated.times >= TIMES);
    said.take(SAID).collect()
}

#[cfg(test)]
mod tests {
    use scim::Instant;
    use serde_json::{Value, json};

    use super::{PAUSE, repeated};

    fn change(minutes: i64, id: &str, new: &str) -> Value {
        json!({
            "kind": "change", "operation": "updated", "at": Instant(minutes * 60_000).to_rfc3339(),
            "resource": {"type": "User", "id": id, "name": id},
            "changes": [{"path": "title", "old": "x", "new": new}],
        })
    }

    #[test]
    fn a_value_that_comes_in_three_cycles_is_said() {
        let flaps = |minutes: &[i64]| -> Vec<Value> {
            let both = |at: &i64| [change(*at, "ada", "A"), change(*at - 10, "ada", "b")];
            minutes.iter().flat_map(both).collect()
        };
        let found = repeated(&flaps(&[120, 80, 40]));
        let shown: Vec<_> = found.iter().map(|each| (each.path.as_str(), each.times)).collect();
        assert_eq!(shown, [("title", 3), ("title", 3)]);
        assert!(repeated(&flaps(&[80, 40])).is_empty());
        let minute = PAUSE / 60_000 - 1;
        let in_one_cycle: Vec<Value> = (0..9).rev().map(|at| change(at * minute, "ada", "A")).collect();
        assert!(repeated(&in_one_cycle).is_empty());
        let others: Vec<Value> = (0..9).rev().map(|at| change(at * 40, &format!("u{at}"), "A")).collect();
        assert!(repeated(&others).is_empty());
    }
}
