//! The clock of the runtime. Everything that is pure takes the time as a parameter instead.

use scim::Instant;
use worker::Date;

/// Returns the time now. The runtime's clock stands still while a request computes.
pub fn now() -> Instant {
    Instant(i64::try_from(Date::now().as_millis()).unwrap_or_default())
}
