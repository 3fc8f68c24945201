//! The edge copy: people and groups of a tenant in Workers KV, which is read in a millisecond everywhere (docs/EDGE.md).
//!
//! What lives here: `layout` is the form of the copy, which is a contract; `kv` reads and writes Workers KV by the calls of
//! `binding`; `project` writes what has changed; `known` remembers which tenants have a copy; `copied` finds one person in
//! it. What does not: which people the change log names, and what they are (`directory::edge`), and answering requests
//! (`endpoints::lookup`).

mod binding;
mod copied;
mod known;
mod kv;
mod layout;
mod project;

use std::cell::RefCell;

use database::Failure;
use scim::Instant;
use worker::Env;

use crate::context::RequestContext;
use crate::d1::D1;
use crate::running::Running;
use crate::{clock, ids, log};

pub use copied::{Found, Who, find};
pub use known::{forget, is_on};
pub use project::{End, SETTLED, work};

/// Tenants that one firing of the cron trigger works on.
const TENANTS: i64 = 50;
/// Steps of one firing, and of one request of the administration: each makes up to five calls of the database.
pub const STEPS: usize = 100;
/// Steps after a response, for which the request has left few calls, and the milliseconds after which none begins: the
/// runtime ends what takes longer than 30 seconds.
const STEPS_AFTER_RESPONSE: usize = 8;
const TIME_AFTER_RESPONSE: i64 = 20_000;
/// Milliseconds after which work that did not end counts as ended.
const ENDED: i64 = 45_000;

thread_local! {
    /// The tenants whose copies this instance works on. Never borrowed across an await.
    static RUNNING: RefCell<Running> = const { RefCell::new(Running::new(ENDED)) };
}

/// Writes what has changed into the copy of a tenant, after the response. It costs nothing for a tenant that is known to
/// have no copy.
pub fn nudge(context: &RequestContext, tenant: &str) {
    let begin = || RUNNING.with_borrow_mut(|running| running.begin(tenant, context.now));
    if known::is_off(tenant, context.now) || !begin() {
        return;
    }
    let tenant = tenant.to_string();
    context.after_response("the edge copy was not renewed", move |context| async move {
        let result = renew(&context, &tenant).await;
        RUNNING.with_borrow_mut(|running| running.end(&tenant));
        result
    });
}

async fn renew(context: &RequestContext, tenant: &str) -> Result<(), Failure> {
    if !known::has_one(context, tenant).await? {
        return Ok(());
    }
    let copy = kv::Copy::open(&context.env)?;
    let begun = clock::now();
    let (mut left, mut end) = (STEPS_AFTER_RESPONSE, End::Unfinished);
    // A change that came while the last one was written is written as well.
    while RUNNING.with_borrow_mut(|running| running.was_asked(tenant)) || end == End::Unfinished {
        let is_long = clock::now().0.saturating_sub(begun.0) > TIME_AFTER_RESPONSE;
        if left == 0 || is_long || !copy.has_room() {
            break;
        }
        left -= 1;
        end = work(context.directory(), &copy, tenant, clock::now(), 1).await?;
    }
    Ok(())
}

/// Returns the copies in Workers KV, with a new count of operations.
///
/// # Errors
/// [`Failure::misconfigured`] if the binding is missing.
pub fn open(env: &Env) -> Result<kv::Copy, Failure> {
    kv::Copy::open(env)
}

/// Works on the copies that are behind, in turns, as far as one invocation may. A failure is logged, and another firing
/// goes on.
pub async fn tick(env: &Env, now: Instant) {
    let correlation_id = ids::new_id();
    if let Err(failure) = tick_all(env, now, &correlation_id).await {
        log::error(&format!("the edge copies were not looked at: {failure}"), &correlation_id);
    }
}

async fn tick_all(env: &Env, now: Instant, correlation_id: &str) -> Result<(), Failure> {
    let database = D1::open(env)?;
    let mut tenants = directory::edge::due(&database, now, TENANTS).await?;
    if tenants.is_empty() {
        return Ok(());
    }
    let copy = kv::Copy::open(env)?;
    let mut left = STEPS;
    while !tenants.is_empty() && copy.has_room() && left > 0 {
        let mut unfinished = Vec::new();
        for tenant in tenants {
            left = left.saturating_sub(1);
            match work(&database, &copy, &tenant, now, 1).await {
                Ok(End::Unfinished) => unfinished.push(tenant),
                Ok(End::Done) => {}
                Err(failure) => {
                    let message = format!("the edge copy of {tenant} was not renewed: {failure}");
                    log::error(&message, correlation_id);
                }
            }
        }
        tenants = unfinished;
    }
    Ok(())
}
