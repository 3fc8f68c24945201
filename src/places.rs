//! How much is worked on at once: large bodies, and large resources that are changed. An instance serves many tenants
//! with 128 MB, and a request that waits for the database holds what it has read.
//!
//! A request that finds no place waits in line, and looks again by a timer of its own: the runtime does not let one
//! request wake another. A request that is cancelled while it waits never runs again, not even to give back what it
//! holds. So a place is held only for a limited time, and a request that has not looked for a while has left the
//! line. `line` has the rules.

mod line;

use std::cell::RefCell;
use std::time::Duration;

use database::Place;
use scim::ScimError;

use crate::clock::{now, sleep};
use line::{Line, Ticket};

thread_local! {
    /// An instance has one thread.
    static LINES: [RefCell<Line>; 2] = const { [RefCell::new(Line::new()), RefCell::new(Line::new())] };
}

/// The time between two looks of a waiting request.
const PAUSE: Duration = Duration::from_millis(10);
/// The longest time that a request waits, in milliseconds. Then the client sends it again: it has done nothing yet.
const PATIENCE: i64 = 20_000;

/// What is large.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// The bodies of requests. A request with a place here may wait for one among resources, but never the other way
    /// round, so that requests do not wait for one another.
    Bodies,
    /// Resources that are changed.
    Resources,
}

/// Returns a place for that weight; None if none is free now, or others wait.
pub fn try_enter(of: Of, weight: usize) -> Option<Place> {
    let entered = with(of, |line| line.enter(None, weight, now(), None));
    entered.ok().map(|ticket| place(of, ticket))
}

/// Waits for a place, and holds that many bytes meanwhile.
///
/// # Errors
/// 503 if none becomes free in time, or the waiting requests would hold too much.
pub async fn enter(of: Of, weight: usize, held: usize) -> Result<Place, ScimError> {
    let busy = || ScimError::busy("too many large requests are being worked on; send the request again");
    let begun = now();
    let mut ticket = None;
    loop {
        match with(of, |line| line.enter(ticket, weight, now(), Some(held))) {
            Ok(ticket) => return Ok(place(of, ticket)),
            Err(None) => return Err(busy()),
            Err(waits) => ticket = waits,
        }
        if now().0 - begun.0 > PATIENCE {
            with(of, |line| line.leave(ticket));
            return Err(busy());
        }
        sleep(PAUSE).await;
    }
}

fn place(of: Of, ticket: Ticket) -> Place {
    Place::new(Held(of, ticket))
}

/// Gives the place back.
struct Held(Of, Ticket);

impl Drop for Held {
    fn drop(&mut self) {
        with(self.0, |line| line.leave(Some(self.1)));
    }
}

fn with<T>(of: Of, work: impl FnOnce(&mut Line) -> T) -> T {
    LINES.with(|[bodies, resources]| {
        let line = match of {
            Of::Bodies => bodies,
            Of::Resources => resources,
        };
        work(&mut line.borrow_mut())
    })
}
