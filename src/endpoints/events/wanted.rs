//! Which events a request asks for, by the parameters that all readers have: `after`, `type`, `resource`, `payload`.

use directory::{Cursor, Wanted, check_event_types};
use scim::{Query, ScimError};

use crate::registry::registry;

/// Bytes of the log that one answer is made of; a single row may have more.
const BYTES: usize = 1 << 20;
/// Seconds that a reader may wait. Proxies and browsers end a request that is silent for longer.
pub(super) const WAIT: i64 = 20;

/// Returns which events are wanted, at most so many.
pub(super) fn wanted(query: &Query, limit: usize) -> Result<Wanted, ScimError> {
    let thin = match query.given("payload") {
        None | Some("full") => false,
        Some("thin") => true,
        Some(other) => {
            return Err(ScimError::invalid_value(format!("`payload` is `full` or `thin`, not `{other}`")));
        }
    };
    let types =
        query.given("type").unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty());
    let types: Vec<String> = types.map(str::to_string).collect();
    let registry = registry().map_err(|_| ScimError::new(500, "the schemas cannot be read"))?;
    check_event_types(registry, "type", &types)?;
    let resource = query.given("resource").map(str::to_string);
    Ok(Wanted { types, resource, thin, security: false, limit, bytes: BYTES })
}

/// Returns the place after which events are wanted.
pub(super) fn after(query: &Query, tenant: &str) -> Result<Option<Cursor>, ScimError> {
    let parsed = |text: &str| {
        Cursor::parse(text, tenant).ok_or_else(|| {
            ScimError::invalid_value(format!(
                "`after` is the id of an event of this tenant or a sequence, not `{text}`"
            ))
        })
    };
    query.given("after").map(parsed).transpose()
}

/// Returns a parameter that is an integer within these bounds.
pub(super) fn number(query: &Query, name: &str, (least, most): (i64, i64)) -> Result<Option<i64>, ScimError> {
    let Some(text) = query.given(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| {
        ScimError::invalid_value(format!("`{name}` must be an integer from {least} to {most}, not `{text}`"))
    })
}
