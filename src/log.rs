//! What the operator gets to read: one JSON line a request, and one for whatever the operator has to mend.
//!
//! No token, nothing of a body or of a query, no id and no name of a person: a line holds counts, and words of this
//! program. Of the administration it holds ids of credentials, which open nothing.

use std::cell::RefCell;

use scim::{Kind, Registry, ScimError, ScimType};
use serde_json::json;
use tenants::is_slug;
use worker::{console_error, console_log, console_warn};

use crate::d1::Cost;

/// Something that the operator has to mend.
pub fn error(message: &str, correlation_id: &str) {
    console_error!("{}", json!({"level": "error", "message": message, "correlationId": correlation_id}));
}

/// Something that the operator should know of: why a token is refused, that a trust is unsafe, that room runs short.
pub fn warn(message: &str, correlation_id: &str) {
    console_warn!("{}", json!({"level": "warn", "message": message, "correlationId": correlation_id}));
}

/// The line of a request, which is written when it ends.
pub struct Entry {
    /// The id that the response carries too.
    pub correlation_id: String,
    /// Borrowed for moments without an await in them.
    facts: RefCell<Facts>,
}

/// What is known of a request.
#[derive(Default)]
pub struct Facts {
    /// The tenant that the URL names.
    pub tenant: Option<String>,
    /// What was asked for.
    pub operation: String,
    /// The keyword of the refusal.
    pub scim_type: Option<ScimType>,
    /// By what the request was limited: `tenant`, `rows` or `address`, `quota users` and the like, or `database` where that is full.
    pub limited: Option<&'static str>,
    /// Ids of the credentials that an administrator has made or ended.
    pub credentials: Vec<String>,
    /// What was asked of D1 before the response.
    pub cost: Cost,
    /// The status of the response.
    pub status: u16,
    /// How long the client has waited for the response.
    pub milliseconds: i64,
}

impl Entry {
    /// Begins the line of a request.
    pub fn new(correlation_id: String, operation: String) -> Entry {
        let facts = RefCell::new(Facts { operation, ..Facts::default() });
        Entry { correlation_id, facts }
    }

    /// Notes what has become known of the request.
    pub fn note(&self, note: impl FnOnce(&mut Facts)) {
        note(&mut self.facts.borrow_mut());
    }

    /// Notes that the request made or ended a credential. Its id is not a secret, and it must be that of a row: never a text that the
    /// client has sent in place of one.
    pub fn note_credential(&self, id: &str) {
        self.note(|facts| facts.credentials.push(id.to_string()));
    }

    /// Notes why the request is refused.
    pub fn note_refusal(&self, error: &ScimError) {
        self.note(|facts| facts.limited = error.limited.or(facts.limited));
    }

    /// Returns by what the request was limited.
    pub fn limited(&self) -> Option<&'static str> {
        self.facts.borrow().limited
    }

    /// Returns what was asked of D1.
    pub fn cost(&self) -> Cost {
        self.facts.borrow().cost
    }

    /// Writes the line.
    pub fn write(&self) {
        let facts = self.facts.borrow();
        // A name that cannot be a tenant's is a typing error, a token in the wrong place perhaps.
        let tenant = facts.tenant.as_deref().filter(|tenant| is_slug(tenant));
        let mut line = json!({
            "level": "info",
            "message": "request",
            "tenant": tenant,
            "operation": facts.operation,
            "status": facts.status,
            "scimType": facts.scim_type.map(ScimType::as_str),
            "limited": facts.limited,
            "roundTrips": facts.cost.round_trips,
            "rowsRead": facts.cost.rows_read,
            "rowsWritten": facts.cost.rows_written,
            "milliseconds": facts.milliseconds,
            "correlationId": self.correlation_id,
        });
        // Who has made or ended what is asked for after a break-in; a request of SCIM has none of these.
        if let Some(members) = line.as_object_mut().filter(|_| !facts.credentials.is_empty()) {
            members.insert("credential".to_string(), json!(facts.credentials));
        }
        console_log!("{line}");
    }
}

/// What a SCIM request asks for, without ids: `PATCH Groups`, `POST Users/.search`. The endpoints of resources are those of
/// `types`.
pub fn operation(method: &str, path: &str, types: Option<&Registry>) -> String {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    const ENDPOINTS: [&str; 7] =
        ["Bulk", "Me", "Schemas", "ResourceTypes", "ServiceProviderConfig", ".search", "oauth2"];
    let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER");
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next();
    let endpoint = match first {
        None => "/",
        Some(first) => {
            let of_types = types.into_iter().flat_map(Registry::kinds).map(Kind::endpoint);
            ENDPOINTS.into_iter().chain(of_types).find(|known| *known == first).unwrap_or("unknown")
        }
    };
    let search = if segments.next() == Some(".search") { "/.search" } else { "" };
    format!("{method} {endpoint}{search}")
}

#[cfg(test)]
mod tests {
    use super::operation;

    #[test]
    fn an_operation_is_named_without_anything_that_the_client_made_up() {
        let registry = scim::Registry::load().unwrap();
        for (method, path, named) in [
            ("PATCH", "/Groups/0190-secret", "PATCH Groups"),
            ("POST", "/Users/.search", "POST Users/.search"),
            ("POST", "/.search", "POST .search"),
            ("GET", "", "GET /"),
            ("GET", "/ada@example.com", "GET unknown"),
            ("ADA", "/Users", "OTHER Users"),
        ] {
            assert_eq!(operation(method, path, Some(&registry)), named);
        }
    }
}
