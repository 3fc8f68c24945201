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
mod rate;
mod service;
mod settings;
mod token;

use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Answers one request. An error out of here would be a bare 500, so there is none: whatever goes wrong within
/// has been made a SCIM error before.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, context: Context) -> Result<Response> {
    let answer = service::answer(&mut request, &env, &context).await;
    http::to_response(answer)
}

/// Does what a clock demands, by the cron triggers of wrangler.toml: the keys of trusted issuers are fetched.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    auth::keys::fetch_due(&env, service::now(), &ids::new_id()).await;
}
