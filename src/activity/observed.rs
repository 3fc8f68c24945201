//! What is remembered of one request, out of the facts of its line in the log.

use directory::activity::{self, Observed, Refusal};
use scim::{Instant, Registry, ScimError, ScimType, fold};
use tenants::is_slug;

use crate::clock;
use crate::log::{Facts, Refused};
use crate::registry::registry;

/// The tenant of a request whose URL names none that there could be.
const NO_TENANT: &str = "";

/// A request to a tenant's service, as far as it is counted.
pub(super) struct Answered {
    tenant: String,
    /// The id of the credential; None if it was not authenticated.
    actor: Option<String>,
    operation: String,
    status: u16,
    at: Instant,
    tests_connection: bool,
}

impl Answered {
    pub(super) fn request(&self) -> Observed<'_> {
        Observed {
            tenant: &self.tenant,
            is_authenticated: self.actor.is_some(),
            operation: &self.operation,
            status: self.status,
            at: self.at,
            tests_connection: self.tests_connection,
        }
    }
}

/// Returns what is counted of requests to a tenant's SCIM service and token endpoint: all of authenticated clients, and of the others
/// those that were refused.
pub(super) fn of(facts: &Facts) -> Option<Answered> {
    let actor = facts.client.clone();
    if !facts.is_of_client || actor.is_none() && facts.status < 400 {
        return None;
    }
    let tenant = facts.tenant.as_deref().filter(|tenant| is_slug(tenant)).unwrap_or(NO_TENANT);
    Some(Answered {
        tenant: tenant.to_string(),
        actor,
        operation: facts.operation.clone(),
        status: facts.status,
        at: Instant(clock::now().0.saturating_sub(facts.milliseconds)),
        tests_connection: facts.tests_connection && facts.status == 200,
    })
}

/// Returns the refusals to keep: of the request, and of the operations of a bulk request. What a limit or the state of the service
/// has refused is counted alone.
pub(super) fn refusals(facts: &Facts, answered: &Answered, correlation_id: &str) -> Vec<Refusal> {
    let (Some(actor), Ok(registry)) = (&answered.actor, registry()) else { return Vec::new() };
    let whole = facts.refusal.iter().map(|error| Refused {
        operation: answered.operation.clone(),
        resource: facts.resource.clone(),
        error: error.clone(),
    });
    let kept = |refused: Refused| {
        let Refused { operation, resource, error } = refused;
        let is_kept = error.status >= 400 && !matches!(error.status, 401 | 429 | 503);
        is_kept.then(|| Refusal {
            tenant: answered.tenant.clone(),
            at: answered.at,
            actor: actor.clone(),
            operation,
            resource,
            holder: holder(&error, registry),
            status: error.status,
            scim_type: error.scim_type.map(ScimType::as_str),
            detail: activity::kept(&error.detail, registry, facts.is_clear),
            correlation_id: correlation_id.to_string(),
        })
    };
    whole.chain(facts.refused.iter().cloned()).filter_map(kept).collect()
}

/// Returns the type and the unique key of the resource that has the name which was asked for.
fn holder(error: &ScimError, registry: &Registry) -> Option<(String, String)> {
    let (kind, name) = error.taken.as_ref()?;
    let is_exact = registry.resource_type(*kind).unique().is_some_and(|attribute| attribute.case_exact);
    Some((kind.name().to_string(), if is_exact { name.clone() } else { fold(name) }))
}
