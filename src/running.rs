//! Work of this instance that must not be done twice at once, by the name of what it is done for. A caller that finds it running asks it to
//! look again before it ends.

use std::collections::BTreeMap;

use scim::Instant;

/// What runs, until when that is believed, and whether it was asked to look again meanwhile. The runtime may end work after a response without
/// a trace, so no work is believed to run for ever.
pub struct Running {
    longest: i64,
    all: BTreeMap<String, (Instant, bool)>,
}

impl Running {
    /// Returns an empty list of work that ends within so many milliseconds.
    pub const fn new(longest: i64) -> Running {
        Running { longest, all: BTreeMap::new() }
    }

    /// Asks the work to look again if it runs. Returns whether it does.
    pub fn ask_again(&mut self, name: &str, now: Instant) -> bool {
        match self.all.get_mut(name) {
            Some((until, asked)) if now < *until => {
                *asked = true;
                true
            }
            _ => false,
        }
    }

    /// Asks the work to look again if it runs; otherwise it runs from now on. Returns whether the caller must do it.
    pub fn begin(&mut self, name: &str, now: Instant) -> bool {
        if self.ask_again(name, now) {
            return false;
        }
        self.all.insert(name.to_string(), (Instant(now.0.saturating_add(self.longest)), false));
        true
    }

    /// Returns whether the work was asked to look again since the last time.
    pub fn was_asked(&mut self, name: &str) -> bool {
        self.all.get_mut(name).is_some_and(|(_, asked)| std::mem::take(asked))
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
        assert!(!running.ask_again("a", Instant(0)));
        assert!(running.begin("a", Instant(0)) && running.begin("b", Instant(0)));
        assert!(!running.was_asked("a"));
        assert!(!running.begin("a", Instant(99)));
        assert!(running.was_asked("a") && !running.was_asked("a") && !running.was_asked("b"));
        running.end("a");
        assert!(!running.was_asked("a") && running.begin("a", Instant(99)));
    }

    #[test]
    fn work_that_did_not_end_in_its_time_may_be_begun_again() {
        let mut running = Running::new(100);
        assert!(running.begin("a", Instant(0)) && running.begin("a", Instant(100)));
        assert!(!running.begin("a", Instant(150)));
    }
}
