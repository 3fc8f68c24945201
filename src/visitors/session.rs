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
use crate::remembered::Remembered;

thread_local! {
    /// Sessions that this instance has seen in force. A request with one of them is let through also from an address that other people have
    /// got blocked, however long ago that was. Never borrowed across an await.
    static SEEN: RefCell<Remembered<Hash, Session>> = const { RefCell::new(Remembered::new()) };
}

/// Returns the person whom a request comes from. None if it comes from a person who has not signed in.
///
/// A session comes first: a person whom Access lets pass may have opened the set-up link of a customer. A session that was looked up a short
/// time ago is not looked up again to show a page, but always before something is changed.
///
/// # Errors
/// 429 if the client has sent too many cookies of no session. Also if the database fails.
pub async fn visitor(
    request: &Request,
    context: &RequestContext,
    origin: &str,
    is_change: bool,
) -> Result<Option<Visitor>, Failure> {
    let Some(cookie) = secret_of(request, origin) else { return access::visitor(request, context).await };
    let hash = cookie.hash();
    let known = SEEN.with_borrow(|seen| seen.get(&hash, context.now));
    let in_force = known.filter(|session| !is_change && session.expires > context.now);
    let session = match in_force {
        Some(session) => Some(session),
        None => look_up(context, hash).await?,
    };
    if let Some(Session { role, person, .. }) = session {
        return Ok(Some(Visitor::of(role, person, cookie.reveal())));
    }
    let by_access = access::visitor(request, context).await?;
    if by_access.is_none() {
        rate::failed(context, Door::Console).await?;
    }
    Ok(by_access)
}

/// Looks a session up, and remembers it if it is in force.
async fn look_up(context: &RequestContext, hash: Hash) -> Result<Option<Session>, Failure> {
    let (is_known, question) = SEEN.with_borrow(|seen| (seen.knows(&hash), seen.ask(context.now)));
    if !is_known {
        rate::check(context, Door::Console)?;
    }
    let found = entry::find_session(context.accounts(), hash, context.now).await?;
    SEEN.with_borrow_mut(|seen| match &found {
        Some(session) => seen.insert(hash, session.clone(), question),
        None => seen.remove(&hash),
    });
    Ok(found)
}

/// Makes this instance look every session up again, because one of them was ended through it, or what they may see was changed.
pub fn forget_sessions() {
    SEEN.with_borrow_mut(Remembered::expire);
}

/// Returns the hash of the cookie that a request brings, whether its session is in force or not.
pub fn session_of(request: &Request, origin: &str) -> Option<Hash> {
    secret_of(request, origin).map(|cookie| cookie.hash())
}

/// Returns a new session and the value of its cookie. Every sign-in makes a new one, so that a cookie which another person has planted in the
/// browser opens nothing.
///
/// # Errors
/// [`Failure::misconfigured`] if there are no random numbers.
pub fn new_session() -> Result<(NewSession, Secret), Failure> {
    let cookie = Secret::of_session(&ids::random()?);
    Ok((NewSession { id: ids::new_id(), hash: cookie.hash() }, cookie))
}

fn secret_of(request: &Request, origin: &str) -> Option<Secret> {
    SESSION.read(request, origin).as_deref().and_then(Secret::parse_of_session)
}
