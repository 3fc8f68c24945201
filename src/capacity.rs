//! How full the database is, which D1 tells with every result. The operator reads it in the log from 80 % on, and in
//! `/healthz`.
//!
//! What lives here: what an instance knows about it. What does not: what a client reads if the database is full
//! (`client_error`).

use std::cell::{Cell, OnceCell};

use scim::Instant;
use worker::Env;

use crate::d1::D1;
use crate::{log, settings};

/// Percent from which on the log warns.
const WARNED_FROM: u64 = 80;
/// The part of a thousand from which the database counts as full.
const FULL_FROM: u64 = 999;
/// Milliseconds between two warnings in the log, and for which a write that was refused for lack of room is
/// remembered.
const PAUSE: i64 = 60_000;

thread_local! {
    /// The size of the database when this instance last asked, in bytes.
    static SIZE: Cell<u64> = const { Cell::new(0) };
    /// The largest size that it may have.
    static MOST: OnceCell<Result<u64, String>> = const { OnceCell::new() };
    /// When this instance last warned, and when a write was last refused for lack of room.
    static WARNED: Cell<Option<Instant>> = const { Cell::new(None) };
    static REFUSED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Enough,
    /// That many percent are used, and nothing is refused yet.
    Little(u64),
    /// None.
    None,
}

/// Notes the size that D1 reported, and warns if little room is left.
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

/// Notes that a write was refused for lack of room.
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

/// Returns whether the pause is not over yet. A clock that runs backwards is not trusted.
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
