//! The Worker: takes HTTP requests, authenticates them, and hands them to `scim` and `directory`.
//!
//! What lives here: everything that depends on the platform. What does not: the rules of SCIM (`scim`) and SQL
//! (`directory`). `router` hands a request to one of the `endpoints` by its `address`. `auth` says who a client is,
//! `visitors` who a person at the console is, and `rate` whether either is within its limits; endpoints of a tenant ask
//! `admission` for all of it. `manage` is what an administrator can do. `cron` and `followers` do the work after changes:
//! `deliver` sends webhooks, `edge` writes the copy in Workers KV. `context` has what all of them need; `http` and `d1` are
//! the two interfaces to the platform, `log` writes the log. No file imports one that calls it
//! (tests/repository/architecture.test.mjs).

mod activity;
mod address;
mod admission;
mod auth;
mod capacity;
mod client_address;
mod client_error;
mod clock;
mod context;
mod cron;
mod d1;
mod deliver;
mod edge;
mod endpoints;
mod followers;
mod guard;
mod http;
mod ids;
mod log;
mod manage;
mod parts;
mod places;
mod prompt;
mod rate;
mod registry;
mod remembered;
mod rest;
mod retention;
mod router;
mod running;
mod settings;
mod visitors;

use std::rc::Rc;

use scim::Instant;
use web_sys::Request;
use worker::js_sys::Promise;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event, worker_sys};

/// Answers one request. An error from here would be a bare 500 of the runtime, so there is none: every failure has already become a
/// response. The macro of `worker` would run it by a slower executor than `prompt`, so this is written out.
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env, context: worker_sys::Context) -> Promise {
    let runtime = Rc::new(Context::new(context));
    let context = runtime.clone();
    let answered = async move {
        let (response, entry) = router::answer(&request, &env, &context).await;
        let response = response.into_platform().or_else(|_| unmade(&entry));
        if !entry.is_counted(clock::now()) {
            entry.write();
            activity::observe(&env, &context, &entry);
        }
        Ok(response?.into())
    };
    let promise = prompt::promise(answered, clock::now());
    // Otherwise the runtime would stop a request midway whose client has disconnected, and what the request holds would stay for an
    // hour (`prompt`): its memory, and its place among the large ones.
    let _ = AsRef::<worker_sys::Context>::as_ref(&*runtime).wait_until(&promise);
    promise
}

/// Answers 500 in place of a response that the runtime does not take. The runtime's error may quote a header, so it is not logged.
fn unmade(entry: &log::Entry) -> Result<web_sys::Response> {
    log::error("the runtime does not take the response", &entry.correlation_id);
    entry.note(|facts| facts.status = 500);
    http::Response::empty(500).into_platform()
}

/// Does the work of the cron trigger. No error can be returned from here: each job writes its own into the log.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _: ScheduleContext) {
    cron::run(&env, Instant(event.schedule() as i64)).await;
}
