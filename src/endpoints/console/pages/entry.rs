//! An entry of the activity, which is JSON, as pages show it.

use console::{Departures, Difference, HistoryRow, Kind, Reference};
use scim::Instant;
use serde_json::Value;

use super::flat;

/// A change or a refusal.
pub(super) struct Entry<'e>(pub &'e Value);

impl<'e> Entry<'e> {
    /// Returns a text by its JSON pointer; empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> String {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string()
    }

    /// Returns a number by its name; 0 if there is none.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    pub(super) fn at(&self) -> i64 {
        Instant::parse(&self.text("/at")).map_or(0, |at| at.0)
    }

    pub(super) fn is_refusal(&self) -> bool {
        self.text("/kind") == "refusal"
    }

    /// Returns whether the guard says that too many users went.
    pub(super) fn is_warning(&self) -> bool {
        self.0.get("departures").is_some()
    }

    /// Returns how many users went; None of another entry.
    pub(super) fn departures(&self) -> Option<Departures> {
        let departures = self.0.get("departures")?;
        let number = |name: &str| departures.get(name).and_then(Value::as_i64).unwrap_or_default();
        let since = Instant::parse(&self.text("/departures/since")).map_or(0, |at| at.0);
        Some(Departures { users: number("users"), of: number("of"), since })
    }

    /// Returns what its page is called: the sequence of a change, and the number of a refusal after an `r`.
    pub(super) fn id(&self) -> String {
        match self.is_refusal() {
            true => format!("r{}", self.number("number")),
            false => self.number("sequence").to_string(),
        }
    }

    /// Returns what was done: `updated`, `roles changed`, or `PATCH /Users/{id}` of a refusal, of which the activity knows `PATCH Users`.
    pub(super) fn operation(&self) -> String {
        let operation = self.text("/operation");
        if self.is_warning() {
            return operation.replace('_', " ");
        }
        match operation.split_once(' ') {
            Some((method, endpoint)) if self.is_refusal() => {
                let is_of_one = method != "POST" && self.0.pointer("/resource/type").is_some();
                let id = if is_of_one { "/{id}" } else { "" };
                format!("{method} /{}{id}", endpoint.trim_start_matches('/'))
            }
            _ if operation == "roles" => "roles changed".to_string(),
            _ => operation,
        }
    }

    /// Returns the roles that a group gives from then on (`gave`), or does not give any more (`took`).
    fn roles(&self, list: &str) -> impl Iterator<Item = &'e str> + use<'e> {
        self.0.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Returns the status and the keyword of a refusal.
    pub(super) fn refused(&self) -> Option<String> {
        let shown = format!("{} {}", self.number("status"), self.text("/scimType"));
        self.is_refusal().then(|| shown.trim_end().to_string())
    }

    pub(super) fn resource(&self) -> Option<Reference> {
        self.0.get("resource").and_then(reference)
    }

    /// Returns the name of the credential; its id if it has none.
    pub(super) fn actor(&self) -> String {
        let name = self.text("/actor/name");
        if name.is_empty() { self.text("/actor/id") } else { name }
    }

    /// Returns the changes of attributes; a list of them with values that are left out has paths alone.
    pub(super) fn changes(&self) -> impl Iterator<Item = &'e Value> + use<'e> {
        self.0.get("changes").and_then(Value::as_array).into_iter().flatten()
    }

    /// Returns what is different: of a resource that was created or deleted, everything that it had.
    pub(super) fn differences(&self) -> Vec<Difference> {
        let changes = self.changes().flat_map(|change| {
            let path = change.get("path").and_then(Value::as_str).unwrap_or_default();
            flat::differences(path, change.get("old"), change.get("new"))
        });
        let document = self.0.get("document").and_then(Value::as_object).map(flat::rows).unwrap_or_default();
        let is_gone = self.text("/operation") == "deleted";
        let rows = document.into_iter().map(|(path, value)| match is_gone {
            true => Difference { path, old: Some(value), new: None },
            false => Difference { path, old: None, new: Some(value) },
        });
        let role = |old: Option<&str>, new: Option<&str>| {
            let text = |role: Option<&str>| role.map(str::to_string);
            Difference { path: "role".to_string(), old: text(old), new: text(new) }
        };
        let gave = self.roles("gave").map(|gave| role(None, Some(gave)));
        let took = self.roles("took").map(|took| role(Some(took), None));
        flat::bounded_differences(changes.chain(rows).chain(took).chain(gave).collect())
    }

    /// Returns in a few words what changed, or why it was refused.
    pub(super) fn summary(&self) -> String {
        if self.is_refusal() {
            return self.text("/detail");
        }
        if let Some(gone) = self.departures() {
            return gone.to_string();
        }
        let paths = self.changes().filter_map(|change| change.get("path")?.as_str());
        let mut parts: Vec<String> = paths.map(str::to_string).collect();
        parts.extend(self.roles("gave").map(|role| format!("gave the role {role}")));
        parts.extend(self.roles("took").map(|role| format!("took the role {role} away")));
        for (name, words) in [("came", "came"), ("went", "went")] {
            match self.number(name) {
                0 => {}
                1 => parts.push(format!("1 member {words}")),
                members => parts.push(format!("{} members {words}", console::count(members))),
            }
        }
        match self.text("/operation").as_str() {
            "created" if parts.is_empty() => "with all that was sent".to_string(),
            "deleted" if parts.is_empty() => "with all that it had".to_string(),
            _ => parts.join(", "),
        }
    }

    pub(super) fn history_row(&self) -> HistoryRow {
        HistoryRow {
            id: self.id(),
            at: self.at(),
            operation: self.operation(),
            actor: self.actor(),
            changes: self.differences(),
            left_out: 0,
            came: self.number("came"),
            went: self.number("went"),
        }
    }
}

/// Returns what leads to a resource; None without an id.
pub(super) fn reference(resource: &Value) -> Option<Reference> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let kind = match text("type") {
        Some("User") => Some(Kind::Users),
        Some("Group") => Some(Kind::Groups),
        _ => None,
    };
    let of_all = (text("type") == Some("Directory")).then_some("All users");
    Some(Reference { kind, id: text("id")?.to_string(), name: text("name").or(of_all).map(str::to_string) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Entry;

    #[test]
    fn a_refusal_is_named_by_method_and_kind_of_path() {
        let named = |operation: &str, resource: serde_json::Value| {
            Entry(&json!({"kind": "refusal", "operation": operation, "resource": resource})).operation()
        };
        assert_eq!(named("PATCH Users", json!({"type": "User", "id": "1"})), "PATCH /Users/{id}");
        assert_eq!(named("GET Users", json!({"type": "User"})), "GET /Users/{id}");
        assert_eq!(named("POST Users", json!({"type": "User", "id": "1"})), "POST /Users");
        assert_eq!(named("GET Users", json!(null)), "GET /Users");
        assert_eq!(named("GET /", json!(null)), "GET /");
    }
}
