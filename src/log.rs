//! The operator's log: one JSON line a request, and one for each problem that the operator must mend. Look-ups that the edge copy
//! has answered have a line together: it would cost more than they do.
//!
//! What else is known of a request is noted beside its line, for the activity of its tenant (`activity`).
//!
//! The log contains no token, no part of a body or of a query, and no id or name of a person: a line has counts, and words
//! of this program. For the administration it has ids of credentials, which open nothing.

use std::cell::RefCell;

use scim::{Instant, Kind, Registry, ScimError, ScimType};
use serde_json::json;
use tenants::is_slug;
use worker::{console_error, console_log, console_warn};

use crate::d1::Cost;

/// Logs a problem that the operator must mend.
pub fn error(message: &str, correlation_id: &str) {
    console_error!("{}", json!({"level": "error", "message": message, "correlationId": correlation_id}));
}

/// Logs something that the operator should know: why a token is refused, that an issuer is trusted unsafely, that
/// room runs short.
pub fn warn(message: &str, correlation_id: &str) {
    console_warn!("{}", json!({"level": "warn", "message": message, "correlationId": correlation_id}));
}

/// The line of a request, which is written when it ends.
pub struct Entry {
    /// The id that the response carries too.
    pub correlation_id: String,
    /// Never borrowed across an await.
    facts: RefCell<Facts>,
}

/// What is known about a request.
#[derive(Default)]
pub struct Facts {
    /// The tenant that the URL names.
    pub tenant: Option<String>,
    /// The operation that it asked for.
    pub operation: String,
    /// Whether it is for the service that clients of a tenant use, and not for the administration.
    pub is_of_client: bool,
    /// The id of the credential of an authenticated client.
    pub client: Option<String>,
    /// Whether it has the form of a request that tests a connection.
    pub tests_connection: bool,
    /// The type and the id of the resource that it is for.
    pub resource: Option<(String, String)>,
    /// Why it is refused. What it quotes is never written anywhere.
    pub refusal: Option<ScimError>,
    /// Why operations of a bulk request are refused.
    pub refused: Vec<Refused>,
    /// Whether a backtick in a refusal is known not to be one that the client sent.
    pub is_clear: bool,
    /// The keyword of the refusal.
    pub scim_type: Option<ScimType>,
    /// The limit that refused the request: `tenant`, `rows` or `address`, `quota users` and the like, or `database`
    /// if that is full.
    pub limited: Option<&'static str>,
    /// Ids of the credentials that an administrator has created or ended.
    pub credentials: Vec<String>,
    /// What the calls of D1 before the response have cost.
    pub cost: Cost,
    /// Whether it is one of many that read nothing of the database and did what was asked: they are logged together.
    pub is_one_of_many: bool,
    /// The status of the response.
    pub status: u16,
    /// How long the client has waited for the response.
    pub milliseconds: i64,
}

/// Requests that are logged together.
struct Many {
    count: i64,
    slowest: i64,
    since: Instant,
}

/// Milliseconds for which requests are logged together.
const TOGETHER: i64 = 10_000;

thread_local! {
    /// Those of this instance that are not logged yet.
    static MANY: RefCell<Option<Many>> = const { RefCell::new(None) };
}

/// An operation that was refused.
#[derive(Clone)]
pub struct Refused {
    /// What it is, without ids.
    pub operation: String,
    /// The type and the id of the resource that it is for.
    pub resource: Option<(String, String)>,
    /// Why it is refused.
    pub error: ScimError,
}

impl Entry {
    /// Begins the line of a request.
    pub fn new(correlation_id: String, operation: String) -> Entry {
        let facts = RefCell::new(Facts { operation, ..Facts::default() });
        Entry { correlation_id, facts }
    }

    /// Notes what has become known about the request.
    pub fn note(&self, note: impl FnOnce(&mut Facts)) {
        note(&mut self.facts.borrow_mut());
    }

    /// Notes that the request created or ended a credential. Its id is not a secret, and it must be the id of a row:
    /// never a text that the client has sent in its place.
    pub fn note_credential(&self, id: &str) {
        self.note(|facts| facts.credentials.push(id.to_string()));
    }

    /// Notes why the request is refused.
    pub fn note_refusal(&self, error: &ScimError) {
        self.note(|facts| {
            facts.limited = error.limited.or(facts.limited);
            facts.refusal = Some(error.clone());
        });
    }

    /// Returns something of what is known about the request.
    pub fn read<T>(&self, read: impl FnOnce(&Facts) -> T) -> T {
        read(&self.facts.borrow())
    }

    /// Returns the limit that refused the request.
    pub fn limited(&self) -> Option<&'static str> {
        self.facts.borrow().limited
    }

    /// Returns what the calls of D1 have cost.
    pub fn cost(&self) -> Cost {
        self.facts.borrow().cost
    }

    /// Counts the request if it is one of many; otherwise the line must be written. Ten seconds after the first of them, a line says
    /// how many there were.
    pub fn is_counted(&self, now: Instant) -> bool {
        let facts = self.facts.borrow();
        if !facts.is_one_of_many {
            return false;
        }
        let due = MANY.with_borrow_mut(|many| {
            let sum = many.get_or_insert(Many { count: 0, slowest: 0, since: now });
            sum.count += 1;
            sum.slowest = sum.slowest.max(facts.milliseconds);
            if now.0.saturating_sub(sum.since.0) < TOGETHER { None } else { many.take() }
        });
        if let Some(Many { count, slowest, since }) = due {
            let (operation, since) = (&facts.operation, since.to_rfc3339());
            let line = json!({
                "level": "info", "message": "requests", "operation": operation, "count": count, "since": since,
                "slowest": slowest,
            });
            console_log!("{line}");
        }
        true
    }

    /// Writes the line.
    pub fn write(&self) {
        let facts = self.facts.borrow();
        // A name that a tenant cannot have is a typing error, perhaps a token in the wrong place.
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
        // After a break-in, the operator asks who has created or ended credentials; a request of SCIM does neither.
        if let Some(members) = line.as_object_mut().filter(|_| !facts.credentials.is_empty()) {
            members.insert("credential".to_string(), json!(facts.credentials));
        }
        console_log!("{line}");
    }
}

/// Returns what a SCIM request asks for, without ids: `PATCH Groups`, `POST Users/.search`. The endpoints of
/// resources are those of `types`.
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
