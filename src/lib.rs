//! The Worker: takes HTTP requests, authenticates them, and hands them to `scim` and `directory`.
//!
//! What lives here: everything that knows of the platform. What does not: a rule of SCIM (`scim`) or a word of
//! SQL (`directory`). A request goes through `http` (conversion), `auth` (may it?), `service` (parse, execute,
//! render) and back through `http`.

mod auth;
mod d1;
mod http;
mod ids;
mod log;
mod service;
mod settings;

use worker::{Context, Env, Request, Response, Result, event};

/// Answers one request. An error out of here would be a bare 500, so there is none: whatever goes wrong within
/// has been made a SCIM error before.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    let answer = service::answer(&mut request, &env).await;
    http::to_response(answer)
}
