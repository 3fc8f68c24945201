//! Looks a person up in the edge copy, from a Worker of the vendor's own to which the namespace is bound. The layout is
//! version 1 of docs/EDGE.md. None is a miss: ask `GET /{tenant}/lookup`, which asks the directory.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// What the reader needs of a KV namespace: `kv.get(key).text().await` of the crate `worker`.
pub trait Namespace {
    /// Returns the value under a key.
    fn get(&self, key: &str) -> impl Future<Output = Option<String>>;
}

/// Returns a text in one letter case. Where this differs from Unicode's folding, the reader misses, and is not wrong.
fn fold(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn read(kv: &impl Namespace, key: String, is: impl Fn(&Value) -> bool) -> Option<Value> {
    let person: Value = serde_json::from_str(&kv.get(&key).await?).ok()?;
    (person.get("gone").is_none() && is(&person)).then_some(person)
}

/// Finds a person by the id.
pub async fn by_id(kv: &impl Namespace, tenant: &str, id: &str) -> Option<Value> {
    read(kv, format!("v1:{tenant}:u:{id}"), |person| person.get("id").and_then(Value::as_str) == Some(id))
        .await
}

/// Finds a person by the userName, in any letter case.
pub async fn by_user_name(kv: &impl Namespace, tenant: &str, user_name: &str) -> Option<Value> {
    let wanted = fold(user_name);
    let is = |person: &Value| {
        person.get("userName").and_then(Value::as_str).is_some_and(|name| fold(name) == wanted)
    };
    read(kv, format!("v1:{tenant}:n:{}", sha256(&wanted)), is).await
}

/// Finds a person by the externalId.
pub async fn by_external_id(kv: &impl Namespace, tenant: &str, external_id: &str) -> Option<Value> {
    let is = |person: &Value| person.get("externalId").and_then(Value::as_str) == Some(external_id);
    read(kv, format!("v1:{tenant}:x:{}", sha256(external_id)), is).await
}
