//! What the pages of webhooks share: an endpoint as the templates show it, numbers of a form, and a refusal in words.

use console::Endpoint;
use database::Failure;
use directory::webhooks::{self, State};
use scim::{Instant, ScimError};

use crate::endpoints::console::render::sentence;
use crate::manage::bounds::Bounds;

/// Returns an endpoint as it is shown. Nothing of its secrets is in it.
pub(crate) fn endpoint(endpoint: &webhooks::Endpoint, now: Instant) -> Endpoint {
    let stopped = || endpoint.reason.clone().unwrap_or_else(|| "the receiver has failed".to_string());
    let is_active = endpoint.state == State::Active;
    Endpoint {
        id: endpoint.id.clone(),
        url: endpoint.url.clone(),
        types: endpoint.types.clone(),
        batch: endpoint.batch,
        is_thin: endpoint.thin,
        is_paused: endpoint.state == State::Paused,
        stopped: (endpoint.state == State::Disabled).then(stopped),
        position: endpoint.cursor.text(&endpoint.tenant),
        behind: endpoint.behind,
        failures: endpoint.failures,
        next_attempt: Some(endpoint.due.0).filter(|_| is_active && endpoint.failures > 0),
        last_delivery: endpoint.delivered.map(|at| at.0),
        last_status: endpoint.status,
        last_error: endpoint.error.clone(),
        deliveries: endpoint.deliveries,
        old_secret_until: endpoint.old.as_ref().map(|(_, until)| until.0).filter(|until| *until > now.0),
        created: endpoint.created.0,
    }
}

/// Returns the number that was entered.
///
/// # Errors
/// 400 if it is not an integer within the bounds.
pub(super) fn number(name: &str, text: &str, bounds: Bounds) -> Result<i64, ScimError> {
    let Bounds { least, most } = bounds;
    let refused = || format!("{name} must be an integer from {least} to {most}");
    bounds.parse(text).ok_or_else(|| ScimError::new(400, refused()))
}

/// Returns the time that was entered, as a browser or a person writes it: `2026-11-26T04:31`, in UTC.
///
/// # Errors
/// 400 if it is not a time.
pub(super) fn time(text: &str) -> Result<Instant, ScimError> {
    // A browser leaves out seconds of zero (HTML, "local date and time string").
    let time = Instant::parse(text).or_else(|| Instant::parse(&format!("{text}:00")));
    time.ok_or_else(|| ScimError::new(400, "the time must be one such as `2026-11-26T04:31`"))
}

/// Returns the status and the sentence of a refusal that the person can mend on the same page.
///
/// # Errors
/// Any other failure, as it is.
pub(super) fn in_words(failure: Failure) -> Result<(u16, String), Failure> {
    match failure.refusal() {
        Some(refusal) if matches!(refusal.status, 400 | 409 | 410) => {
            Ok((refusal.status, sentence(&refusal.detail)))
        }
        _ => Err(failure),
    }
}
