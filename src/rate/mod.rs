//! How often a client may ask. A tenant's requests are counted by its id; beyond the limit they are answered 429 with
//! `Retry-After` (RFC 6585 s4).
//!
//! Failed authentication is counted twice: by the address that it comes from *and* the tenant that it asks for
//! (`FAILURE_RATE`), and by the address alone, for all tenants together (`ADDRESS_RATE`, ten times as much). An identity
//! provider's customers share its addresses: so a wrong secret of one does not lock out the others, and many names of
//! tenants still do not multiply what one address may try.
//!
//! The runtime counts, by the rate limiting bindings whose numbers stand in wrangler.toml. Where a binding is missing or
//! fails, nothing is limited: a counter that is out of order is not a reason to turn a client away.
//!
//! What a tenant reads of the database is counted here, by the instance (`rows`): the runtime counts requests alone.
//!
//! `binding` calls the runtime, `blocked` remembers which clients are over the limit.

mod binding;
mod blocked;
mod rows;

use std::cell::{Cell, RefCell};

use scim::ScimError;
use tenants::is_slug;

use crate::client_address::ClientAddress;
use crate::clock;
use crate::context::RequestContext;
use crate::log;
use blocked::{Blocked, PAUSE};
use rows::Rows;

/// What a client wants to be let in to.
#[derive(Clone, Copy)]
pub enum Door<'d> {
    /// A tenant's SCIM service or its token endpoint; the tenant as the URL writes it.
    Tenant(&'d str),
    /// The administration.
    Administration,
}

impl Door<'_> {
    /// Returns what its failures are counted by. Names that no tenant can have count together. Those that a tenant
    /// could have count each for itself, be there one or not: otherwise it could be seen in the answers which ones
    /// there are.
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
    /// Whether this instance has warned the operator that a binding cannot be used.
    static WARNED: Cell<bool> = const { Cell::new(false) };
}

/// Counts a request of a tenant, once it is authenticated: so no other client can use up what the tenant may ask.
///
/// # Errors
/// 429 if the tenant asks too often.
pub async fn tenant(context: &RequestContext, tenant: &str) -> Result<(), ScimError> {
    if within(context, "TENANT_RATE", tenant).await {
        return Ok(());
    }
    Err(refusal(context, "tenant", "the tenant sends more requests than are taken"))
}

/// Refuses a tenant that has read more of the database lately than is its share of it.
///
/// # Errors
/// 429 with the seconds until it may read again.
pub fn check_rows(context: &RequestContext, tenant: &str) -> Result<(), ScimError> {
    let Some(seconds) = ROWS.with_borrow(|rows| rows.wait(tenant, context.now)) else { return Ok(()) };
    context.entry.note(|facts| facts.limited = Some("rows"));
    let detail = "the tenant's requests read more of the database than is its share; filters by an indexed attribute, \
                  smaller pages and cursors read less";
    Err(ScimError::too_many_requests(seconds, detail))
}

/// Counts what the tenant reads of the directory from here on.
pub fn meter(context: &RequestContext, tenant: &str) {
    let tenant = tenant.to_string();
    context.directory().meter_rows(move |rows| {
        ROWS.with_borrow_mut(|all| all.add(&tenant, rows, clock::now()));
    });
}

/// Returns whether the client has failed so often that a token which this instance does not know is not looked up.
pub fn is_blocked(context: &RequestContext, door: Door<'_>) -> bool {
    let holds = |key: &str| BLOCKED.with_borrow(|blocked| blocked.holds(key, context.now));
    counters(context, door).iter().any(|(_, key)| holds(key))
}

/// Returns the same as a refusal, for what is always looked up.
///
/// # Errors
/// 429 if the client is blocked.
pub fn check(context: &RequestContext, door: Door<'_>) -> Result<(), ScimError> {
    if !is_blocked(context, door) {
        return Ok(());
    }
    Err(refusal(context, "address", "too many requests from this address fail to authenticate"))
}

/// Counts a request that ends unauthenticated, whatever it is answered: a token that is not valid, and one of which that is
/// not known, because the database did not answer. What succeeds is not counted.
///
/// A client that is blocked is not counted any more: it costs nothing, and at one tenant it shall not use up what its address
/// may try at the others.
///
/// # Errors
/// 429, in place of any other answer, if the client fails too often.
pub async fn failed(context: &RequestContext, door: Door<'_>) -> Result<(), ScimError> {
    if !is_blocked(context, door) {
        for (binding, key) in counters(context, door) {
            if !within(context, binding, &key).await {
                BLOCKED.with_borrow_mut(|blocked| blocked.add(&key, context.now));
            }
        }
    }
    check(context, door)
}

/// Returns the bindings that count failures, each with its key. A key of the first kind has a blank in it, one of the
/// second has none.
fn counters(context: &RequestContext, door: Door<'_>) -> [(&'static str, String); 2] {
    let ClientAddress { address, site } = &context.client;
    [("FAILURE_RATE", format!("{address} {}", door.name())), ("ADDRESS_RATE", site.clone())]
}

fn refusal(context: &RequestContext, by: &'static str, detail: &str) -> ScimError {
    context.entry.note(|facts| facts.limited = Some(by));
    ScimError::too_many_requests(PAUSE, detail)
}

/// Returns whether one request more is within the limit of the binding.
async fn within(context: &RequestContext, binding: &str, key: &str) -> bool {
    let counted = binding::count(&context.env, binding, key).await;
    counted.unwrap_or_else(|error| {
        if !WARNED.replace(true) {
            let message =
                format!("the binding {binding} cannot be used, so requests are not limited: {error:?}");
            log::error(&message, context.correlation_id());
        }
        true
    })
}
