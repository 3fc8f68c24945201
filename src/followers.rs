//! Wakes the readers of the change log that this deployment has itself, since there may be something new for them. Each of
//! them reads the log from its own cursor, so a call that is lost delays it until the next one, or the cron trigger.

use crate::context::RequestContext;
use crate::{deliver, edge};

/// Tells the readers of that tenant that its directory may have changed. They work after the response.
pub fn changed(context: &RequestContext, tenant: &str) {
    deliver::nudge(context, tenant);
    edge::nudge(context, tenant);
}
