//! How full the database is: D1 tells its size with every answer. The operator reads of it in the log from 80 % on, and
//! the operator who watches `/healthz` sees it there.
//!
//! What lives here: what an instance knows of that. What does not: what a client reads whose request finds no room (`client_error`).

use std::cell::{Cell, OnceCell};

use scim::Instant;
use worker::Env;

use crate::d1::D1;
use crate::{log, settings};

/// Percent from which on the log warns.
const WARNED_FROM: u64 = 80;
/// Of a thousand parts, from how many on there is no room that a request could rely on.
const FULL_FROM: u64 = 999;
/// Milliseconds for which the log does not warn again, and for which a write that found no room is remembered.
const PAUSE: i64 = 60_000;

thread_local! {
    /// How large the database was when this instance asked it last, in bytes.
    static SIZE: Cell<u64> = const { Cell::new(0) };
    /// How large it may become.
    static MOST: OnceCell<Result<u64, String>> = const { OnceCell::new() };
    /// When this instance warned last, and when a write found no room.
    static WARNED: Cell<Option<Instant>> = const { Cell::new(None) };
    static REFUSED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Enough,
    /// So many percent are taken, and nothing is refused yet.
    Little(u64),
    /// None.
    None,
}

/// Notes what D1 said of its size, and warns where little room is left.
pub fn watch(env: &Env, database: &D1, now: Instant, correlation_id: &str) {
    let Some(size) = database.size() else { return };
    SIZE.set(size);
    let (size, most) = (size, most(env));
    let percent = size.saturating_mul(100) / most.clone().unwrap_or(settings::DATABASE_BYTES).max(1);
    if most.is_ok() && percent < WARNED_FROM || is_within(WARNED.get(), now) {
        return;
    }
    WARNED.set(Some(now));
    match most {
        Ok(most) => log::warn(
            &format!("the database is {percent} % full: it has {size} of {most} bytes"),
            correlation_id,
        ),
        Err(error) => log::error(&error, correlation_id),
    }
}

/// Notes that a write found no room.
pub fn refused(now: Instant) {
    REFUSED.set(Some(now));
}

/// Returns how much room there is, as far as this instance knows.
pub fn room(env: &Env, now: Instant) -> Room {
    judged(SIZE.get(), most(env).unwrap_or(settings::DATABASE_BYTES), is_within(REFUSED.get(), now))
}

fn judged(size: u64, most: u64, refused: bool) -> Room {
    let parts = size.saturating_mul(1_000) / most.max(1);
    match parts {
        _ if refused || parts >= FULL_FROM => Room::None,
        _ if parts >= WARNED_FROM * 10 => Room::Little(parts / 10),
        _ => Room::Enough,
    }
}

fn most(env: &Env) -> Result<u64, String> {
    MOST.with(|most| most.get_or_init(|| settings::database_bytes(env)).clone())
}

/// Returns whether less than the pause has gone by. No clock that runs back is believed.
fn is_within(since: Option<Instant>, now: Instant) -> bool {
    since.is_some_and(|since| (0..PAUSE).contains(&(now.0 - since.0)))
}

#[cfg(test)]
mod tests {
    use super::{Room, judged};

    #[test]
    fn room_is_little_from_80_percent_on_and_none_in_the_last_thousandth() {
        for (size, refused, room) in [
            (0, false, Room::Enough),
            (7_999, false, Room::Enough),
            (8_000, false, Room::Little(80)),
            (9_989, false, Room::Little(99)),
            (9_990, false, Room::None),
            (20_000, false, Room::None),
            (0, true, Room::None),
        ] {
            assert_eq!(judged(size, 10_000, refused), room, "{size}");
        }
    }
}
