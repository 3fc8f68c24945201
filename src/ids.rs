//! Ids: UUIDv7 (RFC 9562 s5.7), which cannot be guessed and sort by the time of their creation. And the random bytes
//! of which secrets are made.

use std::cell::{Cell, RefCell};

use database::Failure;
use uuid::{Builder, Uuid};

use crate::clock;

thread_local! {
    /// The time of the last id; an id of the same millisecond gets the next one, to keep the order.
    static LAST: Cell<u64> = const { Cell::new(0) };
    /// Random bytes of the next ids.
    static RANDOM: RefCell<Vec<[u8; OF_ID]>> = const { RefCell::new(Vec::new()) };
}

/// How many random bytes an id has.
const OF_ID: usize = 10;
/// For how many ids the Worker asks the runtime for random bytes at once.
const AHEAD: usize = 32;

/// Returns a new id.
pub fn new_id() -> String {
    let now = u64::try_from(clock::now().0).unwrap_or_default();
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
/// [`Failure::misconfigured`] if there are none: a secret is never made without them.
pub fn random() -> Result<[u8; 32], Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::misconfigured(format!("there are no random numbers: {error}")))?;
    Ok(random)
}

fn uuid(millis: u64) -> Uuid {
    Builder::from_unix_timestamp_millis(millis, &unguessable()).into_uuid()
}

/// Returns random bytes for one id. The Worker asks the runtime for those of several ids at once.
fn unguessable() -> [u8; OF_ID] {
    RANDOM.with_borrow_mut(|random| {
        if random.is_empty() {
            let mut bytes = [[0; OF_ID]; AHEAD];
            // The runtime's crypto.getRandomValues does not fail. If it did, ids would repeat and be refused by the
            // table's key, but could not be guessed from those of another request.
            if getrandom::fill(bytes.as_flattened_mut()).is_ok() {
                random.extend(bytes);
            }
        }
        random.pop().unwrap_or_default()
    })
}
