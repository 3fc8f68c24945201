//! What an instance remembers of tokens, so that it need not ask the database for a token that it knows.
//!
//! Pure: the time is a parameter. A result is used for [`USABLE`] at most, counted from before the question was
//! asked, so that a revoked token ends within that time everywhere. From [`FRESH`] on it is looked up again in the
//! background.

use std::collections::BTreeMap;

use scim::Instant;

use super::grant::{Grant, USE_NOTED};
use super::secret::Hash;

/// Milliseconds for which a result is used without looking it up again.
pub const FRESH: i64 = 20_000;
/// Milliseconds after which a result is no longer used.
pub const USABLE: i64 = 60_000;
/// Milliseconds for which it is remembered that a text is not a token.
const REFUSED: i64 = 5_000;
/// How many tokens are remembered, and how many texts that are not tokens.
const MOST: usize = 1_000;

/// The memory of one instance. It consists of plain lists: a thousand hashes are searched in microseconds.
#[derive(Default)]
pub struct GrantCache {
    granted: Vec<Entry>,
    refused: Vec<Entry>,
}

struct Entry {
    hash: Hash,
    /// What the token grants, if it is valid.
    grant: Option<Grant>,
    asked: Instant,
    /// When a look-up in the background was last started; it may have failed.
    sent: Instant,
}

/// What is remembered of a token.
#[derive(Debug, PartialEq)]
pub enum Cached {
    /// Known to be valid.
    Valid {
        /// The tenant, and the terms.
        grant: Grant,
        /// Whether the caller must look it up again, in the background: the result grows old, or a use must be
        /// recorded.
        refresh: bool,
    },
    /// Known to be invalid.
    Invalid,
    /// Not remembered.
    Miss,
}

impl GrantCache {
    /// Returns what is remembered.
    pub fn get(&mut self, hash: Hash, now: Instant) -> Cached {
        let within = |since: Instant, most: i64| (0..most).contains(&(now.0 - since.0));
        let known = self.granted.iter_mut().find(|entry| entry.hash == hash);
        if let Some(entry) = known.filter(|entry| within(entry.asked, USABLE))
            && let Some(grant) = &entry.grant
        {
            let old = !within(entry.asked, FRESH);
            let use_to_note = grant.last_used.is_none_or(|last| !within(last, USE_NOTED));
            let refresh = (old || use_to_note) && (entry.sent < entry.asked || !within(entry.sent, FRESH));
            if refresh {
                entry.sent = now;
            }
            return Cached::Valid { grant: grant.clone(), refresh };
        }
        match self.refused.iter().find(|entry| entry.hash == hash) {
            Some(entry) if within(entry.asked, REFUSED) => Cached::Invalid,
            _ => Cached::Miss,
        }
    }

    /// Inserts the result of a question that was asked at that time.
    pub fn insert(&mut self, hash: Hash, grant: Option<Grant>, asked: Instant) {
        self.granted.retain(|entry| entry.hash != hash);
        self.refused.retain(|entry| entry.hash != hash);
        let entries = if grant.is_some() { &mut self.granted } else { &mut self.refused };
        let new = Entry { hash, grant, asked, sent: Instant(i64::MIN) };
        if entries.len() >= MOST
            && let Some(place) = dispensable(entries, new.tenant())
        {
            entries.swap_remove(place);
        }
        entries.push(new);
    }

    /// Clears the cache, because something was changed through this very instance.
    pub fn clear(&mut self) {
        *self = GrantCache::default();
    }
}

impl Entry {
    /// Returns the tenant whose share of the memory the entry uses. Texts that are not tokens have one share
    /// together.
    fn tenant(&self) -> &str {
        self.grant.as_ref().map_or("", |grant| grant.tenant.as_str())
    }
}

/// Finds the entry to drop for one more of that tenant: the entry that was asked for longest ago, of the tenant that
/// has the most. So a tenant with a thousand tokens pushes out only its own.
fn dispensable(entries: &[Entry], newcomer: &str) -> Option<usize> {
    let mut shares = BTreeMap::from([(newcomer, 1_usize)]);
    entries.iter().for_each(|entry| *shares.entry(entry.tenant()).or_default() += 1);
    let (largest, _) = shares.into_iter().max_by_key(|(_, share)| *share)?;
    let of_largest = entries.iter().enumerate().filter(|(_, entry)| entry.tenant() == largest);
    of_largest.min_by_key(|(_, entry)| entry.asked).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use scim::{Dialect, Instant};

    use super::super::{Grant, Hash, Secret};
    use super::{Cached, FRESH, GrantCache, MOST, REFUSED, USABLE};

    fn hash(number: usize) -> Hash {
        let mut random = [0; 32];
        random[..8].copy_from_slice(&number.to_le_bytes());
        Secret::new(&random).hash()
    }

    fn grant() -> Grant {
        let last_used = Some(Instant(0));
        Grant {
            token: "t".into(),
            tenant: "acme".into(),
            scopes: oauth::Scopes::SCIM,
            dialect: Dialect::TOLERANT,
            expires: None,
            last_used,
        }
    }

    fn kept() -> GrantCache {
        let mut memory = GrantCache::default();
        memory.insert(hash(1), Some(grant()), Instant(0));
        memory
    }

    #[track_caller]
    fn granted(memory: &mut GrantCache, now: i64, refresh: bool) {
        assert_eq!(memory.get(hash(1), Instant(now)), Cached::Valid { grant: grant(), refresh }, "{now}");
    }

    #[test]
    fn an_answer_is_fresh_then_refreshed_once_then_unusable() {
        let mut memory = kept();
        granted(&mut memory, 0, false);
        granted(&mut memory, FRESH - 1, false);
        granted(&mut memory, FRESH, true);
        granted(&mut memory, FRESH + 1, false);
        // The look-up in the background may have failed: it is started again, and the entry still ends.
        granted(&mut memory, 2 * FRESH, true);
        granted(&mut memory, USABLE - 1, false);
        assert_eq!(memory.get(hash(1), Instant(USABLE)), Cached::Miss);
    }

    #[test]
    fn an_answer_that_was_refreshed_counts_from_the_new_question() {
        let mut memory = kept();
        granted(&mut memory, 30_000, true);
        memory.insert(hash(1), Some(grant()), Instant(30_000));
        granted(&mut memory, 30_000 + FRESH - 1, false);
        granted(&mut memory, 30_000 + USABLE - 1, true);
        assert_eq!(memory.get(hash(1), Instant(30_000 + USABLE)), Cached::Miss);
    }

    #[test]
    fn a_token_that_was_revoked_is_refused_from_the_refresh_on() {
        let mut memory = kept();
        memory.insert(hash(1), None, Instant(FRESH));
        assert_eq!(memory.get(hash(1), Instant(FRESH)), Cached::Invalid);
        assert_eq!(memory.get(hash(1), Instant(FRESH + REFUSED)), Cached::Miss);
    }

    #[test]
    fn a_use_is_written_down_once_in_a_while() {
        let mut memory = GrantCache::default();
        memory.insert(hash(1), Some(Grant { last_used: None, ..grant() }), Instant(0));
        let refreshes = |memory: &mut GrantCache, now| {
            matches!(memory.get(hash(1), Instant(now)), Cached::Valid { refresh: true, .. })
        };
        assert!(refreshes(&mut memory, 1));
        assert!(!refreshes(&mut memory, 2));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut memory = GrantCache::default();
        for number in 0..MOST + 10 {
            memory.insert(hash(number), Some(grant()), Instant(number as i64));
            memory.insert(hash(number + 100_000), None, Instant(number as i64));
        }
        assert_eq!((memory.granted.len(), memory.refused.len()), (MOST, MOST));
        assert_eq!(memory.get(hash(9), Instant(1_010)), Cached::Miss);
        assert_ne!(memory.get(hash(10), Instant(1_010)), Cached::Miss);
    }

    #[test]
    fn a_tenant_of_many_tokens_pushes_out_its_own_and_no_other_tenants() {
        let mut memory = GrantCache::default();
        let of = |tenant: &str| Some(Grant { tenant: tenant.into(), ..grant() });
        // The others have been here for longer than every token of the large tenant.
        (0..50).for_each(|number| memory.insert(hash(number), of(&format!("t{}", number % 5)), Instant(0)));
        (0..5 * MOST).for_each(|number| memory.insert(hash(1_000_000 + number), of("large"), Instant(1)));
        assert_eq!(memory.granted.len(), MOST);
        assert!((0..50).all(|number| memory.get(hash(number), Instant(2)) != Cached::Miss));
        // A tenant that comes later also takes its room from the largest.
        (0..200).for_each(|number| memory.insert(hash(2_000_000 + number), of("late"), Instant(1)));
        assert!((0..200).all(|number| memory.get(hash(2_000_000 + number), Instant(2)) != Cached::Miss));
        assert!((0..50).all(|number| memory.get(hash(number), Instant(2)) != Cached::Miss));
    }

    #[test]
    fn nothing_is_remembered_after_a_change_and_no_clock_that_runs_back_is_believed() {
        let mut memory = kept();
        assert_eq!(memory.get(hash(1), Instant(-1)), Cached::Miss);
        memory.clear();
        assert_eq!(memory.get(hash(1), Instant(0)), Cached::Miss);
    }
}
