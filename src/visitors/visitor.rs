//! Whom a request to the console comes from.

use database::Failure;
use tenants::console::{self as entry, NewSession, Role, Session};
use tenants::{Hash, Secret};
use web_sys::Request;

use super::cookie::SESSION;
use crate::context::RequestContext;
use crate::ids;
use crate::rate::{self, Door};

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// What the person may see and change.
    pub role: Role,
    /// Who it is, as text.
    pub person: String,
    /// The token that each form of the person's pages must send along.
    pub form_token: String,
}

impl Visitor {
    /// Returns the person of a session, or of another proof that each request brings along.
    ///
    /// The form's token is a hash of what the browser proves itself with: it opens nothing, and only a program that has the proof can compute
    /// it. It differs from the hash that is stored.
    pub fn of(role: Role, person: String, proof: &str) -> Visitor {
        Visitor { role, person, form_token: Hash::of(&format!("form\0{proof}")).to_hex() }
    }
}

/// Returns the person whom a request comes from. None if it comes from a person who has not signed in.
///
/// A session is looked up in each request, so that one which was ended ends at once.
///
/// # Errors
/// 429 if the client has sent too many cookies of no session; if the database did not answer.
pub async fn visitor(
    request: &Request,
    context: &RequestContext,
    origin: &str,
) -> Result<Option<Visitor>, Failure> {
    let Some(cookie) = secret_of(request, origin) else { return Ok(None) };
    rate::check(context, Door::Console)?;
    match entry::find_session(context.accounts(), cookie.hash(), context.now).await? {
        Some(Session { role, person, .. }) => Ok(Some(Visitor::of(role, person, cookie.reveal()))),
        None => {
            rate::failed(context, Door::Console).await?;
            Ok(None)
        }
    }
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
