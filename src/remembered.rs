//! What an instance remembers of the database for half a minute, so that most pages of the console need one call of it.
//!
//! Pure: the time is a parameter. What is remembered, and what makes an instance forget it: `visitors` and `manage::names`.

use scim::Instant;

/// Milliseconds for which an answer is used without asking the database again, counted from before the question was asked.
const KEPT: i64 = 30_000;
/// How many answers are remembered.
const MOST: usize = 200;

/// Answers by their keys.
pub struct Remembered<K, V> {
    /// The one that was remembered first stands first.
    entries: Vec<Entry<K, V>>,
    /// How often all answers were made too old.
    changes: u64,
}

/// A question to the database, as of before it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    at: Instant,
    changes: u64,
}

struct Entry<K, V> {
    key: K,
    value: V,
    /// When the question was asked; None if the answer is not to be used any more.
    asked: Option<Instant>,
}

impl<K: PartialEq, V: Clone> Remembered<K, V> {
    /// Returns an empty memory.
    pub const fn new() -> Remembered<K, V> {
        Remembered { entries: Vec::new(), changes: 0 }
    }

    /// Returns the question that is asked now.
    pub fn ask(&self, now: Instant) -> Question {
        Question { at: now, changes: self.changes }
    }

    /// Returns the answer, if it is not too old.
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        let entry = self.entries.iter().find(|entry| entry.key == *key)?;
        let is_fresh = entry.asked.is_some_and(|asked| (0..KEPT).contains(&(now.0 - asked.0)));
        is_fresh.then(|| entry.value.clone())
    }

    /// Returns whether there was an answer, however old it is.
    pub fn knows(&self, key: &K) -> bool {
        self.entries.iter().any(|entry| entry.key == *key)
    }

    /// Remembers the answer to a question. If something was changed after the question was asked, the answer may be that of before: it is too
    /// old at once.
    pub fn insert(&mut self, key: K, value: V, question: Question) {
        self.remove(&key);
        let asked = (question.changes == self.changes).then_some(question.at);
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.entries.push(Entry { key, value, asked });
    }

    /// Forgets that there ever was an answer.
    pub fn remove(&mut self, key: &K) {
        self.entries.retain(|entry| entry.key != *key);
    }

    /// Makes all answers too old, also those that are still awaited, because something was changed through this very instance.
    pub fn expire(&mut self) {
        self.changes = self.changes.wrapping_add(1);
        self.entries.iter_mut().for_each(|entry| entry.asked = None);
    }
}

#[cfg(test)]
mod tests {
    use scim::Instant;

    use super::{KEPT, MOST, Remembered};

    #[test]
    fn an_answer_is_used_for_half_a_minute_and_not_after_a_change() {
        let mut memory = Remembered::new();
        memory.insert(1, "one", memory.ask(Instant(1_000)));
        assert_eq!(memory.get(&1, Instant(999 + KEPT)), Some("one"));
        assert_eq!((memory.get(&1, Instant(1_000 + KEPT)), memory.get(&2, Instant(1_000))), (None, None));
        assert_eq!(memory.get(&1, Instant(999)), None, "no clock that runs back is believed");
        memory.expire();
        assert_eq!((memory.get(&1, Instant(1_000)), memory.knows(&1)), (None, true));
        memory.remove(&1);
        assert!(!memory.knows(&1));
    }

    #[test]
    fn an_answer_to_a_question_of_before_a_change_is_not_used() {
        let mut memory = Remembered::new();
        let (now, before) = (Instant(1_000), memory.ask(Instant(1_000)));
        memory.expire();
        memory.insert(1, "old", before);
        assert_eq!((memory.get(&1, now), memory.knows(&1)), (None, true));
        memory.insert(1, "new", memory.ask(now));
        assert_eq!(memory.get(&1, now), Some("new"));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut memory = Remembered::new();
        (0..=MOST).for_each(|key| memory.insert(key, (), memory.ask(Instant(0))));
        assert_eq!((memory.entries.len(), memory.knows(&0), memory.knows(&1)), (MOST, false, true));
    }
}
