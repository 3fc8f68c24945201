//! Keys and values of the copy: the contract that docs/EDGE.md tells, version 1. A key names no person: names and external ids
//! stand in it as their SHA-256.

use directory::edge::CopiedUser;
use scim::{Instant, fold};
use serde_json::{Value, json};
use tenants::Hash;

/// The binding of the namespace.
pub const BINDING: &str = "DIRECTORY_COPY";
/// Groups in one value.
pub const GROUPS: i64 = 5_000;
/// Seconds for which it is remembered that a user, or a name, is gone. Whoever still has the old value forgets it long before.
pub const TOMBSTONE: u64 = 86_400;

/// Returns what all keys of a tenant begin with. No tenant's name has a colon in it.
pub fn prefix(tenant: &str) -> String {
    format!("v1:{tenant}:")
}

/// Returns the key of a user, by its id.
pub fn by_id(tenant: &str, id: &str) -> String {
    format!("v1:{tenant}:u:{id}")
}

/// Returns the key of a user, by its userName in any letter case.
pub fn by_user_name(tenant: &str, user_name: &str) -> String {
    format!("v1:{tenant}:n:{}", Hash::of(&fold(user_name)).to_hex())
}

/// Returns the key of a user, by its externalId.
pub fn by_external_id(tenant: &str, external_id: &str) -> String {
    format!("v1:{tenant}:x:{}", Hash::of(external_id).to_hex())
}

/// Returns the key of a part of the names of groups.
pub fn groups(tenant: &str, part: usize) -> String {
    format!("v1:{tenant}:groups:{part}")
}

/// Returns the keys under which a user stands.
pub fn keys(tenant: &str, user: &CopiedUser) -> Vec<String> {
    let mut keys = vec![by_id(tenant, &user.id), by_user_name(tenant, &user.user_name)];
    keys.extend(user.external_id.as_deref().map(|id| by_external_id(tenant, id)));
    keys
}

/// Returns the value of a user.
pub fn user(user: &CopiedUser, sequence: i64, at: Instant) -> Value {
    json!({
        "seq": sequence, "at": at.to_rfc3339(), "active": user.active, "id": user.id, "userName": user.user_name,
        "externalId": user.external_id, "displayName": user.display_name, "groups": user.groups, "roles": user.roles,
    })
}

/// Returns the value of what is gone.
pub fn tombstone(sequence: i64, at: Instant) -> Value {
    json!({"seq": sequence, "at": at.to_rfc3339(), "gone": true})
}
