//! What an instance remembers of requests until it is written. Pure, and bounded whatever clients send: the time is a
//! parameter.

use scim::Instant;
use serde_json::{Value, json};

/// How many counters an instance holds at most, and how many of them are of requests that were not authenticated.
const MOST: usize = 1_000;
const MOST_UNAUTHENTICATED: usize = 200;
/// How many refusals of a tenant are kept in a minute. Beyond it they are only counted.
pub(super) const REFUSALS: usize = 60;
/// How many refusals an instance holds at most.
const MOST_REFUSALS: usize = 300;
/// The operation of requests that were not authenticated.
const UNAUTHENTICATED: &str = "unauthenticated";
/// The tenant of requests whose tenant is not kept apart.
const NONE: &str = "";
const MINUTE: i64 = 60_000;

/// A request that was answered.
pub struct Observed<'o> {
    /// The tenant, as the URL names it.
    pub tenant: &'o str,
    /// Whether it came from a client of the tenant.
    pub is_authenticated: bool,
    /// What it asked for, without ids.
    pub operation: &'o str,
    /// The status of the response.
    pub status: u16,
    /// When it came.
    pub at: Instant,
    /// Whether it is what an identity provider sends to test its connection.
    pub tests_connection: bool,
}

/// A refused request of an authenticated client.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The tenant.
    pub tenant: String,
    /// When it came.
    pub at: Instant,
    /// The id of the credential.
    pub actor: String,
    /// What it asked for, without ids.
    pub operation: String,
    /// The type and the id of the resource that it was for. An id that no resource has is kept only if it has the form of this service's ids.
    pub resource: Option<(String, String)>,
    /// The type and the unique key of the resource that has the name which was asked for. It is looked up, and not kept.
    pub holder: Option<(String, String)>,
    /// The status of the response.
    pub status: u16,
    /// The keyword.
    pub scim_type: Option<&'static str>,
    /// The sentence, without what the client sent.
    pub detail: String,
    /// The id of the request in the log.
    pub correlation_id: String,
}

/// Requests of one minute, operation and status.
struct Count {
    tenant: String,
    minute: i64,
    operation: String,
    status: u16,
    requests: u64,
}

/// Requests of one tenant since its counts were last written.
struct Seen {
    tenant: String,
    last: i64,
    test: Option<i64>,
    /// The first and the last request that was not a test.
    work: Option<(i64, i64)>,
}

/// How many refusals of a tenant were kept in a minute.
struct Kept {
    tenant: String,
    minute: i64,
    refusals: usize,
}

/// What is not written yet. The lists are short: few tenants have requests within ten seconds, and few kinds of them.
#[derive(Default)]
pub struct Buffer {
    counts: Vec<Count>,
    unauthenticated: usize,
    seen: Vec<Seen>,
    refusals: Vec<Refusal>,
    kept: Vec<Kept>,
}

/// Counts to write, as JSON.
pub struct Counts {
    pub(super) counts: Value,
    pub(super) seen: Value,
}

impl Buffer {
    /// Counts a request. The names of tenants come from URLs: for a request that was not authenticated, neither its tenant nor its
    /// operation is kept once there are many.
    pub fn count(&mut self, request: &Observed<'_>) {
        let operation = if request.is_authenticated { request.operation } else { UNAUTHENTICATED };
        let is_new = !self.add((request.tenant, operation, request.status), request.at, false);
        let is_full = self.counts.len() >= MOST
            || !request.is_authenticated && self.unauthenticated >= MOST_UNAUTHENTICATED;
        if is_new && is_full {
            self.add((NONE, UNAUTHENTICATED, 0), request.at, true);
        } else if is_new {
            self.unauthenticated += usize::from(!request.is_authenticated);
            self.add((request.tenant, operation, request.status), request.at, true);
        }
        if request.is_authenticated {
            self.mark(request);
        }
    }

    /// Adds one to a counter. Returns whether there is one, if none may be made.
    fn add(&mut self, (tenant, operation, status): (&str, &str, u16), at: Instant, may_make: bool) -> bool {
        let minute = at.0 - at.0.rem_euclid(MINUTE);
        let is = |count: &&mut Count| {
            count.status == status
                && count.minute == minute
                && count.tenant == tenant
                && count.operation == operation
        };
        match self.counts.iter_mut().find(is) {
            Some(count) => count.requests += 1,
            None if may_make => {
                let (tenant, operation) = (tenant.to_string(), operation.to_string());
                self.counts.push(Count { tenant, minute, operation, status, requests: 1 });
            }
            None => return false,
        }
        true
    }

    fn mark(&mut self, request: &Observed<'_>) {
        let at = request.at.0;
        let place = match self.seen.iter().position(|seen| seen.tenant == request.tenant) {
            Some(place) => place,
            None if self.seen.len() >= MOST => return,
            None => {
                self.seen.push(Seen { tenant: request.tenant.to_string(), last: at, test: None, work: None });
                self.seen.len() - 1
            }
        };
        let Some(seen) = self.seen.get_mut(place) else { return };
        seen.last = seen.last.max(at);
        if request.tests_connection {
            seen.test = Some(at);
        } else {
            let (first, last) = seen.work.unwrap_or((at, at));
            seen.work = Some((first.min(at), last.max(at)));
        }
    }

    /// Keeps a refusal, unless the tenant has had as many in this minute as are kept. Returns whether it is kept.
    pub fn keep(&mut self, refusal: Refusal) -> bool {
        let minute = refusal.at.0.div_euclid(MINUTE);
        self.kept.retain(|kept| kept.minute == minute);
        let is_full = self.kept.len() >= MOST;
        if self.refusals.len() >= MOST_REFUSALS {
            return false;
        }
        match self.kept.iter_mut().find(|kept| kept.tenant == refusal.tenant) {
            Some(kept) if kept.refusals >= REFUSALS => return false,
            Some(kept) => kept.refusals += 1,
            None if is_full => return false,
            None => self.kept.push(Kept { tenant: refusal.tenant.clone(), minute, refusals: 1 }),
        }
        self.refusals.push(refusal);
        true
    }

    /// Takes the counts; None if there are none.
    pub fn take_counts(&mut self) -> Option<Counts> {
        if self.counts.is_empty() {
            return None;
        }
        self.unauthenticated = 0;
        let count = |Count { tenant, minute, operation, status, requests }: Count| {
            json!([tenant, minute, operation, status, requests])
        };
        let seen = |Seen { tenant, last, test, work }: Seen| {
            json!([tenant, last, test, work.map(|work| work.0), work.map(|work| work.1)])
        };
        Some(Counts {
            counts: std::mem::take(&mut self.counts).into_iter().map(count).collect(),
            seen: std::mem::take(&mut self.seen).into_iter().map(seen).collect(),
        })
    }

    /// Takes the refusals.
    pub fn take_refusals(&mut self) -> Vec<Refusal> {
        std::mem::take(&mut self.refusals)
    }
}

#[cfg(test)]
mod tests {
    use scim::Instant;
    use serde_json::json;

    use super::{Buffer, MOST, MOST_REFUSALS, MOST_UNAUTHENTICATED, Observed, REFUSALS, Refusal};

    fn request(tenant: &str, at: i64) -> Observed<'_> {
        Observed {
            tenant,
            is_authenticated: true,
            operation: "GET Users",
            status: 200,
            at: Instant(at),
            tests_connection: false,
        }
    }

    #[test]
    fn requests_are_counted_by_minute_operation_and_status() {
        let mut buffer = Buffer::default();
        for at in [60_000, 119_999, 120_000] {
            buffer.count(&request("a", at));
        }
        buffer.count(&Observed { status: 400, ..request("a", 60_001) });
        buffer.count(&Observed { tests_connection: true, ..request("a", 130_000) });
        buffer.count(&Observed {
            is_authenticated: false,
            status: 401,
            operation: "PUT x",
            ..request("b", 60_000)
        });
        let counts = buffer.take_counts().unwrap();
        assert_eq!(
            counts.counts,
            json!([
                ["a", 60_000, "GET Users", 200, 2],
                ["a", 120_000, "GET Users", 200, 2],
                ["a", 60_000, "GET Users", 400, 1],
                ["b", 60_000, "unauthenticated", 401, 1],
            ])
        );
        assert_eq!(counts.seen, json!([["a", 130_000, 130_000, 60_000, 120_000]]));
        assert!(buffer.take_counts().is_none());
    }

    #[test]
    fn made_up_names_of_tenants_do_not_fill_the_memory() {
        let mut buffer = Buffer::default();
        for number in 0..5_000 {
            let tenant = format!("t{number}");
            buffer.count(&Observed { is_authenticated: false, status: 401, ..request(&tenant, 0) });
        }
        buffer.count(&request("acme", 0));
        let counts = buffer.take_counts().unwrap().counts;
        let counts = counts.as_array().unwrap();
        assert_eq!(counts.len(), MOST_UNAUTHENTICATED + 2);
        assert!(counts.contains(&json!(["", 0, "unauthenticated", 0, 5_000 - MOST_UNAUTHENTICATED])));
        assert!(counts.contains(&json!(["acme", 0, "GET Users", 200, 1])));
        for number in 0..5_000 {
            buffer.count(&request(&format!("t{number}"), 0));
        }
        let counts = buffer.take_counts().unwrap();
        assert_eq!(
            (counts.counts.as_array().unwrap().len(), counts.seen.as_array().unwrap().len()),
            (MOST + 1, MOST)
        );
    }

    #[test]
    fn no_more_refusals_are_kept_than_are_written_in_a_minute() {
        let mut buffer = Buffer::default();
        let refusal = |tenant: &str, at| Refusal {
            tenant: tenant.into(),
            at: Instant(at),
            actor: "t".into(),
            operation: "GET Users".into(),
            resource: None,
            holder: None,
            status: 400,
            scim_type: None,
            detail: String::new(),
            correlation_id: String::new(),
        };
        let kept = (0..1_000).filter(|at| buffer.keep(refusal("a", *at))).count();
        assert_eq!(kept, REFUSALS);
        assert!(buffer.keep(refusal("a", 60_000)) && buffer.keep(refusal("b", 0)));
        assert_eq!(buffer.take_refusals().len(), REFUSALS + 2);
        assert!(buffer.take_refusals().is_empty());
        let kept = (0..10_000).filter(|number| buffer.keep(refusal(&format!("t{number}"), 120_000))).count();
        assert_eq!(kept, MOST_REFUSALS);
    }
}
