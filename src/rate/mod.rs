//! How often a client may send requests. A tenant's requests are counted by its id; beyond the limit they are
//! answered 429 with `Retry-After` (RFC 6585 s4).
//!
//! Failed authentication is counted twice: by the address that it comes from *and* the tenant that it asks for
//! (`FAILURE_RATE`), and by the address alone, for all tenants together (`ADDRESS_RATE`, ten times as much). The
//! customers of an identity provider share its addresses: so a wrong secret of one does not lock out the others, and
//! trying many names of tenants does not multiply what one address may try.
//!
//! The runtime counts, by the rate limiting bindings whose numbers stand in wrangler.toml. If a binding is missing or
//! fails, nothing is limited: a broken counter is not a reason to refuse a client.
//!
//! What a tenant reads of the database is counted here, by the instance (`rows`), since the runtime counts only
//! requests.
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

/// What a client wants to be admitted to.
#[derive(Clone, Copy)]
pub enum Door<'d> {
    /// A tenant's SCIM service or its token endpoint; the tenant as the URL writes it.
    Tenant(&'d str),
    /// The administration.
    Administration,
    /// The console.
    Console,
}

impl Door<'_> {
    /// Returns the name by which its failures are counted. Names that a tenant cannot have are counted together.
    /// Names that it could have are counted separately, whether the tenant exists or not: otherwise the responses
    /// would reveal which ones exist.
    fn name(&self) -> &str {
        match self {
            Door::Tenant(tenant) if is_slug(tenant) => tenant,
            Door::Tenant(_) => "/",
            Door::Administration => "/admin",
            Door::Console => "/console",
        }
    }
}

thread_local! {
    /// The blocked clients of this instance. Never borrowed across an await.
    static BLOCKED: RefCell<Blocked> = RefCell::default();
    static ROWS: RefCell<Rows> = RefCell::default();
    /// Whether this instance has reported to the operator that a binding cannot be used.
    static WARNED: Cell<bool> = const { Cell::new(false) };
}

/// Counts a request of a tenant, after it is authenticated, so that other clients cannot use up the tenant's limit.
///
/// # Errors
/// 429 if the tenant sends too many requests.
pub async fn tenant(context: &RequestContext, tenant: &str) -> Result<(), ScimError> {
    if within(context, "TENANT_RATE", tenant).await {
        return Ok(());
    }
    Err(refusal(context, "tenant", "the tenant sends more requests than are taken"))
}

/// Refuses a tenant that has recently read more than its share of the database.
///
/// # Errors
/// 429 with the seconds until it may read again.
pub fn check_rows(context: &RequestContext, tenant: &str) -> Result<(), ScimError> {
    let Some(seconds) = ROWS.with_borrow(|rows| rows.wait(tenant, context.now)) else { return Ok(()) };
    context.entry.note(|facts| facts.limited = Some("rows"));
    let detail = "the tenant's requests read more of the database than its share; filters by an indexed attribute, \
                  smaller pages and cursors read less";
    Err(ScimError::too_many_requests(seconds, detail))
}

/// Counts what the tenant reads of the directory from now on.
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

/// Refuses a blocked client, for credentials that are always looked up.
///
/// # Errors
/// 429 if the client is blocked.
pub fn check(context: &RequestContext, door: Door<'_>) -> Result<(), ScimError> {
    if !is_blocked(context, door) {
        return Ok(());
    }
    Err(refusal(context, "address", "too many requests from this address fail to authenticate"))
}

/// Counts a request that ends unauthenticated, whatever its response is: its token is not valid, or that could not be
/// determined, because the database did not answer. Successful requests are not counted.
///
/// A blocked client is not counted any more: it costs nothing, and failures at one tenant must not use up what its
/// address may try at the others.
///
/// # Errors
/// 429, in place of any other response, if the client fails too often.
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

/// Returns the bindings that count failures, each with its key. The first key contains a blank, and the second does
/// not.
fn counters(context: &RequestContext, door: Door<'_>) -> [(&'static str, String); 2] {
    let ClientAddress { address, site } = context.client();
    [("FAILURE_RATE", format!("{address} {}", door.name())), ("ADDRESS_RATE", site)]
}

fn refusal(context: &RequestContext, by: &'static str, detail: &str) -> ScimError {
    context.entry.note(|facts| facts.limited = Some(by));
    ScimError::too_many_requests(PAUSE, detail)
}

/// Returns whether one more request is within the limit of the binding.
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
