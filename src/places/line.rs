//! The line before the places. Pure: the time is a parameter.

use std::collections::VecDeque;

use scim::{Instant, limits};

/// Milliseconds after which a place is free again whatever its holder does: longer than D1 allows a query to take.
const LONGEST: i64 = 60_000;
/// Milliseconds after which a request that has not looked has left the line.
const UNSEEN: i64 = 2_000;

/// A request that waits, or has a place.
pub(super) type Ticket = u64;

/// The requests that have places, and those that wait for one.
pub(super) struct Line {
    next: Ticket,
    /// The requests with a place, the weight of each, and since when.
    inside: Vec<(Ticket, usize, Instant)>,
    /// The waiting requests, how many bytes each holds meanwhile, and when it has last looked; the first stands
    /// first.
    waiting: VecDeque<(Ticket, usize, Instant)>,
}

impl Line {
    pub(super) const fn new() -> Line {
        Line { next: 0, inside: Vec::new(), waiting: VecDeque::new() }
    }

    /// Enters if all requests before it have entered and there is room for that weight; the first one is let in
    /// however heavy it is. Otherwise returns the ticket that waits, if the request `waits` while it holds that many
    /// bytes, and the line has room for them.
    pub(super) fn enter(
        &mut self,
        ticket: Option<Ticket>,
        weight: usize,
        now: Instant,
        waits: Option<usize>,
    ) -> Result<Ticket, Option<Ticket>> {
        // A clock that runs backwards is not trusted.
        self.inside.retain(|(.., since)| (0..LONGEST).contains(&(now.0 - since.0)));
        self.waiting
            .retain(|(other, _, seen)| Some(*other) == ticket || (0..UNSEEN).contains(&(now.0 - seen.0)));
        let own = ticket.unwrap_or(self.next);
        self.next += u64::from(ticket.is_none());
        let is_next = self.waiting.front().is_none_or(|(first, ..)| *first == own);
        let taken: usize = self.inside.iter().map(|(_, weight, _)| weight).sum();
        if is_next && (taken == 0 || taken.saturating_add(weight) <= limits::LARGE_AT_ONCE) {
            self.waiting.retain(|(other, ..)| *other != own);
            self.inside.push((own, weight, now));
            return Ok(own);
        }
        let Some(held) = waits else { return Err(None) };
        if let Some((.., seen)) = self.waiting.iter_mut().find(|(other, ..)| *other == own) {
            *seen = now;
        } else if self.is_too_long(held) {
            return Err(None);
        } else {
            self.waiting.push_back((own, held, now));
        }
        Err(Some(own))
    }

    /// Returns whether the waiting requests would hold too much with these bytes.
    fn is_too_long(&self, held: usize) -> bool {
        let waiting: usize = self.waiting.iter().map(|(_, held, _)| held).sum();
        waiting.saturating_add(held) > limits::LARGE_WAITING
    }

    /// Leaves the place, or the line.
    pub(super) fn leave(&mut self, ticket: Option<Ticket>) {
        self.inside.retain(|(other, ..)| Some(*other) != ticket);
        self.waiting.retain(|(other, ..)| Some(*other) != ticket);
    }
}

#[cfg(test)]
mod tests {
    use scim::Instant;
    use scim::limits::{LARGE_AT_ONCE, LARGE_WAITING};

    use super::{LONGEST, Line, Ticket, UNSEEN};

    const HALF: usize = LARGE_AT_ONCE / 2;

    fn waits(line: &mut Line, ticket: Option<Ticket>, weight: usize, now: i64) -> Ticket {
        line.enter(ticket, weight, Instant(now), Some(0)).unwrap_err().unwrap()
    }

    fn enters(line: &mut Line, ticket: Option<Ticket>, weight: usize, now: i64) -> Ticket {
        line.enter(ticket, weight, Instant(now), Some(0)).unwrap()
    }

    #[test]
    fn the_first_request_enters_first_whatever_its_size() {
        let mut line = Line::new();
        let first = enters(&mut line, None, HALF, 0);
        let second = enters(&mut line, None, HALF, 0);
        let large = waits(&mut line, None, LARGE_AT_ONCE, 1);
        let small = waits(&mut line, None, 1, 2);
        line.leave(Some(first));
        // There would be room for the small one, but it came later.
        assert_eq!(waits(&mut line, Some(small), 1, 3), small);
        assert_eq!(waits(&mut line, Some(large), LARGE_AT_ONCE, 3), large);
        assert_eq!(line.enter(None, 1, Instant(3), None), Err(None));
        line.leave(Some(second));
        assert_eq!(enters(&mut line, Some(large), LARGE_AT_ONCE, 4), large);
        assert_eq!(waits(&mut line, Some(small), 1, 4), small);
        line.leave(Some(large));
        assert_eq!(enters(&mut line, Some(small), 1, 5), small);
    }

    #[test]
    fn what_is_larger_than_all_room_goes_in_alone() {
        let mut line = Line::new();
        let first = enters(&mut line, None, 10 * LARGE_AT_ONCE, 0);
        let second = waits(&mut line, None, 10 * LARGE_AT_ONCE, 0);
        line.leave(Some(first));
        enters(&mut line, Some(second), 10 * LARGE_AT_ONCE, 1);
    }

    #[test]
    fn a_cancelled_request_keeps_no_place_and_holds_up_no_other() {
        let mut line = Line::new();
        enters(&mut line, None, LARGE_AT_ONCE, 0);
        let gone = waits(&mut line, None, 1, 0);
        let next = waits(&mut line, None, LARGE_AT_ONCE, LONGEST - 1);
        assert_ne!(gone, next);
        // The holder has not given its place back, and the request before has not looked again.
        enters(&mut line, Some(next), LARGE_AT_ONCE, LONGEST);
    }

    #[test]
    fn a_request_that_looks_late_stands_at_the_end_again() {
        let mut line = Line::new();
        let holder = enters(&mut line, None, LARGE_AT_ONCE, 0);
        let late = waits(&mut line, None, 1, 0);
        let other = waits(&mut line, None, LARGE_AT_ONCE, UNSEEN);
        assert_eq!(waits(&mut line, Some(late), 1, UNSEEN), late);
        line.leave(Some(holder));
        waits(&mut line, Some(late), 1, UNSEEN + 1);
        enters(&mut line, Some(other), LARGE_AT_ONCE, UNSEEN + 1);
    }

    #[test]
    fn a_request_that_would_make_the_line_hold_too_much_is_refused() {
        let mut line = Line::new();
        let holder = enters(&mut line, None, LARGE_AT_ONCE, 0);
        let mut wait = |ticket, held| line.enter(ticket, 1, Instant(0), Some(held));
        let first = wait(None, LARGE_WAITING - 4).unwrap_err();
        let second = wait(None, 4).unwrap_err();
        assert_eq!(wait(None, 1), Err(None));
        // Requests that wait already stay, and so does one that holds nothing.
        assert_eq!(wait(first, LARGE_WAITING - 4), Err(first));
        wait(None, 0).unwrap_err().unwrap();
        line.leave(second);
        line.enter(None, 1, Instant(0), Some(4)).unwrap_err().unwrap();
        line.leave(Some(holder));
        enters(&mut line, first, 1, 0);
    }

    #[test]
    fn a_request_that_leaves_the_line_delays_no_other() {
        let mut line = Line::new();
        let holder = enters(&mut line, None, LARGE_AT_ONCE, 0);
        let first = waits(&mut line, None, 1, 0);
        line.leave(Some(first));
        line.leave(Some(holder));
        enters(&mut line, None, 1, 1);
    }
}
