//! The copy of a directory in Workers KV, from which people are looked up at sign-in.
//!
//! What lives here: when an instance copies, and which tenants have a copy. What does not: the keys and values (`layout`, a contract that
//! docs/EDGE.md tells), copying a part (`project`), and what the database says (`directory::edge`).

pub mod layout;
mod project;

use std::cell::RefCell;
use std::collections::BTreeMap;

use database::Failure;
use directory::edge::{self, EdgeState};
use scim::Instant;
use worker::Env;

use crate::context::RequestContext;
use crate::d1::D1;
use crate::{clock, log};
pub use project::{Part, copy_part};

/// Milliseconds for which an instance remembers whether a tenant has a copy.
const REMEMBERED: i64 = 60_000;
/// Tenants that are remembered at most.
const MOST: usize = 1_000;
/// Milliseconds after which copying that did not end counts as ended.
const ENDED: i64 = 40_000;
/// Milliseconds for which one request, or one trigger, copies.
const TIME: i64 = 10_000;
/// Tenants that one trigger copies.
const AT_A_TIME: i64 = 20;

thread_local! {
    /// Whether tenants have a copy, and until when that is believed. Never borrowed across an await.
    static KNOWN: RefCell<BTreeMap<String, (bool, Instant)>> = RefCell::default();
    /// The tenants that this instance copies: since when, and whether there may be more.
    static RUNNING: RefCell<BTreeMap<String, (Instant, bool)>> = RefCell::default();
}

/// Forgets whether a tenant has a copy, because an administrator has changed that.
pub fn forget(tenant: &str) {
    KNOWN.with_borrow_mut(|known| known.remove(tenant));
}

/// Returns whether the tenant has a copy. It is looked up once a minute.
///
/// # Errors
/// If the database did not answer.
pub async fn has_copy(database: &D1, tenant: &str) -> Result<bool, Failure> {
    let now = clock::now();
    let known = KNOWN.with_borrow(|known| known.get(tenant).copied().filter(|(_, until)| now < *until));
    if let Some((is_on, _)) = known {
        return Ok(is_on);
    }
    let is_on = edge::edge_copy(database, tenant).await?.state == EdgeState::On;
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant.to_string(), (is_on, Instant(now.0 + REMEMBERED)));
    });
    Ok(is_on)
}

/// Copies what is new of a tenant, after the response. A tenant without a copy costs one call a minute.
pub fn nudge(context: &RequestContext, tenant: &str) {
    let known =
        KNOWN.with_borrow(|known| known.get(tenant).copied().filter(|(_, until)| context.now < *until));
    let is_off = known.is_some_and(|(is_on, _)| !is_on);
    if is_off || !is_to_run(tenant, context.now) {
        return;
    }
    let tenant = tenant.to_string();
    context.after_response("the edge copy was not written", move |context| async move {
        let database = context.directory();
        if !has_copy(database, &tenant).await? || !begin(&tenant) {
            return Ok(());
        }
        let copied = copy(database, &context.env, &tenant, || begins_again(&tenant)).await;
        RUNNING.with_borrow_mut(|running| running.remove(&tenant));
        copied
    });
}

/// Copies what is left of all tenants.
pub async fn tick(env: &Env, correlation_id: &str) {
    if let Err(failure) = copy_due(env, correlation_id).await {
        log::error(&format!("the edge copies were not written: {failure}"), correlation_id);
    }
}

async fn copy_due(env: &Env, correlation_id: &str) -> Result<(), Failure> {
    let begun = clock::now();
    for tenant in edge::due(&D1::open(env)?, AT_A_TIME).await? {
        // Each has a count of calls of its own.
        if let Err(failure) = copy(&D1::open(env)?, env, &tenant, || false).await {
            log::error(&format!("the edge copy of {tenant} was not written: {failure}"), correlation_id);
        }
        if clock::now().0 - begun.0 > TIME {
            break;
        }
    }
    Ok(())
}

/// Copies part after part, until there are none, the time is up, or as much was written as one invocation may write.
async fn copy(database: &D1, env: &Env, tenant: &str, more: impl Fn() -> bool) -> Result<(), Failure> {
    let (begun, mut operations) = (clock::now(), 0);
    loop {
        match copy_part(database, env, tenant).await? {
            Part::None if more() => {}
            Part::None => return Ok(()),
            Part::Copied { operations: some } => operations += some,
        }
        if clock::now().0 - begun.0 > TIME || operations > project::ENOUGH {
            return Ok(());
        }
    }
}

fn is_to_run(tenant: &str, now: Instant) -> bool {
    RUNNING.with_borrow_mut(|running| match running.get_mut(tenant) {
        Some((since, again)) if now.0 - since.0 < ENDED => {
            *again = true;
            false
        }
        _ => true,
    })
}

fn begin(tenant: &str) -> bool {
    let now = clock::now();
    let begins = is_to_run(tenant, now);
    if begins {
        RUNNING.with_borrow_mut(|running| running.insert(tenant.to_string(), (now, false)));
    }
    begins
}

fn begins_again(tenant: &str) -> bool {
    RUNNING.with_borrow_mut(|running| running.get_mut(tenant).is_some_and(|(_, again)| std::mem::take(again)))
}
