//! Which clients are over the limit of failed authentication, as far as this instance knows. Pure: the time is a
//! parameter.

use scim::Instant;

/// Seconds after which a refused client may try again.
pub(super) const PAUSE: u32 = 10;

/// How many clients are remembered.
const MOST: usize = 1_000;

/// Clients, and since when each is blocked; the oldest stands first.
#[derive(Default)]
pub(super) struct Blocked(Vec<(String, Instant)>);

impl Blocked {
    /// Returns whether the client is blocked at that time. A clock that runs backwards is not trusted.
    pub(super) fn holds(&self, client: &str, now: Instant) -> bool {
        self.0.iter().any(|(blocked, since)| blocked == client && is_fresh(*since, now))
    }

    /// Blocks the client from that time on.
    pub(super) fn add(&mut self, client: &str, now: Instant) {
        if self.holds(client, now) {
            return;
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((client.to_string(), now));
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    (0..i64::from(PAUSE) * 1_000).contains(&(now.0 - since.0))
}

#[cfg(test)]
mod tests {
    use scim::Instant;

    use super::{Blocked, MOST};

    #[test]
    fn a_client_is_blocked_for_ten_seconds() {
        let mut blocked = Blocked::default();
        blocked.add("a", Instant(1_000));
        let holds = |blocked: &Blocked, now| blocked.holds("a", Instant(now));
        assert!(holds(&blocked, 1_000) && holds(&blocked, 10_999));
        assert!(!holds(&blocked, 11_000) && !holds(&blocked, 999));
        assert!(!blocked.holds("b", Instant(1_000)));
        blocked.add("a", Instant(20_000));
        assert!(holds(&blocked, 29_999));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut blocked = Blocked::default();
        (0..=MOST).for_each(|number| blocked.add(&number.to_string(), Instant(0)));
        assert_eq!(blocked.0.len(), MOST);
        assert!(!blocked.holds("0", Instant(0)) && blocked.holds("1", Instant(0)));
    }
}
