//! What an instance remembers of the database for half a minute, so that most pages of the console need one call of it.
//!
//! Pure: the time is a parameter. What is remembered, and what makes an instance forget it: `visitors` and `manage::names`.

use scim::Instant;

/// Milliseconds for which an answer is used without asking the database again, counted from before the question was asked.
const KEPT: i64 = 30_000;
/// How many answers are remembered.
const MOST: usize = 200;

/// Answers by their keys; the one that was remembered first stands first.
pub struct Remembered<K, V>(Vec<Entry<K, V>>);

struct Entry<K, V> {
    key: K,
    value: V,
    /// When the question was asked; None if the answer is not to be used any more.
    asked: Option<Instant>,
}

impl<K: PartialEq, V: Clone> Remembered<K, V> {
    /// Returns an empty memory.
    pub const fn new() -> Remembered<K, V> {
        Remembered(Vec::new())
    }

    /// Returns the answer, if it is not too old.
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        let entry = self.0.iter().find(|entry| entry.key == *key)?;
        let is_fresh = entry.asked.is_some_and(|asked| (0..KEPT).contains(&(now.0 - asked.0)));
        is_fresh.then(|| entry.value.clone())
    }

    /// Returns whether there was an answer, however old it is.
    pub fn knows(&self, key: &K) -> bool {
        self.0.iter().any(|entry| entry.key == *key)
    }

    /// Remembers the answer to a question that was asked at that time.
    pub fn insert(&mut self, key: K, value: V, asked: Instant) {
        self.remove(&key);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(Entry { key, value, asked: Some(asked) });
    }

    /// Forgets that there ever was an answer.
    pub fn remove(&mut self, key: &K) {
        self.0.retain(|entry| entry.key != *key);
    }

    /// Makes all answers too old, because something was changed through this very instance.
    pub fn expire(&mut self) {
        self.0.iter_mut().for_each(|entry| entry.asked = None);
    }
}

#[cfg(test)]
mod tests {
    use scim::Instant;

    use super::{KEPT, MOST, Remembered};

    #[test]
    fn an_answer_is_used_for_half_a_minute_and_not_after_a_change() {
        let mut memory = Remembered::new();
        memory.insert(1, "one", Instant(1_000));
        assert_eq!(memory.get(&1, Instant(999 + KEPT)), Some("one"));
        assert_eq!((memory.get(&1, Instant(1_000 + KEPT)), memory.get(&2, Instant(1_000))), (None, None));
        assert_eq!(memory.get(&1, Instant(999)), None, "no clock that runs back is believed");
        memory.expire();
        assert_eq!((memory.get(&1, Instant(1_000)), memory.knows(&1)), (None, true));
        memory.remove(&1);
        assert!(!memory.knows(&1));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut memory = Remembered::new();
        (0..=MOST).for_each(|key| memory.insert(key, (), Instant(0)));
        assert_eq!((memory.0.len(), memory.knows(&0), memory.knows(&1)), (MOST, false, true));
    }
}
