//! Writing the copy of a tenant, step by step: first what the change log names, then what is still to be filled or removed.
//! Each step reads the state of people and groups and writes it, so that it may be repeated.
//!
//! One holder of the lease writes at a time, since Workers KV cannot compare and set. A holder that has lost its lease
//! may have written an older state over a newer one: then the place in the log goes back, and its steps are done again.

use std::collections::{BTreeMap, BTreeSet};

use database::Failure;
use directory::edge::{self, People, PeopleQuery, Progress};
use scim::Instant;

use super::kv::Copy;
use super::layout::{self, Copied, Entry};
use crate::d1::D1;
use crate::registry::registry;
use crate::{clock, ids};

/// Users of one step: each has three keys.
const USERS: usize = 100;
/// Groups of one step, and keys that one step removes.
const KEYS: usize = 250;
/// Keys that one step looks through.
const SWEPT: usize = 80;
/// Milliseconds after the last write for which a list of keys may not have all of them.
pub const SETTLED: i64 = 60_000;

/// How work on a copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing is left, or another holder does it.
    Done,
    /// Something is left.
    Unfinished,
}

/// The result of one step.
enum Step {
    /// Something may be left.
    More,
    /// Nothing is left.
    Last,
    /// Workers KV may not show all of its keys yet: the copy is not certain to be removed.
    Wait,
    /// The copy is removed, and its row is gone or filled anew.
    Cleared,
}

/// Works on the copy of a tenant: at most so many steps, and as many as the invocation has room for.
///
/// # Errors
/// If the database or Workers KV fails. What was done is kept.
pub async fn work(
    database: &D1,
    copy: &Copy,
    tenant: &str,
    now: Instant,
    steps: usize,
) -> Result<End, Failure> {
    let holder = ids::new_id();
    let Some(mut progress) = edge::acquire(database, tenant, &holder, now).await? else {
        return Ok(End::Done);
    };
    let work = Work { database, copy, tenant, now };
    let result = work.steps(&mut progress, &holder, steps).await;
    let is_caught_up = matches!(result, Ok(Step::Last));
    let more = edge::release(database, tenant, &holder, is_caught_up, clock::now()).await?;
    Ok(match result? {
        Step::More => End::Unfinished,
        Step::Last if more => End::Unfinished,
        _ => End::Done,
    })
}

struct Work<'w> {
    database: &'w D1,
    copy: &'w Copy,
    tenant: &'w str,
    now: Instant,
}

impl Work<'_> {
    async fn steps(&self, progress: &mut Progress, holder: &str, most: usize) -> Result<Step, Failure> {
        for _ in 0..most {
            if !self.copy.has_room() {
                break;
            }
            let before = progress.clone();
            let step = self.step(progress, holder).await?;
            if matches!(step, Step::Cleared) {
                return Ok(step);
            }
            let is_kept = *progress == before
                || edge::save(self.database, (self.tenant, holder), &before, progress, clock::now()).await?;
            if !is_kept || !matches!(step, Step::More) {
                return Ok(step);
            }
        }
        Ok(Step::More)
    }

    async fn step(&self, progress: &mut Progress, holder: &str) -> Result<Step, Failure> {
        if let Some(cursor) = progress.clearing.clone() {
            return self.clear(progress, &cursor, holder).await;
        }
        if !progress.is_on {
            return Ok(Step::Last);
        }
        if !progress.todo.members.is_empty() {
            return self.members(progress).await;
        }
        if let Some(group) = progress.todo.groups.get(progress.todo.done).cloned() {
            return self.group(progress, &group).await;
        }
        if self.changes(progress).await? {
            return Ok(Step::More);
        }
        match progress.filling.clone() {
            Some(place) => self.fill(progress, &place).await,
            None => Ok(Step::Last),
        }
    }

    /// Writes what the next rows of the log name. Returns false if there are none.
    async fn changes(&self, progress: &mut Progress) -> Result<bool, Failure> {
        let touched = edge::touched(self.database, registry()?, self.tenant, progress.sequence).await?;
        if let Some(latest) = touched.lost {
            // The log does not say any more what has changed, so that everything is read again.
            (progress.sequence, progress.since) = (latest, latest);
            progress.filling = Some(String::new());
            return Ok(true);
        }
        let Some(sequence) = touched.sequence else { return Ok(false) };
        let asked = PeopleQuery {
            ids: touched.users.into_iter().collect(),
            names: touched.names.into_iter().collect(),
            externals: touched.externals.into_iter().collect(),
            groups: touched.groups.into_iter().collect(),
            with_names: false,
        };
        let (people, asked) = self.people(asked).await?;
        self.write(progress, self.entries(&people, &asked), false).await?;
        progress.todo.members = touched.members.into_iter().collect();
        progress.sequence = sequence;
        Ok(true)
    }

    /// Reads what was asked for. Returns it with everything that was asked for, to which the names are added under which the copy
    /// still has people who are gone: of a person who was erased, the log does not say them any more.
    async fn people(&self, mut asked: PeopleQuery) -> Result<(People, PeopleQuery), Failure> {
        let people = edge::people(self.database, self.tenant, &asked).await?;
        let is_gone = |id: &&String| !people.people.iter().any(|person| person.id == **id);
        let gone =
            asked.ids.iter().filter(is_gone).map(|id| layout::of_id(self.tenant, id)).collect::<Vec<_>>();
        let held = if gone.is_empty() { BTreeMap::new() } else { self.copy.get_all(&gone).await? };
        for copied in held.values().filter_map(|text| serde_json::from_str::<Copied>(text).ok()) {
            if !copied.deleted {
                asked.names.push(edge::name_key(registry()?, &copied.user_name));
                asked.externals.extend(copied.external_id);
            }
        }
        // Another person may have such a name by now.
        match held.is_empty() {
            true => Ok((people, asked)),
            false => Ok((edge::people(self.database, self.tenant, &asked).await?, asked)),
        }
    }

    /// Writes the next members that came to a group or went from one. Those that are there no more have rows of their own
    /// in the log.
    async fn members(&self, progress: &mut Progress) -> Result<Step, Failure> {
        let rest = progress.todo.members.split_off(progress.todo.members.len().min(USERS));
        let ids = std::mem::replace(&mut progress.todo.members, rest);
        let asked = PeopleQuery { groups: ids.clone(), ids, ..PeopleQuery::default() };
        let people = edge::people(self.database, self.tenant, &asked).await?;
        self.write(progress, self.of_people(&people), false).await?;
        people.groups.into_iter().for_each(|group| progress.todo.add_group(group.id));
        forget_done(progress);
        Ok(Step::More)
    }

    /// Writes the next members of a group that itself came to a group or went from one.
    async fn group(&self, progress: &mut Progress, group: &str) -> Result<Step, Failure> {
        let after = progress.todo.after.clone();
        let page = edge::members_of_group(self.database, self.tenant, group, &after, USERS).await?;
        if !page.users.is_empty() {
            let asked = PeopleQuery { ids: page.users, ..PeopleQuery::default() };
            let people = edge::people(self.database, self.tenant, &asked).await?;
            self.write(progress, self.of_people(&people), false).await?;
        }
        page.groups.into_iter().for_each(|group| progress.todo.add_group(group));
        match page.last {
            Some(last) => progress.todo.after = last,
            None => {
                progress.todo.done += 1;
                progress.todo.after.clear();
            }
        }
        forget_done(progress);
        Ok(Step::More)
    }

    /// Writes the next part of the directory, whatever the copy holds: first groups, then users. At last the keys are
    /// looked through for what the directory does not have.
    async fn fill(&self, progress: &mut Progress, place: &str) -> Result<Step, Failure> {
        let (of_groups, after, next) = match place.split_at_checked(1) {
            Some(("3", cursor)) => return self.sweep(progress, cursor).await,
            Some(("2", after)) => (false, after, "3"),
            Some(("1", after)) => (true, after, "2"),
            _ => (true, "", "2"),
        };
        let most = if of_groups { KEYS } else { USERS };
        let part = edge::fill(self.database, self.tenant, of_groups, after, most).await?;
        let last = match of_groups {
            true => part.groups.last().map(|group| format!("1{}", group.id)),
            false => part.people.last().map(|person| format!("2{}", person.id)),
        };
        let is_last = part.groups.len().max(part.people.len()) < most;
        let mut entries = self.of_people(&part);
        entries.extend(part.groups.iter().map(|group| layout::group(self.tenant, group, part.sequence)));
        self.write(progress, entries, true).await?;
        progress.filling = last.filter(|_| !is_last).or_else(|| Some(next.to_string()));
        Ok(Step::More)
    }

    /// Reads again what stands under keys that were not written since filling began, or have a sequence that the log has
    /// not reached. What the list says may be a minute old, so that no key is deleted for it alone.
    async fn sweep(&self, progress: &mut Progress, cursor: &str) -> Result<Step, Failure> {
        let latest = edge::people(self.database, self.tenant, &PeopleQuery::default()).await?.sequence;
        let (keys, next) = self.copy.list(layout::prefix(self.tenant), cursor, SWEPT).await?;
        let is_stale = |seq: Option<i64>| seq.is_none_or(|seq| seq < progress.since || seq > latest);
        let stale = keys.into_iter().filter(|key| !key.expires && is_stale(key.seq)).map(|key| key.key);
        let stale: Vec<String> = stale.collect();
        if !stale.is_empty() {
            let asked = self.named(&self.copy.get_all(&stale).await?)?;
            let people = edge::people(self.database, self.tenant, &asked).await?;
            let entries = self.entries(&people, &asked);
            let there: BTreeSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            let unknown = stale.into_iter().filter(|key| !there.contains(key.as_str())).collect::<Vec<_>>();
            self.copy.delete(&unknown).await?;
            self.write(progress, entries, true).await?;
        }
        progress.filling = next.map(|cursor| format!("3{cursor}"));
        Ok(Step::More)
    }

    /// Returns whom these keys and values are about.
    fn named(&self, values: &BTreeMap<String, String>) -> Result<PeopleQuery, Failure> {
        let mut asked = PeopleQuery::default();
        for (key, text) in values {
            let Ok(copied) = serde_json::from_str::<Copied>(text) else { continue };
            match key.strip_prefix(&layout::prefix(self.tenant)).and_then(|rest| rest.split_once(':')) {
                Some(("u", id)) => asked.ids.push(id.to_string()),
                Some(("n", _)) => asked.names.push(edge::name_key(registry()?, &copied.user_name)),
                Some(("x", _)) => asked.externals.extend(copied.external_id),
                Some(("g", id)) => asked.groups.push(id.to_string()),
                _ => {}
            }
        }
        Ok(asked)
    }

    /// Removes a part of the copy.
    async fn clear(&self, progress: &mut Progress, cursor: &str, holder: &str) -> Result<Step, Failure> {
        let (keys, next) = self.copy.list(layout::prefix(self.tenant), cursor, KEYS).await?;
        if !keys.is_empty() {
            self.copy.delete(&keys.into_iter().map(|key| key.key).collect::<Vec<_>>()).await?;
            progress.written = clock::now();
        } else if cursor.is_empty() && next.is_none() {
            if self.now.0.saturating_sub(progress.written.0) < SETTLED {
                return Ok(Step::Wait);
            }
            edge::cleared(self.database, self.tenant, holder).await?;
            return Ok(Step::Cleared);
        }
        progress.clearing = Some(next.unwrap_or_default());
        Ok(Step::More)
    }

    async fn write(
        &self,
        progress: &mut Progress,
        entries: Vec<Entry>,
        whatever_is_there: bool,
    ) -> Result<(), Failure> {
        let written = match whatever_is_there {
            true => self.copy.put(entries).await?,
            false => self.copy.put_newer(entries).await?,
        };
        if written > 0 {
            progress.written = clock::now();
        }
        Ok(())
    }

    /// Returns the entries of people, each under all of its keys.
    fn of_people(&self, people: &People) -> Vec<Entry> {
        let now = clock::now();
        let mut entries = Vec::new();
        for person in &people.people {
            let value = layout::person(person, people.sequence, now);
            let external = person.external_id.as_ref().filter(|_| person.holds_external_id);
            let keys = [
                Some(layout::of_id(self.tenant, &person.id)),
                Some(layout::of_name(self.tenant, &person.name_key)),
                external.map(|external| layout::of_external_id(self.tenant, external)),
            ];
            entries.extend(keys.into_iter().flatten().map(|key| Entry {
                key,
                value: value.clone(),
                seq: people.sequence,
                expires: None,
            }));
        }
        entries
    }

    /// Returns the entries of everything that was asked for: of what is not there, tombstones.
    fn entries(&self, people: &People, asked: &PeopleQuery) -> Vec<Entry> {
        let (tenant, seq) = (self.tenant, people.sequence);
        let mut entries: Vec<Entry> =
            people.groups.iter().map(|group| layout::group(tenant, group, seq)).collect();
        entries.extend(self.of_people(people));
        let there: BTreeSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let keys = (asked.ids.iter().map(|id| layout::of_id(tenant, id)))
            .chain(asked.names.iter().map(|name| layout::of_name(tenant, name)))
            .chain(asked.externals.iter().map(|external| layout::of_external_id(tenant, external)))
            .chain(asked.groups.iter().map(|id| layout::of_group(tenant, id)));
        let gone = keys.filter(|key| !there.contains(key));
        let gone: Vec<Entry> = gone.map(|key| layout::tombstone(key, seq)).collect();
        entries.extend(gone);
        entries
    }
}

fn forget_done(progress: &mut Progress) {
    if progress.todo.is_done() {
        progress.todo = edge::Todo::default();
    }
}
