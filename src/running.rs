//! Work of this instance that must not be done twice at once, by the name of what it is done for. One who finds it running leaves a
//! word, so that it looks again before it ends.

use std::collections::BTreeMap;

use scim::Instant;

/// What runs, until when that is believed, and whether a word was left meanwhile. The runtime may end work after a response without
/// a trace, so no work is believed to run for ever.
pub struct Running {
    longest: i64,
    all: BTreeMap<String, (Instant, bool)>,
}

impl Running {
    /// Returns an account of work that ends within so many milliseconds.
    pub const fn new(longest: i64) -> Running {
        Running { longest, all: BTreeMap::new() }
    }

    /// Leaves a word if the work runs. Returns whether it does.
    pub fn tell(&mut self, name: &str, now: Instant) -> bool {
        match self.all.get_mut(name) {
            Some((until, told)) if now < *until => {
                *told = true;
                true
            }
            _ => false,
        }
    }

    /// Leaves a word if the work runs; otherwise it runs from now on. Returns whether the caller must do it.
    pub fn begin(&mut self, name: &str, now: Instant) -> bool {
        if self.tell(name, now) {
            return false;
        }
        self.all.insert(name.to_string(), (Instant(now.0.saturating_add(self.longest)), false));
        true
    }

    /// Returns whether a word was left since the last time.
    pub fn is_told(&mut self, name: &str) -> bool {
        self.all.get_mut(name).is_some_and(|(_, told)| std::mem::take(told))
    }

    /// Ends the work.
    pub fn end(&mut self, name: &str) {
        self.all.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use scim::Instant;

    use super::Running;

    #[test]
    fn work_is_begun_once_and_hears_of_those_who_came_meanwhile() {
        let mut running = Running::new(100);
        assert!(!running.tell("a", Instant(0)));
        assert!(running.begin("a", Instant(0)) && running.begin("b", Instant(0)));
        assert!(!running.is_told("a"));
        assert!(!running.begin("a", Instant(99)));
        assert!(running.is_told("a") && !running.is_told("a") && !running.is_told("b"));
        running.end("a");
        assert!(!running.is_told("a") && running.begin("a", Instant(99)));
    }

    #[test]
    fn work_that_did_not_end_in_its_time_may_be_begun_again() {
        let mut running = Running::new(100);
        assert!(running.begin("a", Instant(0)) && running.begin("a", Instant(100)));
        assert!(!running.begin("a", Instant(150)));
    }
}
