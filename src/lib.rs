//! The Worker: takes HTTP requests, authenticates them, and hands them to `scim` and `directory`.
//!
//! What lives here: everything that knows of the platform. What does not: a rule of SCIM (`scim`) or a word of
//! SQL (`directory`). A request goes through `address` (what is asked for?), `auth` (may it?), `rate` (so often?), then
//! `service` (SCIM: parse, execute, render), `token` (OAuth), `admin` or `health`, and back through `http`. `log` writes
//! a line of it.

mod address;
mod admin;
mod auth;
mod capacity;
mod d1;
mod health;
mod http;
mod ids;
mod log;
mod places;
mod rate;
mod rest;
mod service;
mod settings;
mod token;

use worker::js_sys::{Function, Promise};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Answers one request. An error out of here would be a bare 500, so there is none: whatever goes wrong within
/// has been made a SCIM error before.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, context: Context) -> Result<Response> {
    let finished = finished(&context);
    let (answer, rest) = service::answer(&mut request, &env, &context).await;
    let _ = finished.call0(&JsValue::UNDEFINED);
    http::to_response(answer, rest.map(rest::Source::stream))
}

/// Does what a clock demands, by the cron triggers of wrangler.toml: the keys of trusted issuers are fetched.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    auth::keys::fetch_due(&env, service::now(), &ids::new_id()).await;
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
