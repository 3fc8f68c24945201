//! Delivery of webhooks: right after a change by [`nudge`], otherwise by the cron trigger.
//!
//! What lives here: which endpoints are delivered to, and when this instance begins. What does not: one delivery (`run`), one
//! attempt (`attempt`), the table (`directory::webhooks`), and the rules of Standard Webhooks (`webhooks`).

mod attempt;
mod run;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use database::Failure;
use directory::webhooks;
use futures_util::StreamExt;
use scim::Instant;
use worker::Env;

use crate::context::RequestContext;
use crate::d1::D1;
use crate::running::Running;
use crate::{clock, log};
pub use attempt::{Attempt, attempt};
use run::{Run, run};

/// Milliseconds for which an instance remembers which endpoints a tenant has.
const REMEMBERED: i64 = 60_000;
/// Tenants that are remembered at most.
const MOST: usize = 1_000;
/// Milliseconds after which a delivery that did not end counts as ended: the runtime stops work after a response in
/// thirty seconds.
const ENDED: i64 = 40_000;
/// Milliseconds after the beginning of a delivery in which another attempt may begin: it may take fifteen seconds, and the runtime
/// stops work after a response in thirty.
const LAST_ATTEMPT: i64 = 12_000;
/// Endpoints that one trigger delivers to.
const AT_A_TIME: i64 = 200;
/// How many endpoints are delivered to at once: a Worker has six connections
/// (developers.cloudflare.com/workers/platform/limits). A request that waited for one would use up the time that its receiver has to
/// answer.
const AT_ONCE: usize = 6;

thread_local! {
    /// The endpoints of tenants, and until when that is believed. Never borrowed across an await.
    static KNOWN: RefCell<BTreeMap<String, (Vec<String>, Instant)>> = RefCell::default();
    /// The deliveries of this instance, by the ids of endpoints.
    static RUNNING: RefCell<Running> = const { RefCell::new(Running::new(ENDED)) };
}

/// Forgets which endpoints a tenant has, because an administrator has changed them.
pub fn forget(tenant: &str) {
    KNOWN.with_borrow_mut(|known| known.remove(tenant));
}

/// Delivers what is new to the endpoints of a tenant, after the response. A tenant without endpoints costs one call a
/// minute.
pub fn nudge(context: &RequestContext, tenant: &str) {
    let known =
        KNOWN.with_borrow(|known| known.get(tenant).filter(|(_, until)| context.now < *until).cloned());
    // Every delivery that runs is asked to look again.
    let is_running = |id: &String| RUNNING.with_borrow_mut(|running| running.ask_again(id, context.now));
    if known.as_ref().is_some_and(|(ids, _)| ids.iter().filter(|id| !is_running(id)).count() == 0) {
        return;
    }
    let tenant = tenant.to_string();
    context.after_response("webhooks were not delivered", move |context| async move {
        let database = context.directory();
        let ids = match known {
            Some((ids, _)) => ids,
            None => remember(&tenant, webhooks::active_endpoints(database, &tenant).await?),
        };
        let at = context.now;
        let deliveries = futures_util::stream::iter(&ids).map(|id| deliver(database, &context.env, id, at));
        let ended: Vec<_> = deliveries.buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().collect()
    });
}

/// Delivers to one endpoint. If an attempt failed and the next one is due while the runtime still lets this work go on, it is made
/// too: the first one is due after five seconds, and the trigger comes once a minute.
async fn deliver(database: &D1, env: &Env, id: &str, at: Instant) -> Result<(), Failure> {
    let begun = clock::now();
    let mut at = at;
    // Asked only now: another request may have begun meanwhile, if those before it are slow.
    while RUNNING.with_borrow_mut(|running| running.begin(id, clock::now())) {
        let may_have_more = || RUNNING.with_borrow_mut(|running| running.was_asked(id));
        let ended = run(Run { database, env, id, at }, may_have_more).await;
        // While this one waits, another may begin: an administrator may have changed when the endpoint is due.
        RUNNING.with_borrow_mut(|running| running.end(id));
        let Some(due) = ended?.filter(|due| due.0.saturating_sub(begun.0) <= LAST_ATTEMPT) else { break };
        let pause = u64::try_from(due.0.saturating_sub(clock::now().0)).unwrap_or_default();
        clock::sleep(Duration::from_millis(pause)).await;
        at = clock::now().max(due);
    }
    Ok(())
}

/// Delivers to every endpoint whose time has come; `at` is the time of the trigger.
pub async fn tick(env: &Env, at: Instant, correlation_id: &str) {
    if let Err(failure) = deliver_due(env, at, correlation_id).await {
        log::error(&format!("webhooks were not delivered: {failure}"), correlation_id);
    }
}

async fn deliver_due(env: &Env, at: Instant, correlation_id: &str) -> Result<(), Failure> {
    let database = D1::open(env)?;
    let due = webhooks::due(&database, at, AT_A_TIME).await?;
    let deliveries = futures_util::stream::iter(due);
    deliveries
        .for_each_concurrent(AT_ONCE, |(id, _)| async move {
            // Each has a count of calls of its own.
            let delivered = match D1::open(env) {
                Ok(database) => run(Run { database: &database, env, id: &id, at }, || false).await.map(drop),
                Err(failure) => Err(failure),
            };
            if let Err(failure) = delivered {
                log::error(&format!("the endpoint {id} was not delivered to: {failure}"), correlation_id);
            }
        })
        .await;
    Ok(())
}

fn remember(tenant: &str, ids: Vec<String>) -> Vec<String> {
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant.to_string(), (ids.clone(), Instant(clock::now().0 + REMEMBERED)));
    });
    ids
}
