//! Copying one part. It reads from the directory what is true now and writes that, so neither the order of parts nor their
//! repetition matters; a value with a greater sequence is left as it is.

use std::collections::{BTreeMap, BTreeSet};

use database::Failure;
use directory::edge::{self, CopiedUser, EdgeCopy, EdgeState};
use serde_json::{Value, json};
use worker::Env;
use worker::kv::{KvError, KvStore};

use super::layout;
use crate::d1::D1;
use crate::{clock, ids};

/// Operations on the store after which an invocation begins no further part: it may make 1,000, and one part needs up to 450.
pub(super) const ENOUGH: usize = 500;
/// Keys that are looked at at once where what should not be there is deleted.
const KEYS: u64 = 200;

/// What came of an attempt to copy a part.
pub enum Part {
    /// There is nothing to copy, or another instance copies.
    None,
    /// A part was copied.
    Copied {
        /// How many operations on the store that took.
        operations: usize,
    },
}

/// Copies one part of what is not copied yet.
///
/// # Errors
/// Those of the database, and of the store. The next attempt copies the part again.
pub async fn copy_part(database: &D1, env: &Env, tenant: &str) -> Result<Part, Failure> {
    let holder = ids::new_id();
    let Some(mut copy) = edge::claim(database, tenant, &holder, clock::now()).await? else {
        return Ok(Part::None);
    };
    let store = env.kv(layout::BINDING).map_err(|_| missing())?;
    let mut projector = Projector { database, store, tenant, operations: 0 };
    match (copy.state, copy.rebuild.as_deref().and_then(|phase| phase.split_once(':'))) {
        (EdgeState::Removing | EdgeState::Off, _) => {
            if projector.remove().await? {
                copy.state = EdgeState::Off;
            }
        }
        (EdgeState::On, Some(("users", after))) => copy.rebuild = Some(projector.all(after).await?),
        (EdgeState::On, Some((_, cursor))) => copy.rebuild = projector.sweep(cursor).await?,
        (EdgeState::On, None) => projector.follow(&mut copy).await?,
    }
    edge::record(database, tenant, &holder, &copy, clock::now()).await?;
    Ok(Part::Copied { operations: projector.operations })
}

fn missing() -> Failure {
    Failure::Misconfigured(format!("the KV binding {} is missing", layout::BINDING))
}

fn failed(error: KvError) -> Failure {
    Failure::Misconfigured(format!("Workers KV: {error}"))
}

struct Projector<'p> {
    database: &'p D1,
    store: KvStore,
    tenant: &'p str,
    operations: usize,
}

impl Projector<'_> {
    /// Copies whom the next rows of the log are about.
    async fn follow(&mut self, copy: &mut EdgeCopy) -> Result<(), Failure> {
        let affected = edge::affected(self.database, self.tenant, copy).await?;
        self.write(affected.users, affected.former).await?;
        if affected.groups {
            self.write_groups().await?;
        }
        (copy.sequence, copy.within) = (affected.sequence, affected.within);
        Ok(())
    }

    /// Copies the users after that id, and says how to go on. The first part copies the groups too.
    async fn all(&mut self, after: &str) -> Result<String, Failure> {
        let (ids, more) = edge::all_users(self.database, self.tenant, after).await?;
        let last = ids.last().cloned();
        self.write(ids.into_iter().collect(), BTreeSet::new()).await?;
        if after.is_empty() {
            self.write_groups().await?;
        }
        Ok(last.filter(|_| more).map_or_else(|| "keys:".to_string(), |last| format!("users:{last}")))
    }

    /// Writes users, and tombstones of those that are gone and of names that have no holder any more.
    async fn write(
        &mut self,
        mut wanted: BTreeSet<String>,
        mut former: BTreeSet<(String, String)>,
    ) -> Result<(), Failure> {
        let held = edge::holders(self.database, self.tenant, &former).await?;
        wanted.extend(held.values().cloned());
        let (mut users, sequence) = edge::users(self.database, self.tenant, &wanted).await?;
        // Several users may have one external id; its key is that of the first of them.
        let external =
            users.iter().filter_map(|user| Some(("externalId".to_string(), user.external_id.clone()?)));
        let first = edge::holders(self.database, self.tenant, &external.collect()).await?;
        let others: BTreeSet<String> = first.values().filter(|id| !wanted.contains(*id)).cloned().collect();
        if !others.is_empty() {
            users.extend(edge::users(self.database, self.tenant, &others).await?.0);
            wanted.extend(others);
        }
        let is_first = |user: &CopiedUser, id: &str| {
            first.get(&("externalId".to_string(), id.to_string())) == Some(&user.id)
        };
        let there: BTreeMap<&str, &CopiedUser> = users.iter().map(|user| (user.id.as_str(), user)).collect();
        for id in &wanted {
            let key = layout::by_id(self.tenant, id);
            let old = self.read(&key).await?;
            if old
                .as_ref()
                .and_then(|old| old.get("seq"))
                .and_then(Value::as_i64)
                .is_some_and(|old| old > sequence)
            {
                continue;
            }
            former.extend(names(old.as_ref()));
            match there.get(id.as_str()) {
                Some(user) => {
                    let value = layout::user(user, sequence, clock::now());
                    let external = user.external_id.as_deref().filter(|id| !is_first(user, id));
                    let not_its_own = external.map(|id| layout::by_external_id(self.tenant, id));
                    for key in layout::keys(self.tenant, user)
                        .into_iter()
                        .filter(|key| not_its_own.as_ref() != Some(key))
                    {
                        self.put(&key, &value, Some(id)).await?;
                    }
                }
                None => self.bury(&key, sequence).await?,
            }
        }
        // What the users that were just written are called now is not former.
        let current = users.iter().flat_map(|user| layout::keys(self.tenant, user)).collect::<BTreeSet<_>>();
        let held = edge::holders(self.database, self.tenant, &former).await?;
        for (attribute, value) in former.iter().filter(|pair| !held.contains_key(*pair)) {
            let key = match attribute.as_str() {
                "userName" => layout::by_user_name(self.tenant, value),
                _ => layout::by_external_id(self.tenant, value),
            };
            if !current.contains(&key) {
                self.bury(&key, sequence).await?;
            }
        }
        Ok(())
    }

    async fn write_groups(&mut self) -> Result<(), Failure> {
        let (_, sequence) = edge::users(self.database, self.tenant, &BTreeSet::new()).await?;
        let (mut part, mut after) = (0, String::new());
        loop {
            let names = edge::group_names(self.database, self.tenant, &after, layout::GROUPS).await?;
            let more = i64::try_from(names.len()).is_ok_and(|count| count == layout::GROUPS);
            after = names.last().map(|(id, _)| id.clone()).unwrap_or_default();
            let groups: Value = names.into_iter().map(|(id, name)| (id, Value::from(name))).collect();
            let value =
                json!({"seq": sequence, "at": clock::now().to_rfc3339(), "more": more, "groups": groups});
            self.put(&layout::groups(self.tenant, part), &value, None).await?;
            if !more {
                return Ok(());
            }
            part += 1;
        }
    }

    /// Deletes, of some keys, those that no user has. Returns how to go on; None after the last.
    async fn sweep(&mut self, cursor: &str) -> Result<Option<String>, Failure> {
        let (keys, next) = self.list(cursor).await?;
        let owner = |key: &worker::kv::Key| key.metadata.as_ref().and_then(Value::as_str).map(str::to_string);
        let owned: Vec<(String, String)> =
            keys.iter().filter_map(|key| Some((key.name.clone(), owner(key)?))).collect();
        let ids = owned.iter().map(|(_, id)| id.clone()).collect();
        let (users, _) = edge::users(self.database, self.tenant, &ids).await?;
        let current: BTreeSet<String> =
            users.iter().flat_map(|user| layout::keys(self.tenant, user)).collect();
        for (key, _) in owned.iter().filter(|(key, _)| !current.contains(key)) {
            self.delete(key).await?;
        }
        Ok(next.map(|cursor| format!("keys:{cursor}")))
    }

    /// Deletes keys of the tenant. Returns whether none is left.
    async fn remove(&mut self) -> Result<bool, Failure> {
        let (keys, next) = self.list("").await?;
        for key in &keys {
            self.delete(&key.name).await?;
        }
        Ok(next.is_none())
    }

    async fn list(&mut self, cursor: &str) -> Result<(Vec<worker::kv::Key>, Option<String>), Failure> {
        self.operations += 1;
        let list = self.store.list().prefix(layout::prefix(self.tenant)).limit(KEYS);
        let list = if cursor.is_empty() { list } else { list.cursor(cursor.to_string()) };
        let listed = list.execute().await.map_err(failed)?;
        Ok((listed.keys, listed.cursor.filter(|_| !listed.list_complete)))
    }

    async fn read(&mut self, key: &str) -> Result<Option<Value>, Failure> {
        self.operations += 1;
        let text = self.store.get(key).text().await.map_err(failed)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn put(&mut self, key: &str, value: &Value, owner: Option<&str>) -> Result<(), Failure> {
        self.operations += 1;
        let put = self.store.put(key, value.to_string()).map_err(failed)?;
        let put = match owner {
            Some(id) => put.metadata(id).map_err(failed)?,
            None => put,
        };
        put.execute().await.map_err(failed)
    }

    async fn bury(&mut self, key: &str, sequence: i64) -> Result<(), Failure> {
        self.operations += 1;
        let value = layout::tombstone(sequence, clock::now()).to_string();
        let put = self.store.put(key, value).map_err(failed)?;
        put.expiration_ttl(layout::TOMBSTONE).execute().await.map_err(failed)
    }

    async fn delete(&mut self, key: &str) -> Result<(), Failure> {
        self.operations += 1;
        self.store.delete(key).await.map_err(failed)
    }
}

/// Returns what a user was called by a value of the copy.
fn names(value: Option<&Value>) -> BTreeSet<(String, String)> {
    let name = |attribute: &str| {
        let text = value?.get(attribute)?.as_str()?;
        Some((attribute.to_string(), text.to_string()))
    };
    ["userName", "externalId"].into_iter().filter_map(name).collect()
}
