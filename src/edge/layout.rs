//! The form of the copy in Workers KV: version 1 of the contract of docs/EDGE.md. Names of keys hold ids and hashes, and
//! no personal data.

use directory::edge::{GroupName, Person};
use scim::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use tenants::Hash;

/// Seconds after which a tombstone expires. It outlives what Workers KV remembers of a
/// key, and everything that might still write an older state.
const TOMBSTONE: u64 = 86_400;

/// A value to be written.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// It, as JSON.
    pub value: String,
    /// The sequence up to which it is true.
    pub seq: i64,
    /// Seconds after which it expires.
    pub expires: Option<u64>,
}

/// A value as it is read. A tombstone has none of the attributes of a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Copied {
    /// The sequence up to which it is true.
    pub seq: i64,
    /// When it was read from the directory.
    pub as_of: Option<String>,
    /// Whether it is a tombstone.
    #[serde(default)]
    pub deleted: bool,
    /// See [`Person`], as the others.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub user_name: String,
    pub external_id: Option<String>,
    pub display_name: Option<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub more_groups: bool,
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Returns the prefix of all keys of a tenant. The name of a tenant has no colon.
pub fn prefix(tenant: &str) -> String {
    format!("v1:{tenant}:")
}

/// Returns the key of a user.
pub fn of_id(tenant: &str, id: &str) -> String {
    format!("v1:{tenant}:u:{id}")
}

/// Returns the key of a userName, which is given as the directory compares it.
pub fn of_name(tenant: &str, name_key: &str) -> String {
    format!("v1:{tenant}:n:{}", Hash::of(name_key).to_hex())
}

/// Returns the key of an externalId.
pub fn of_external_id(tenant: &str, external_id: &str) -> String {
    format!("v1:{tenant}:x:{}", Hash::of(external_id).to_hex())
}

/// Returns the key of a group.
pub fn of_group(tenant: &str, id: &str) -> String {
    format!("v1:{tenant}:g:{id}")
}

/// Returns the value of a person.
pub fn person(person: &Person, seq: i64, now: Instant) -> String {
    let groups: Value = person.groups.iter().map(|group| group.id.as_str()).collect();
    let mut value = json!({
        "seq": seq, "asOf": now.to_rfc3339(), "id": person.id, "active": person.active, "userName": person.user_name,
        "externalId": person.external_id, "displayName": person.display_name, "groups": groups, "roles": person.roles,
    });
    if let (true, Value::Object(members)) = (person.more_groups, &mut value) {
        members.insert("moreGroups".to_string(), true.into());
    }
    value.to_string()
}

/// Returns the entry of a group. The roles that it gives stand there and not with each member: a mapping is one write.
pub fn group(tenant: &str, group: &GroupName, seq: i64) -> Entry {
    let mut value = json!({"seq": seq, "displayName": group.display_name});
    if let (false, Value::Object(members)) = (group.roles.is_empty(), &mut value) {
        members.insert("roles".to_string(), group.roles.as_slice().into());
    }
    Entry { key: of_group(tenant, &group.id), value: value.to_string(), seq, expires: None }
}

/// Returns a tombstone: the mark of a person or a group that is not there any more.
pub fn tombstone(key: String, seq: i64) -> Entry {
    Entry { key, value: json!({"seq": seq, "deleted": true}).to_string(), seq, expires: Some(TOMBSTONE) }
}
