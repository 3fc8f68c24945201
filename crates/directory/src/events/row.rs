//! The events of one row of the log.

use database::{Failure, Row};
use scim::{Document, Instant, Registry};
use serde_json::{Map, Value, json};

use super::event::{Happened, lower_camel, summary};
use super::finer::finer;
use super::names::Names;
use super::security::{Subject, claims};
use super::{Cursor, Event, Wanted};
use crate::change_log::MASS_DEPROVISIONING;
use crate::difference;

/// A row of the log.
pub(super) struct Entry {
    pub sequence: i64,
    at: Instant,
    kind: String,
    id: String,
    version: i64,
    change: Value,
    actor: String,
    correlation_id: String,
}

impl Entry {
    pub(super) fn read(row: &Row) -> Result<Entry, Failure> {
        let change = serde_json::from_str(row.text("change")?)
            .map_err(|_| Failure::corrupt("column `change` holds no JSON"))?;
        Ok(Entry {
            sequence: row.integer("seq")?,
            at: Instant(row.integer("at")?),
            kind: row.text("resource_type")?.to_string(),
            id: row.text("resource_id")?.to_string(),
            version: row.integer("version")?,
            change,
            actor: row.text("actor")?.to_string(),
            correlation_id: row.text("correlation_id")?.to_string(),
        })
    }

    /// Returns the texts of a list: ids of members, or roles.
    fn texts(&self, list: &str) -> impl Iterator<Item = &str> {
        self.change.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            kind: &self.kind,
            id: &self.id,
            version: self.version,
            at: self.at,
            correlation_id: &self.correlation_id,
            change: &self.change,
        }
    }

    fn cursor(&self, index: usize) -> Cursor {
        Cursor { sequence: self.sequence, index: i64::try_from(index).unwrap_or(i64::MAX) }
    }

    /// Returns what happened, in the order of the events.
    fn happened(&self) -> Vec<Happened<'_>> {
        let mut happened = Vec::new();
        match self.change.get("op").and_then(Value::as_str) {
            Some("created") => {
                let document =
                    self.change.get("document").and_then(Value::as_object).cloned().unwrap_or_default();
                let changes = difference::changes(&Document::default(), &Document(document));
                happened.push(Happened::Resource("created", changes));
            }
            Some("deleted") => happened.push(Happened::Resource("deleted", Vec::new())),
            Some("erased") => happened.push(Happened::Resource("erased", Vec::new())),
            Some(MASS_DEPROVISIONING) => happened.push(Happened::Directory(MASS_DEPROVISIONING)),
            _ => happened.extend(self.updated()),
        }
        happened.extend(self.texts("took").map(|role| Happened::Role("role_removed", role)));
        happened.extend(self.texts("gave").map(|role| Happened::Role("role_added", role)));
        happened.extend(self.texts("went").map(|id| Happened::Member("member_removed", id)));
        happened.extend(self.texts("came").map(|id| Happened::Member("member_added", id)));
        happened
    }

    /// Returns the change of `active` apart from the others: it is what applications wait for.
    fn updated(&self) -> Vec<Happened<'_>> {
        let changes = self.change.get("changes").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_active = |change: &Value| change.get("path").and_then(Value::as_str) == Some("active");
        let (active, others): (Vec<Value>, Vec<Value>) = changes.into_iter().partition(is_active);
        let mut happened = Vec::new();
        if !others.is_empty() {
            happened.push(Happened::Resource("updated", others));
        }
        if let Some(change) = active.first() {
            let is_disabled = change.get("new") == Some(&Value::Bool(false));
            happened.push(Happened::Resource(if is_disabled { "disabled" } else { "enabled" }, active));
        }
        happened
    }

    /// Chooses the events after the cursor that are wanted, at most so many. Returns the place of the next one, if there is one more.
    pub(super) fn choose(
        &self,
        after: Cursor,
        wanted: &Wanted,
        most: usize,
    ) -> (Vec<Chosen<'_>>, Option<Cursor>) {
        let mut chosen = Vec::new();
        let key = lower_camel(&self.kind);
        for (index, happened) in self.happened().into_iter().enumerate() {
            let cursor = self.cursor(index);
            if cursor <= after {
                continue;
            }
            let (Happened::Resource(what, _)
            | Happened::Member(what, _)
            | Happened::Role(what, _)
            | Happened::Directory(what)) = &happened;
            let event_type = format!("{key}.{what}");
            // RFC 9967 has events of resources alone: a role is not an attribute of one, and the directory as a whole is not one.
            let has_token = !matches!(happened, Happened::Role(..) | Happened::Directory(_));
            if !wanted.is_of_type(&event_type) || wanted.security && !has_token {
                continue;
            }
            if chosen.len() == most {
                return (chosen, Some(cursor));
            }
            chosen.push(Chosen { entry: self, cursor, event_type, happened });
        }
        (chosen, None)
    }
}

/// An event that is wanted, before it is written down.
pub(super) struct Chosen<'e> {
    entry: &'e Entry,
    cursor: Cursor,
    event_type: String,
    happened: Happened<'e>,
}

impl Chosen<'_> {
    /// Returns the ids of the member and of its group, if it is about a membership.
    pub(super) fn membership(&self) -> Option<(&str, &str)> {
        match self.happened {
            Happened::Member(_, id) => Some((id, &self.entry.id)),
            Happened::Resource(..) | Happened::Role(..) | Happened::Directory(_) => None,
        }
    }

    /// Returns the event.
    pub(super) fn event(self, tenant: &str, wanted: &Wanted, names: &Names, registry: &Registry) -> Event {
        let id = self.cursor.id(tenant);
        let body = match wanted.security {
            true => claims(&self.entry.subject(), &self.happened, wanted.thin, registry),
            false => self.body(&id, tenant, wanted.thin, names),
        };
        Event { cursor: self.cursor, id, event_type: self.event_type, body }
    }

    fn body(&self, id: &str, tenant: &str, thin: bool, names: &Names) -> Value {
        let entry = self.entry;
        let data = match self.happened {
            Happened::Directory(_) => departures(&entry.change),
            _ => self.data(thin, names),
        };
        json!({
            "id": id, "type": self.event_type, "timestamp": entry.at.to_rfc3339(), "tenant": tenant,
            "sequence": entry.sequence, "data": data, "actor": {"id": entry.actor},
            "correlationId": entry.correlation_id,
        })
    }

    fn data(&self, thin: bool, names: &Names) -> Value {
        let mut resource = match thin {
            true => Map::new(),
            false => summary(self.entry.change.get("resource")),
        };
        resource.insert("id".into(), self.entry.id.as_str().into());
        resource.insert("version".into(), self.entry.version.into());
        let mut data = Map::new();
        data.insert(lower_camel(&self.entry.kind), Value::Object(resource));
        match &self.happened {
            Happened::Resource("deleted" | "erased", _) | Happened::Directory(_) => {}
            Happened::Resource(_, changes) => {
                let changes = changes.iter().flat_map(finer).map(|change| match thin {
                    true => json!({"path": change.get("path")}),
                    false => change,
                });
                data.insert("changes".into(), changes.collect());
            }
            Happened::Member(_, id) => {
                let (name, member) = member(id, thin, names);
                data.insert(name.into(), member);
                if let Some(roles) = names.roles.get(&self.entry.id).filter(|_| !thin) {
                    data.insert("roles".into(), Value::from(roles.clone()));
                }
            }
            Happened::Role(_, role) => {
                data.insert("role".into(), (*role).into());
            }
        }
        Value::Object(data)
    }
}

/// Returns what a row says of users who went: numbers, and no person.
fn departures(change: &Value) -> Value {
    let since = change.get("since").and_then(Value::as_i64).map(|since| Instant(since).to_rfc3339());
    json!({"users": change.get("users"), "of": change.get("of"), "since": since, "threshold": change.get("threshold")})
}

/// Returns a member under the name that it has beside its group: a group that is a member must not take the place of the group.
fn member(id: &str, thin: bool, names: &Names) -> (&'static str, Value) {
    let (kind, mut member) = names.members.get(id).filter(|_| !thin).cloned().unwrap_or_default();
    member.insert("id".into(), id.into());
    if kind.is_empty() || kind == "User" {
        return ("user", Value::Object(member));
    }
    member.insert("type".into(), kind.into());
    ("member", Value::Object(member))
}
