//! Events as the claims of Security Event Tokens (RFC 8417) by the profile of SCIM (RFC 9967).
//!
//! What lives here: which event of RFC 9967 s2.4 stands for what has happened, and what it says. What does not: the claims of
//! the token that depend on who issues it and who reads it, and its signature (the Worker).

use scim::{Instant, Registry, urn};
use serde_json::{Map, Value, json};

use super::event::Happened;

/// What each event's URN begins with (RFC 9967 s2.4).
const PREFIX: &str = "urn:ietf:params:scim:event:prov:";

/// The events that a reader of this service may get, in their two variants (RFC 9967 s2.4).
pub const SECURITY_EVENTS: [&str; 7] = [
    "urn:ietf:params:scim:event:prov:create:full",
    "urn:ietf:params:scim:event:prov:create:notice",
    "urn:ietf:params:scim:event:prov:patch:full",
    "urn:ietf:params:scim:event:prov:patch:notice",
    "urn:ietf:params:scim:event:prov:delete",
    "urn:ietf:params:scim:event:prov:activate",
    "urn:ietf:params:scim:event:prov:deactivate",
];

/// The change that a token is about.
pub(super) struct Subject<'s> {
    pub kind: &'s str,
    pub id: &'s str,
    pub version: i64,
    pub at: Instant,
    pub correlation_id: &'s str,
    /// The row's `change`.
    pub change: &'s Value,
}

/// Returns the claims. A `notice` names what has changed, and holds neither a value nor a name of a person.
pub(super) fn claims(
    subject: &Subject<'_>,
    happened: &Happened<'_>,
    is_notice: bool,
    registry: &Registry,
) -> Value {
    let endpoint = registry.kinds().find(|kind| kind.name() == subject.kind);
    let endpoint = endpoint.map_or(subject.kind, |kind| kind.endpoint());
    let mut sub_id =
        json!({"format": "scim", "uri": format!("/{endpoint}/{}", subject.id), "id": subject.id});
    let external_id = subject.change.get("resource").and_then(|resource| resource.get("externalId"));
    if let (false, Some(external_id), Some(sub_id)) =
        (is_notice, external_id.filter(|id| id.is_string()), sub_id.as_object_mut())
    {
        sub_id.insert("externalId".into(), external_id.clone());
    }
    let (urn, mut payload) = event(subject, happened, is_notice, registry);
    payload.insert("version".into(), scim::etag(subject.version).into());
    // RFC 8417 s2.2: `toe` is when the event occurred, in whole or fractional seconds.
    json!({"toe": subject.at.0.div_euclid(1_000), "txn": subject.correlation_id, "sub_id": sub_id, "events": {urn: payload}})
}

fn event(
    subject: &Subject<'_>,
    happened: &Happened<'_>,
    is_notice: bool,
    registry: &Registry,
) -> (String, Map<String, Value>) {
    let variant = if is_notice { "notice" } else { "full" };
    let named = |name: &str| format!("{PREFIX}{name}");
    match happened {
        Happened::Resource("created", changes) => {
            let data = if is_notice { attributes(changes.iter()) } else { representation(subject, registry) };
            (named(&format!("create:{variant}")), variant_payload(is_notice, data))
        }
        Happened::Resource("deleted" | "erased", _) => (named("delete"), Map::new()),
        Happened::Resource("disabled", _) => (named("deactivate"), Map::new()),
        Happened::Resource("enabled", _) => (named("activate"), Map::new()),
        Happened::Resource(_, changes) => {
            let data =
                if is_notice { attributes(changes.iter()) } else { patch(changes.iter().map(operation)) };
            (named(&format!("patch:{variant}")), variant_payload(is_notice, data))
        }
        Happened::Member(what, id) => {
            let data = if is_notice { json!(["members"]) } else { patch([member(what, id)]) };
            (named(&format!("patch:{variant}")), variant_payload(is_notice, data))
        }
        // Passed over before it comes here (`row`): RFC 9967 has no such event.
        Happened::Role(what, _) | Happened::Directory(what) => (named(what), Map::new()),
    }
}

/// Returns the resource as it was created. Its members are events of their own.
fn representation(subject: &Subject<'_>, registry: &Registry) -> Value {
    let document = subject.change.get("document").and_then(Value::as_object).cloned().unwrap_or_default();
    let core =
        registry.resource_types().find(|of| of.kind.name() == subject.kind).map(|of| of.schema.id.clone());
    let extensions = document.keys().filter(|name| name.contains(':')).cloned();
    let schemas: Value = core.into_iter().chain(extensions).map(Value::from).collect();
    let own = [("schemas".to_string(), schemas), ("id".to_string(), subject.id.into())];
    Value::Object(own.into_iter().chain(document).collect())
}

/// Returns a payload with `data`, which has the information itself, or with `attributes`, the names of what has changed: an event has
/// one of the two (RFC 9967 s2.2).
fn variant_payload(is_notice: bool, content: Value) -> Map<String, Value> {
    [((if is_notice { "attributes" } else { "data" }).to_string(), content)].into_iter().collect()
}

/// Returns the names of the attributes that have changed.
fn attributes<'c>(changes: impl Iterator<Item = &'c Value>) -> Value {
    changes.filter_map(|change| change.get("path").cloned()).collect()
}

fn patch(operations: impl IntoIterator<Item = Value>) -> Value {
    json!({"schemas": [urn::PATCH_OP], "Operations": operations.into_iter().collect::<Value>()})
}

/// Returns the operation of a PATCH by which the new value follows from the old one.
fn operation(change: &Value) -> Value {
    let new = change.get("new").filter(|new| !new.is_null());
    // A name that holds what separates names in a path can only stand in an object. There null is "unassigned" (RFC 7643 s2.5).
    if let Some(at) = change.get("at").and_then(Value::as_array) {
        let new = new.cloned().unwrap_or_default();
        let nested = at.iter().rev().filter_map(Value::as_str).fold(new, |value, name| json!({name: value}));
        return json!({"op": "replace", "value": nested});
    }
    match (change.get("path"), new) {
        (path, Some(new)) => json!({"op": "replace", "path": path, "value": new}),
        (path, None) => json!({"op": "remove", "path": path}),
    }
}

fn member(what: &str, id: &str) -> Value {
    match what {
        "member_added" => json!({"op": "add", "path": "members", "value": [{"value": id}]}),
        _ => json!({"op": "remove", "path": format!("members[value eq {}]", Value::from(id))}),
    }
}

#[cfg(test)]
mod tests {
    use scim::{Instant, Registry};
    use serde_json::{Value, json};

    use super::super::event::Happened;
    use super::{SECURITY_EVENTS, Subject, claims};

    fn of(happened: &Happened<'_>, change: &Value, is_notice: bool) -> Value {
        let subject = Subject {
            kind: "User",
            id: "u1",
            version: 4,
            at: Instant(1_700_000_000_999),
            correlation_id: "c1",
            change,
        };
        claims(&subject, happened, is_notice, &Registry::load().unwrap())
    }

    #[test]
    fn each_event_is_one_that_is_announced_and_a_notice_holds_no_value() {
        let change =
            json!({"resource": {"externalId": "e1", "userName": "ada"}, "document": {"userName": "ada"}});
        let changes = || vec![json!({"path": "title", "old": null, "new": "Head"})];
        for what in ["created", "updated", "disabled", "enabled", "deleted", "erased"] {
            for is_notice in [false, true] {
                let claims = of(&Happened::Resource(what, changes()), &change, is_notice);
                let (urn, payload) = claims["events"].as_object().unwrap().iter().next().unwrap();
                assert!(SECURITY_EVENTS.contains(&urn.as_str()), "{urn}");
                assert_eq!(payload["version"], "W/\"4\"");
                let text = claims.to_string();
                let tells = ["ada", "Head", "e1"].iter().any(|value| text.contains(value));
                assert_eq!(tells, !is_notice, "{text}");
                assert_eq!((&claims["toe"], &claims["txn"]), (&json!(1_700_000_000), &json!("c1")));
            }
        }
    }

    #[test]
    fn changes_are_operations_of_a_patch() {
        let changes = vec![
            json!({"path": "title", "old": null, "new": "Head"}),
            json!({"path": "nickName", "old": "A", "new": null}),
            json!({"path": "x.y:z", "at": ["x.y:z"], "old": 1, "new": 2}),
            json!({"path": "a.b.c", "at": ["a.b", "c"], "old": 1, "new": 2}),
        ];
        let full = of(&Happened::Resource("updated", changes), &json!({}), false);
        assert_eq!(
            full["events"]["urn:ietf:params:scim:event:prov:patch:full"]["data"]["Operations"],
            json!([
                {"op": "replace", "path": "title", "value": "Head"},
                {"op": "remove", "path": "nickName"},
                {"op": "replace", "value": {"x.y:z": 2}},
                {"op": "replace", "value": {"a.b": {"c": 2}}},
            ])
        );
        let gone = of(&Happened::Member("member_removed", "u\"2"), &json!({}), false);
        assert_eq!(
            gone["events"]["urn:ietf:params:scim:event:prov:patch:full"]["data"]["Operations"],
            json!([{"op": "remove", "path": "members[value eq \"u\\\"2\"]"}])
        );
    }
}
