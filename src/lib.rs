//! The Worker: takes HTTP requests, authenticates them, and hands them to `scim` and `directory`.
//!
//! What lives here: everything that knows of the platform. What does not: a rule of SCIM (`scim`) or a word of
//! SQL (`directory`). `router` hands a request to one of the `endpoints` by its `address`. Each of them asks `auth` who the client is
//! and `rate` whether it may ask so often; `manage` is what an administrator can do. `context` carries what all of them need; `http`
//! and `d1` are the platform's two ends, `log` writes a line. No file imports one that calls it (tests/repository/architecture.test.mjs).

mod address;
mod auth;
mod capacity;
mod client_address;
mod client_error;
mod clock;
mod context;
mod d1;
mod endpoints;
mod http;
mod ids;
mod log;
mod manage;
mod places;
mod rate;
mod registry;
mod rest;
mod router;
mod settings;

use std::rc::Rc;
use std::time::Duration;

use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::{Context, Delay, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Answers one request. An error out of here would be a bare 500, so there is none: whatever goes wrong within
/// has been made a response before.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, context: Context) -> Result<Response> {
    let finished = finished(&context);
    let (response, entry) = router::answer(&mut request, &env, &Rc::new(context)).await;
    spawn_local(async move {
        // The client need not wait for the log.
        Delay::from(Duration::ZERO).await;
        entry.write();
        let _ = finished.call0(&JsValue::UNDEFINED);
    });
    response.into_platform()
}

/// Does what a clock demands, by the cron triggers of wrangler.toml: the keys of trusted issuers are fetched.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    auth::keys::fetch_due(&env, clock::now(), &ids::new_id()).await;
}

/// Has the runtime go on with a request whose client has left, until the function is called that comes back. It would leave the
/// request where it stands, and what that holds would never be dropped: its memory, and its place among the large ones.
fn finished(context: &Context) -> Function {
    let mut function = None;
    let until = Promise::new(&mut |resolve, _| function = Some(resolve));
    context.wait_until(async {
        let _ = JsFuture::from(until).await;
    });
    function.unwrap_or_default()
}
