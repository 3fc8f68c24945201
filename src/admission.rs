//! Admission of a request to a tenant's data: who the client is, whether it is within its limits, and whether its credential
//! may do this. Every endpoint of a tenant begins with it.

use database::Failure;
use oauth::Scopes;
use web_sys::Request;

use crate::auth::{self, Principal};
use crate::context::RequestContext;
use crate::http::{self, Response};
use crate::rate::{self, Door};

/// What a request needs of the scopes of its credential.
#[derive(Clone, Copy)]
pub struct Needs {
    /// The scope that a refusal names.
    pub scope: &'static str,
    /// Whether scopes suffice.
    pub is_met: fn(Scopes) -> bool,
}

/// Reads the directory by SCIM.
pub const READ: Needs = Needs { scope: "scim", is_met: Scopes::may_read };
/// Changes the directory by SCIM.
pub const WRITE: Needs = Needs { scope: "scim", is_met: Scopes::may_write };
/// Follows the events of the directory.
pub const FOLLOW: Needs = Needs { scope: "events", is_met: Scopes::may_follow };
/// Looks people up.
pub const LOOK_UP: Needs = Needs { scope: "lookup", is_met: Scopes::may_look_up };

/// The result of an admission that did not fail.
pub enum Admission {
    /// The request is executed on behalf of this principal. What it reads of the directory is counted.
    Granted(Principal),
    /// 401 or 403.
    Refused(Response),
}

/// Admits a request to the data of a tenant, or refuses it.
///
/// # Errors
/// 429 if the client, or its tenant, is beyond its limits. 503 if the database fails.
pub async fn admit(
    request: &Request,
    context: &RequestContext,
    tenant: &str,
    needs: Needs,
) -> Result<Admission, Failure> {
    let authorization = http::header(request, "Authorization");
    let granted = auth::authenticate(context, tenant, authorization.as_deref()).await;
    let Ok(Some(grant)) = granted else {
        rate::failed(context, Door::Tenant(tenant)).await?;
        granted?;
        let refusal = auth::unauthorized(authorization.as_deref(), |error| scim::render_error(error).into());
        return Ok(Admission::Refused(refusal));
    };
    context.entry.note(|facts| facts.client = Some(grant.token.clone()));
    let principal = Principal::of(grant, &context.env)?;
    rate::tenant(context, &principal.tenant).await?;
    rate::check_rows(context, &principal.tenant)?;
    if !(needs.is_met)(principal.scopes) {
        let refusal = auth::insufficient_scope(needs.scope, |error| {
            context.entry.note_refusal(error);
            scim::render_error(error).into()
        });
        return Ok(Admission::Refused(refusal));
    }
    rate::meter(context, &principal.tenant);
    Ok(Admission::Granted(principal))
}
