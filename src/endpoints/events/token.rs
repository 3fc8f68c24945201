//! Events as Security Event Tokens (RFC 8417, RFC 9967), signed for the reader that asks.
//!
//! What lives here: the claims that depend on the issuer and the reader, and `GET /events` with
//! `Accept: application/secevent+jwt`, which answers one token. What does not: what a token says of the change
//! (`directory::events`), and polling for many (`poll`).

use database::Failure;
use directory::{Cursor, Event};
use scim::{Query, ScimError};
use serde_json::{Value, json};
use web_sys::Request;

use super::waiting::page;
use super::wanted::{WAIT, after, number, wanted};
use crate::auth::{self, Signer};
use crate::context::RequestContext;
use crate::http::{self, Response};
use crate::{address, settings};

/// The media type of a token (RFC 8417 s7.2), and its `typ` without the first part (RFC 8417 s2.3).
const MEDIA_TYPE: &str = "application/secevent+jwt";
const TYP: &str = "secevent+jwt";
/// What follows the id of an event in the `jti` of a `notice`: two tokens that differ must not have the same one.
const NOTICE: &str = ".notice";
/// The header with the place after the token.
const NEXT: &str = "X-Next";

/// Returns whether the request wants tokens, and nothing that is answered otherwise.
pub(super) fn is_asked_for(request: &Request) -> bool {
    let accept = http::header(request, "Accept").unwrap_or_default();
    let mut types = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    types.clone().any(|name| name.eq_ignore_ascii_case(MEDIA_TYPE))
        && !types.any(|name| name.eq_ignore_ascii_case("application/json"))
}

/// Checks that tokens are switched on.
pub(super) fn check_is_on(context: &RequestContext) -> Result<(), Failure> {
    match settings::has_security_events(&context.env).map_err(Failure::misconfigured)? {
        true => Ok(()),
        false => {
            let detail = "Security Event Tokens are off; the variable SECURITY_EVENTS switches them on";
            Err(ScimError::new(406, detail).into())
        }
    }
}

/// Answers the next event as a token; 204 if there is none.
pub(super) async fn answer(
    context: &RequestContext,
    tenant: &str,
    origin: &str,
    query: &str,
) -> Result<Response, Failure> {
    check_is_on(context)?;
    let query = Query::parse(query)?;
    let after = after(&query, tenant)?;
    let mut wanted = wanted(&query, 1)?;
    wanted.security = true;
    let seconds = number(&query, "wait", (0, WAIT))?.unwrap_or_default();
    let page = page(context, tenant, after, &wanted, seconds).await?;
    let next = page.next.text(tenant);
    let Some(event) = page.events.into_iter().next() else {
        return Ok(Response::empty(204).with(NEXT, next));
    };
    let reader = Reader { origin, audience: &address::events_url(origin, tenant), is_notice: wanted.thin };
    let (_, token) = reader.token(context, &auth::signer(context).await?, event).await?;
    Ok(Response::of_type(200, MEDIA_TYPE, token).with(NEXT, next))
}

/// Whom tokens are for.
pub(super) struct Reader<'r> {
    /// Scheme and host of this service: the issuer.
    pub origin: &'r str,
    /// The address that the reader gets the token from.
    pub audience: &'r str,
    /// Whether it gets names of attributes alone.
    pub is_notice: bool,
}

impl Reader<'_> {
    /// Returns the `jti` and the token of an event.
    pub(super) async fn token(
        &self,
        context: &RequestContext,
        signer: &Signer,
        event: Event,
    ) -> Result<(String, String), Failure> {
        let jti = if self.is_notice { format!("{}{NOTICE}", event.id) } else { event.id };
        let mut claims = event.body;
        if let Value::Object(claims) = &mut claims {
            let own = json!({
                "iss": self.origin, "aud": self.audience, "iat": context.now.0.div_euclid(1_000), "jti": jti,
            });
            claims.extend(own.as_object().cloned().unwrap_or_default());
        }
        let token = signer.sign(TYP, &claims).await?;
        Ok((jti, token))
    }
}

/// Returns the place of the event whose token has that `jti`.
pub(super) fn place_of(jti: &str, tenant: &str) -> Option<Cursor> {
    let id = jti.strip_suffix(NOTICE).unwrap_or(jti);
    Cursor::parse(id, tenant).filter(|_| id.starts_with("evt_"))
}
