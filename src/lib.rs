//! The Worker: takes HTTP requests, authenticates them, and hands them to `scim` and `directory`.
//!
//! What lives here: everything that depends on the platform. What does not: the rules of SCIM (`scim`) and SQL
//! (`directory`). `router` hands a request to one of the `endpoints` by its `address`. Each endpoint asks `auth` who
//! the client is, the console asks `visitors`, and `rate` says whether it is within its limits, those of a tenant by `admission`; `manage` is what an administrator can do. `context` has
//! what all of them need; `http` and `d1` are the two interfaces to the platform, `log` writes the log. No file
//! imports one that calls it (tests/repository/architecture.test.mjs).

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
use std::time::Duration;

use scim::Instant;
use web_sys::{Request, Response};
use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::{Context, Delay, Env, Result, ScheduleContext, ScheduledEvent, event};

/// Answers one request. An error from here would be a bare 500, so there is none: every failure has already become a
/// response.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let finished = finished(&context);
    let context = Rc::new(context);
    let (response, entry) = router::answer(&request, &env, &context).await;
    if entry.is_counted(clock::now()) {
        let _ = finished.call0(&JsValue::UNDEFINED);
        return response.into_platform();
    }
    spawn_local(async move {
        // The client need not wait for the log.
        Delay::from(Duration::ZERO).await;
        entry.write();
        activity::observe(&env, &context, &entry);
        let _ = finished.call0(&JsValue::UNDEFINED);
    });
    response.into_platform()
}

/// Does the work of the cron trigger. No error can be returned from here: each job writes its own into the log.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _: ScheduleContext) {
    cron::run(&env, Instant(event.schedule() as i64)).await;
}

/// Makes the runtime continue a request whose client has disconnected, until the returned function is called.
/// Otherwise the runtime would stop it midway, and would never drop what the request holds: its memory, and its place
/// among the large ones.
fn finished(context: &Context) -> Function {
    let mut function = None;
    let until = Promise::new(&mut |resolve, _| function = Some(resolve));
    context.wait_until(async {
        let _ = JsFuture::from(until).await;
    });
    function.unwrap_or_default()
}
