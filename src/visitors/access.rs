//! Vendor's staff by way of Cloudflare Access, which puts a signed assertion into each request that it lets pass:
//! <https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json>.
//!
//! It is verified in each request, so there is no session. Access decides who may enter: a person on `CONSOLE_ADMINS` may change what the
//! console shows, and all others may see it.

use database::Failure;
use oauth::oidc::Identity;
use oauth::{IssuerPolicy, Jwt, Use};
use tenants::console::Role;
use web_sys::Request;

use super::published;
use super::settings::{checked, role_of, variable};
use super::visitor::Visitor;
use crate::context::RequestContext;
use crate::rate::{self, Door};
use crate::{http, log};

const HEADER: &str = "Cf-Access-Jwt-Assertion";

/// Returns the person whom Access has let pass. None if the request does not come by way of Access, or the variables `ACCESS_TEAM_DOMAIN`
/// and `ACCESS_AUD` are not set.
///
/// # Errors
/// 429 if the client has sent too many assertions that are not valid, 503 if the keys of Access cannot be fetched.
pub(super) async fn visitor(request: &Request, context: &RequestContext) -> Result<Option<Visitor>, Failure> {
    let configured = variable(&context.env, "ACCESS_TEAM_DOMAIN").zip(variable(&context.env, "ACCESS_AUD"));
    let (Some((domain, audience)), Some(assertion)) = (configured, http::header(request, HEADER)) else {
        return Ok(None);
    };
    rate::check(context, Door::Console)?;
    let team = if domain.contains("://") { domain } else { format!("https://{domain}") };
    let team = checked(context, "ACCESS_TEAM_DOMAIN", team.trim_end_matches('/').to_string())?;
    match verified(context, &team, audience, &assertion).await? {
        Ok(person) => {
            let role = role_of(&context.env, &person).unwrap_or(Role::Viewer);
            Ok(Some(Visitor { is_by_access: true, ..Visitor::of(role, person.name, &assertion) }))
        }
        Err(reason) => {
            log::warn(&format!("an assertion of Access is refused: {reason}"), context.correlation_id());
            rate::failed(context, Door::Console).await?;
            Ok(None)
        }
    }
}

/// Returns the person of an assertion, or why it is refused.
async fn verified(
    context: &RequestContext,
    team: &str,
    audience: String,
    assertion: &str,
) -> Result<Result<Identity, String>, Failure> {
    let Some(jwt) = Jwt::parse(assertion) else { return Ok(Err("it is not a JWT".to_string())) };
    let policy = IssuerPolicy {
        issuers: vec![team.to_string()],
        audiences: vec![audience],
        directory: None,
        subject: None,
    };
    if let Err(rejection) = policy.check(&jwt.claims, Use::Bearer, context.now.0) {
        return Ok(Err(rejection.to_string()));
    }
    if !published::has_signed(context, &format!("{team}/cdn-cgi/access/certs"), &jwt).await? {
        return Ok(Err("its signature is not of a key of the team".to_string()));
    }
    Ok(Identity::of(&jwt.claims).ok_or_else(|| "it names no person (`sub`)".to_string()))
}
