//! The activity of tenants: what an instance remembers of the requests that it has answered, and when that is written.
//!
//! What lives here: the memory of an instance, and the time of writing, which is always after a response. What does not: what is
//! written (`directory::activity`), and reading it (`manage::activity`). If an instance ends, up to ten seconds of counts and
//! a second of refusals are lost: nothing of the directory depends on them.

mod observed;
mod probe;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use database::Failure;
use directory::activity::{Buffer, write_counts, write_refusals};
use scim::Instant;
use worker::{Context, Env};

pub use probe::tests_connection;

use crate::d1::D1;
use crate::log::{self, Entry};
use crate::{clock, ids};

/// Milliseconds after a request in which its counts are written, and in which its refusal is.
const COUNTS_AFTER: i64 = 10_000;
const REFUSALS_AFTER: i64 = 1_000;
/// Milliseconds after which a write that was due is taken for lost, with the request that should have made it.
const LOST: i64 = 30_000;

thread_local! {
    /// What this instance has not written yet. Never borrowed across an await.
    static BUFFER: RefCell<Buffer> = RefCell::default();
    /// When counts, and when refusals, are written next.
    static COUNTS_DUE: Cell<Option<Instant>> = const { Cell::new(None) };
    static REFUSALS_DUE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Remembers a request that is about to be answered, and writes what is due after its response.
pub fn observe(env: &Env, runtime: &Context, entry: &Entry) {
    let Some(observed) = entry.read(observed::of) else { return };
    BUFFER.with_borrow_mut(|buffer| buffer.count(&observed.request()));
    if is_due(&COUNTS_DUE, COUNTS_AFTER) {
        after(runtime, COUNTS_AFTER, counts(env.clone()));
    }
    let refusals = entry.read(|facts| observed::refusals(facts, &observed, &entry.correlation_id));
    let mut kept = false;
    for refusal in refusals {
        kept |= BUFFER.with_borrow_mut(|buffer| buffer.keep(refusal));
    }
    if kept && is_due(&REFUSALS_DUE, REFUSALS_AFTER) {
        after(runtime, REFUSALS_AFTER, refusals_of(env.clone()));
    }
}

/// Writes what this instance has not written yet, for the cron trigger.
pub async fn flush(env: &Env) {
    counts(env.clone()).await;
    refusals_of(env.clone()).await;
}

/// Returns whether nothing will be written before that time, and notes that it will be then.
fn is_due(due: &'static std::thread::LocalKey<Cell<Option<Instant>>>, milliseconds: i64) -> bool {
    let now = clock::now().0;
    let waits = due.get().is_some_and(|due| (due.0 - COUNTS_AFTER..due.0 + LOST).contains(&now));
    if !waits {
        due.set(Some(Instant(now + milliseconds)));
    }
    !waits
}

/// Does work that long after this call; the response is sent meanwhile.
fn after(runtime: &Context, milliseconds: i64, work: impl Future<Output = ()> + 'static) {
    runtime.wait_until(async move {
        clock::sleep(Duration::from_millis(milliseconds.unsigned_abs())).await;
        work.await;
    });
}

async fn counts(env: Env) {
    COUNTS_DUE.set(None);
    if let Some(counts) = BUFFER.with_borrow_mut(Buffer::take_counts) {
        report(async { Ok(write_counts(&D1::open(&env)?, counts).await?) }.await);
    }
}

async fn refusals_of(env: Env) {
    REFUSALS_DUE.set(None);
    let refusals = BUFFER.with_borrow_mut(Buffer::take_refusals);
    if !refusals.is_empty() {
        report(async { Ok(write_refusals(&D1::open(&env)?, &refusals).await?) }.await);
    }
}

fn report(result: Result<(), Failure>) {
    if let Err(failure) = result {
        log::warn(&format!("activity was not written, and is lost: {failure}"), &ids::new_id());
    }
}
