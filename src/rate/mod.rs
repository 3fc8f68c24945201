//! How often somebody may ask. A tenant's requests are counted by its id, failed authentication by the address that
//! it comes from; beyond the limit both are answered 429 with `Retry-After` (RFC 6585 s4).
//!
//! The runtime counts, by the rate limiting bindings whose numbers stand in wrangler.toml. Where a binding is missing or
//! fails, nothing is limited: a counter that is out of order is no reason to turn anybody away.
//!
//! `binding` calls the runtime, `client` says what an address is counted as, `blocked` remembers who is over the limit.

mod binding;
mod blocked;
mod client;

use std::cell::{Cell, RefCell};

use scim::ScimError;

use crate::log::{self, Entry};
use crate::service::Station;
use blocked::Blocked;

pub use client::client;

/// Seconds after which whoever was refused may come again.
const PAUSE: u32 = 10;

thread_local! {
    /// Of this instance. Borrowed for moments without an await in them.
    static BLOCKED: RefCell<Blocked> = RefCell::default();
    /// Whether this instance has told the operator that a binding cannot be used.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Counts a request of a tenant, once it is authenticated: so nobody else can use up what the tenant may ask.
///
/// # Errors
/// 429 where the tenant asks too often.
pub async fn tenant(station: &Station<'_>, tenant: &str, entry: &mut Entry) -> Result<(), ScimError> {
    if within(station, "TENANT_RATE", tenant, entry).await {
        return Ok(());
    }
    Err(refusal("tenant", "the tenant sends more requests than are taken", entry))
}

/// Whether the client has failed so often that a token which this instance does not know is not looked up.
pub fn is_blocked(station: &Station<'_>) -> bool {
    BLOCKED.with_borrow(|blocked| blocked.holds(station.client, station.now))
}

/// The same as a refusal, for what is always looked up.
///
/// # Errors
/// 429 where the client is blocked.
pub fn check(station: &Station<'_>, entry: &mut Entry) -> Result<(), ScimError> {
    if !is_blocked(station) {
        return Ok(());
    }
    Err(refusal("address", "too many requests from this address fail to authenticate", entry))
}

/// Counts a request that failed to authenticate. What succeeds is not counted: customers of an identity provider share
/// its addresses.
///
/// # Errors
/// 429, in place of the 401, where the client fails too often.
pub async fn failed(station: &Station<'_>, entry: &mut Entry) -> Result<(), ScimError> {
    if !is_blocked(station) && !within(station, "FAILURE_RATE", station.client, entry).await {
        BLOCKED.with_borrow_mut(|blocked| blocked.add(station.client, station.now));
    }
    check(station, entry)
}

fn refusal(by: &'static str, detail: &str, entry: &mut Entry) -> ScimError {
    entry.limited = Some(by);
    ScimError::too_many_requests(PAUSE, detail)
}

/// Whether one request more is within the limit of the binding.
async fn within(station: &Station<'_>, binding: &str, key: &str, entry: &Entry) -> bool {
    let counted = binding::count(station.env, binding, key).await;
    counted.unwrap_or_else(|error| {
        if !TOLD.replace(true) {
            let message =
                format!("the binding {binding} cannot be used, so requests are not limited: {error:?}");
            log::error(&message, &entry.correlation_id);
        }
        true
    })
}
