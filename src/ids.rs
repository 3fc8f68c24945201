//! Ids: UUIDv7 (RFC 9562 s5.7), which cannot be guessed and sort by the time of their creation. And the random bytes
//! of which secrets are made.

use std::cell::Cell;

use database::Failure;
use uuid::{Builder, Uuid};
use worker::Date;

thread_local! {
    /// The time of the last id; an id of the same millisecond gets the next one, to keep the order.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// Returns a new id.
pub fn new_id() -> String {
    let now = Date::now().as_millis();
    let millis = LAST.with(|last| {
        let millis = now.max(last.get() + 1);
        last.set(millis);
        millis
    });
    uuid(millis).hyphenated().to_string()
}

/// Returns 256 random bits of the runtime's crypto.getRandomValues.
///
/// # Errors
/// [`Failure::Misconfigured`] if there are none: a secret is never made without them.
pub fn random() -> Result<[u8; 32], Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::Misconfigured(format!("there are no random numbers: {error}")))?;
    Ok(random)
}

fn uuid(millis: u64) -> Uuid {
    let mut random = [0; 10];
    // The runtime's crypto.getRandomValues does not fail. If it did, ids would repeat and be refused by the table's
    // key, but could not be guessed from those of another request.
    let _ = getrandom::fill(&mut random);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
