//! Whom a request to the console comes from, by its cookie or by an assertion of Cloudflare Access.

use std::cell::RefCell;

use database::Failure;
use tenants::console::{self as entry, NewSession, Session};
use tenants::{Hash, Secret};
use web_sys::Request;

use super::access;
use super::cookie::SESSION;
use super::visitor::Visitor;
use crate::context::RequestContext;
use crate::ids;
use crate::rate::{self, Door};

/// How many sessions are remembered.
const MOST_SEEN: usize = 200;

thread_local! {
    /// Sessions that this instance has seen in force. They are looked up all the same, also from an address that other people have got
    /// blocked. Never borrowed across an await.
    static SEEN: RefCell<Vec<Hash>> = const { RefCell::new(Vec::new()) };
}

/// Returns the person whom a request comes from. None if it comes from a person who has not signed in.
///
/// A session comes first: a person whom Access lets pass may have opened the set-up link of a customer. A session is looked up in each request, so that one which was ended ends at once.
///
/// # Errors
/// 429 if the client has sent too many cookies of no session; if the database did not answer.
pub async fn visitor(
    request: &Request,
    context: &RequestContext,
    origin: &str,
) -> Result<Option<Visitor>, Failure> {
    let Some(cookie) = secret_of(request, origin) else { return access::visitor(request, context).await };
    let hash = cookie.hash();
    if !SEEN.with_borrow(|seen| seen.contains(&hash)) {
        rate::check(context, Door::Console)?;
    }
    match entry::find_session(context.accounts(), hash, context.now).await? {
        Some(Session { role, person, .. }) => {
            remember(hash);
            Ok(Some(Visitor::of(role, person, cookie.reveal())))
        }
        None => {
            SEEN.with_borrow_mut(|seen| seen.retain(|known| *known != hash));
            let by_access = access::visitor(request, context).await?;
            if by_access.is_none() {
                rate::failed(context, Door::Console).await?;
            }
            Ok(by_access)
        }
    }
}

/// Remembers a session in place of the one that was remembered first, if there is no room.
fn remember(hash: Hash) {
    SEEN.with_borrow_mut(|seen| {
        if !seen.contains(&hash) {
            if seen.len() >= MOST_SEEN {
                seen.remove(0);
            }
            seen.push(hash);
        }
    });
}

/// Returns the hash of the cookie that a request brings, whether its session is in force or not.
pub fn session_of(request: &Request, origin: &str) -> Option<Hash> {
    secret_of(request, origin).map(|cookie| cookie.hash())
}

/// Returns a new session and the value of its cookie. Every sign-in makes a new one, so that a cookie which another person has planted in the
/// browser opens nothing.
///
/// # Errors
/// [`Failure::Misconfigured`] if there are no random numbers.
pub fn new_session() -> Result<(NewSession, Secret), Failure> {
    let cookie = Secret::of_session(&ids::random()?);
    Ok((NewSession { id: ids::new_id(), hash: cookie.hash() }, cookie))
}

fn secret_of(request: &Request, origin: &str) -> Option<Secret> {
    SESSION.read(request, origin).as_deref().and_then(Secret::parse_of_session)
}
