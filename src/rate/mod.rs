//! How often somebody may ask. A tenant's requests are counted by its id; beyond the limit they are answered 429 with
//! `Retry-After` (RFC 6585 s4).
//!
//! Failed authentication is counted twice: by the address that it comes from *and* the tenant that it asks for
//! (`FAILURE_RATE`), and by the address alone, for all tenants together (`ADDRESS_RATE`, ten times as much). An identity
//! provider's customers share its addresses: so a wrong secret of one does not lock out the others, and many names of
//! tenants still do not multiply what one address may try.
//!
//! The runtime counts, by the rate limiting bindings whose numbers stand in wrangler.toml. Where a binding is missing or
//! fails, nothing is limited: a counter that is out of order is no reason to turn anybody away.
//!
//! What a tenant reads of the database is counted here, by the instance (`rows`): the runtime counts requests alone.
//!
//! `binding` calls the runtime, `client` says what an address is counted as, `blocked` remembers who is over the limit.

mod binding;
mod blocked;
mod client;
mod rows;

use std::cell::{Cell, RefCell};

use scim::{Instant, ScimError};
use tenants::is_slug;

use crate::log::{self, Entry};
use crate::service::Station;
use blocked::Blocked;
use rows::Rows;

pub use client::Client;

/// Seconds after which whoever was refused may come again.
const PAUSE: u32 = 10;

/// What a client wants to be let in to.
#[derive(Clone, Copy)]
pub enum Door<'d> {
    /// A tenant's SCIM service or its token endpoint; the tenant as the URL writes it.
    Tenant(&'d str),
    /// The administration.
    Administration,
}

impl Door<'_> {
    /// What its failures are counted by. Names that no tenant can have count together. Those that a tenant could have count each
    /// for itself, be there one or not: otherwise it could be seen in the answers which ones there are.
    fn name(&self) -> &str {
        match self {
            Door::Tenant(tenant) if is_slug(tenant) => tenant,
            Door::Tenant(_) => "/",
            Door::Administration => "/admin",
        }
    }
}

thread_local! {
    /// Of this instance. Borrowed for moments without an await in them.
    static BLOCKED: RefCell<Blocked> = RefCell::default();
    static ROWS: RefCell<Rows> = RefCell::default();
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

/// Refuses a tenant that has read more of the database lately than is its share of it.
///
/// # Errors
/// 429 with the seconds until it may read again.
pub fn check_rows(station: &Station<'_>, tenant: &str, entry: &mut Entry) -> Result<(), ScimError> {
    let Some(seconds) = ROWS.with_borrow(|rows| rows.wait(tenant, station.now)) else { return Ok(()) };
    entry.limited = Some("rows");
    let detail = "the tenant's requests read more of the database than is its share; filters by an indexed attribute, \
                  smaller pages and cursors read less";
    Err(ScimError::too_many_requests(seconds, detail))
}

/// Counts what a tenant has read.
pub fn add_rows(tenant: &str, rows: usize, now: Instant) {
    ROWS.with_borrow_mut(|all| all.add(tenant, rows, now));
}

/// Whether the client has failed so often that a token which this instance does not know is not looked up.
pub fn is_blocked(station: &Station<'_>, door: Door<'_>) -> bool {
    let holds = |key: &str| BLOCKED.with_borrow(|blocked| blocked.holds(key, station.now));
    counters(station, door).iter().any(|(_, key)| holds(key))
}

/// The same as a refusal, for what is always looked up.
///
/// # Errors
/// 429 where the client is blocked.
pub fn check(station: &Station<'_>, door: Door<'_>, entry: &mut Entry) -> Result<(), ScimError> {
    if !is_blocked(station, door) {
        return Ok(());
    }
    Err(refusal("address", "too many requests from this address fail to authenticate", entry))
}

/// Counts a request that ends unauthenticated, whatever it is answered: a token that is not valid, and one of which that is
/// not known, because the database did not answer. What succeeds is not counted.
///
/// A client that is blocked is not counted any more: it costs nothing, and at one tenant it shall not use up what its address
/// may try at the others.
///
/// # Errors
/// 429, in place of any other answer, if the client fails too often.
pub async fn failed(station: &Station<'_>, door: Door<'_>, entry: &mut Entry) -> Result<(), ScimError> {
    if !is_blocked(station, door) {
        for (binding, key) in counters(station, door) {
            if !within(station, binding, &key, entry).await {
                BLOCKED.with_borrow_mut(|blocked| blocked.add(&key, station.now));
            }
        }
    }
    check(station, door, entry)
}

/// The bindings that count failures, each with its key. A key of the first kind has a blank in it, one of the second has none.
fn counters(station: &Station<'_>, door: Door<'_>) -> [(&'static str, String); 2] {
    let Client { address, site } = station.client;
    [("FAILURE_RATE", format!("{address} {}", door.name())), ("ADDRESS_RATE", site.clone())]
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
