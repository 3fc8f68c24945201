//! What this instance remembers of tenants: which of them have a copy that readers may use. An entry is used for a minute
//! at most, and is renewed after a response.

use std::cell::RefCell;
use std::collections::BTreeMap;

use database::Failure;
use scim::Instant;

use crate::context::RequestContext;

/// Milliseconds after which an entry is renewed, and after which it is not used.
const FRESH: i64 = 30_000;
const USABLE: i64 = 60_000;
/// Tenants that are remembered.
const MOST: usize = 10_000;

thread_local! {
    /// Never borrowed across an await.
    static KNOWN: RefCell<BTreeMap<String, Known>> = RefCell::default();
}

#[derive(Clone, Copy)]
struct Known {
    is_on: bool,
    /// Whether there is a copy, which may be one that is being filled or removed.
    has_one: bool,
    asked: Instant,
}

fn get(tenant: &str, now: Instant) -> Option<(Known, i64)> {
    let known = KNOWN.with_borrow(|all| all.get(tenant).copied())?;
    let age = now.0.saturating_sub(known.asked.0);
    (0..USABLE).contains(&age).then_some((known, age))
}

/// Returns whether a tenant is known to have no copy.
pub fn is_off(tenant: &str, now: Instant) -> bool {
    get(tenant, now).is_some_and(|(known, _)| !known.has_one)
}

/// Forgets a tenant, whose setting has changed.
pub fn forget(tenant: &str) {
    KNOWN.with_borrow_mut(|all| all.remove(tenant));
}

/// Returns whether readers may use the copy of a tenant. The first request of a minute asks the database; otherwise it is
/// asked after the response.
///
/// # Errors
/// If the database fails.
pub async fn is_on(context: &RequestContext, tenant: &str) -> Result<bool, Failure> {
    let Some((known, age)) = get(tenant, context.now) else { return Ok(ask(context, tenant).await?.is_on) };
    if age >= FRESH {
        let tenant = tenant.to_string();
        context.after_response("an edge copy was not asked for", move |context| async move {
            ask(&context, &tenant).await.map(|_| ())
        });
    }
    Ok(known.is_on)
}

/// Returns whether a tenant has a copy, in whatever state.
///
/// # Errors
/// If the database fails.
pub async fn has_one(context: &RequestContext, tenant: &str) -> Result<bool, Failure> {
    match get(tenant, context.now) {
        Some((known, _)) => Ok(known.has_one),
        None => Ok(ask(context, tenant).await?.has_one),
    }
}

async fn ask(context: &RequestContext, tenant: &str) -> Result<Known, Failure> {
    let state = directory::edge::state_of(context.directory(), tenant).await?;
    let known = Known { is_on: state == Some(true), has_one: state.is_some(), asked: context.now };
    KNOWN.with_borrow_mut(|all| {
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(tenant.to_string(), known);
    });
    Ok(known)
}
