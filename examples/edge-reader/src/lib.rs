//! Reads people of a tenant out of the edge copy in Workers KV, version 1 (docs/EDGE.md). A miss is not an answer: ask
//! `GET /{tenant}/lookup`, which asks the database.

use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Workers KV: in a Worker, `KvStore::get(key).text()` of the crate `worker`.
pub trait Kv {
    /// Reads the value of a key.
    fn get(&self, key: &str) -> impl Future<Output = Option<String>>;
}

/// Whom to read.
pub enum Who<'w> {
    /// By id.
    Id(&'w str),
    /// By userName.
    UserName(&'w str),
    /// By externalId.
    ExternalId(&'w str),
}

/// Folds a userName as the directory compares it.
pub fn fold(name: &str) -> String {
    let fold_char = |letter: char| {
        let round = letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
        round.map(move |folded| if letter == 'ı' { letter } else { folded })
    };
    name.nfc().flat_map(fold_char).nfc().collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a person; None if the copy does not have one.
pub async fn read(kv: &impl Kv, tenant: &str, who: Who<'_>) -> Option<Value> {
    let key = match who {
        Who::Id(id) => format!("u:{id}"),
        Who::UserName(name) => format!("n:{}", sha256(&fold(name))),
        Who::ExternalId(external_id) => format!("x:{}", sha256(external_id)),
    };
    let text = kv.get(&format!("v1:{tenant}:{key}")).await?;
    let value: Value = serde_json::from_str(&text).ok()?;
    value.get("deleted").is_none().then_some(value)
}

/// Returns the roles of a person, the own ones and those that the groups give, each once.
pub async fn all_roles(kv: &impl Kv, tenant: &str, person: &Value) -> Vec<String> {
    let mut roles = texts(person, "roles");
    for id in texts(person, "groups") {
        let text = kv.get(&format!("v1:{tenant}:g:{id}")).await.unwrap_or_default();
        let group: Value = serde_json::from_str(&text).unwrap_or_default();
        for role in texts(&group, "roles") {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
    }
    roles
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    let list = value.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_string)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_folded_as_the_directory_folds_them() {
        for name in ["Ada@X.example", "STRASSE", "straße", "ΣΊΣΥΦΟΣ", "İı", "E\u{301}", "Å", "ﬁ", "ᾼ", "ẞ"]
        {
            assert_eq!(super::fold(name), scim::fold(name), "{name}");
        }
    }
}
