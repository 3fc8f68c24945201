//! Workers KV: reading, writing and listing, with a count of operations.

use std::cell::Cell;
use std::collections::BTreeMap;

use database::{DatabaseError, Failure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use worker::Env;

use super::binding::Namespace;
use super::layout::Entry;

/// Operations of one invocation. Cloudflare allows 1,000 (developers.cloudflare.com/kv/platform/limits).
const OPERATIONS: usize = 980;
/// Operations of one step of the copy, at most.
const STEP: usize = 320;
/// Keys of one bulk read, which counts as one operation.
const BULK: usize = 100;
/// Writes at once.
const AT_ONCE: usize = 50;

/// A key that was listed.
pub struct Listed {
    /// Its name.
    pub key: String,
    /// The sequence of its value.
    pub seq: Option<i64>,
    /// Whether it expires by itself.
    pub expires: bool,
}

/// The copies in Workers KV, and what was used of an invocation.
pub struct Copy {
    namespace: Namespace,
    used: Cell<usize>,
}

impl Copy {
    /// Opens the copies, with all operations of an invocation to be used.
    ///
    /// # Errors
    /// If the Worker has no binding `DIRECTORY_COPY`.
    pub fn open(env: &Env) -> Result<Copy, Failure> {
        let missing = || Failure::misconfigured("binding DIRECTORY_COPY: there is none");
        let namespace = Namespace::open(env, "DIRECTORY_COPY").ok_or_else(missing)?;
        Ok(Copy { namespace, used: Cell::new(0) })
    }

    /// Returns whether one more step may be done.
    pub fn has_room(&self) -> bool {
        self.used.get() + STEP <= OPERATIONS
    }

    /// Reads one value.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Failure> {
        self.count(1);
        self.namespace.get(key).await.map_err(failed)
    }

    /// Reads values; those that are not there are left out.
    pub async fn get_all(&self, keys: &[String]) -> Result<BTreeMap<String, String>, Failure> {
        let mut found = BTreeMap::new();
        for part in keys.chunks(BULK) {
            self.count(1);
            let values = self.namespace.get_bulk(part).await.map_err(failed)?;
            found.extend(part.iter().zip(values).filter_map(|(key, value)| Some((key.clone(), value?))));
        }
        Ok(found)
    }

    /// Writes entries, except for those that are there as new or newer. Returns how many it wrote.
    pub async fn put_newer(&self, entries: Vec<Entry>) -> Result<usize, Failure> {
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let mut there = BTreeMap::new();
        for (key, value) in self.get_all(&keys).await? {
            // A value that cannot be read is written anew.
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            there.extend(value.get("seq").and_then(Value::as_i64).map(|seq| (key, seq)));
        }
        let is_newer = |entry: &Entry| there.get(&entry.key).is_none_or(|seq| *seq < entry.seq);
        self.put(entries.into_iter().filter(is_newer).collect()).await
    }

    /// Writes entries, whatever is there. Returns how many there were.
    pub async fn put(&self, entries: Vec<Entry>) -> Result<usize, Failure> {
        for part in entries.chunks(AT_ONCE) {
            self.count(part.len());
            try_join_all(part.iter().map(|entry| self.put_one(entry))).await?;
        }
        Ok(entries.len())
    }

    async fn put_one(&self, entry: &Entry) -> Result<(), Failure> {
        let mut options = json!({"metadata": {"seq": entry.seq}});
        if let (Some(seconds), Value::Object(options)) = (entry.expires, &mut options) {
            options.insert("expirationTtl".to_string(), seconds.into());
        }
        self.namespace.put(&entry.key, &entry.value, &options.to_string()).await.map_err(failed)
    }

    /// Lists keys with a prefix, from a cursor on; an empty one is the beginning. Returns the next cursor too, if there are
    /// more.
    pub async fn list(
        &self,
        prefix: String,
        cursor: &str,
        most: usize,
    ) -> Result<(Vec<Listed>, Option<String>), Failure> {
        self.count(1);
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
        let options = json!({"prefix": prefix, "limit": most, "cursor": cursor});
        let page = self.namespace.list(&options.to_string()).await.map_err(failed)?;
        let page: Value = serde_json::from_str(&page).map_err(|error| failed(error.to_string()))?;
        let keys = page.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(|key| {
            Some(Listed {
                key: key.get("name")?.as_str()?.to_string(),
                seq: key.get("metadata").and_then(|metadata| metadata.get("seq")?.as_i64()),
                expires: key.get("expiration").is_some_and(|at| !at.is_null()),
            })
        });
        let is_complete = page.get("list_complete").and_then(Value::as_bool) == Some(true);
        let next = page.get("cursor").and_then(Value::as_str).filter(|_| !is_complete);
        Ok((keys.collect(), next.map(str::to_string)))
    }

    /// Deletes keys.
    pub async fn delete(&self, keys: &[String]) -> Result<(), Failure> {
        for part in keys.chunks(AT_ONCE) {
            self.count(part.len());
            try_join_all(part.iter().map(|key| self.namespace.delete(key))).await.map_err(failed)?;
        }
        Ok(())
    }

    fn count(&self, operations: usize) {
        self.used.set(self.used.get().saturating_add(operations));
    }
}

fn failed(error: String) -> Failure {
    DatabaseError::Unavailable(format!("Workers KV: {error}")).into()
}
