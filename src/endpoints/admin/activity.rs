//! What the clients of a tenant did, as JSON; `manage::activity` does the work.

use std::collections::BTreeMap;

use database::Failure;
use directory::activity::{Asked, Counted, Cycle, Direction, Entry, Marks, Outcome, Position};
use scim::{Instant, ScimError};
use serde_json::{Value, json};

use super::render::extend;
use super::request::AdminRequest;
use crate::http::Response;
use crate::manage::activity::{self, Activity, LIMIT, MINUTES, Summary};

pub(super) async fn read(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let limit = request.number("limit", 1, LIMIT.1)?.unwrap_or(LIMIT.0);
    let asked = Asked {
        from: request.time("from")?,
        to: request.time("to")?,
        outcome: outcome(request.given("outcome"))?,
        resource: request.given("resource"),
        actor: request.given("actor"),
        direction: Direction::Backward,
        after: request.given("cursor").map(Position::parse).transpose()?,
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let minutes = request.number("minutes", 1, MINUTES.1)?.unwrap_or(MINUTES.0);
    let by_minute = request.given("by") == Some("minute");
    let Activity { page, names, summary } =
        activity::read(request.context, tenant, &asked, (minutes, by_minute)).await?;
    let entries: Vec<Value> = page.entries.into_iter().map(|entry| show(entry, &names)).collect();
    let mut shown = json!({"entries": entries, "next": page.next.map(Position::to_text)});
    if let Some(summary) = summary {
        let now = request.context.now;
        extend(
            &mut shown,
            json!({"marks": show_marks(&summary.marks, now), "requests": show_counts(&summary)}),
        );
    }
    Ok(Response::json(200, &shown))
}

fn outcome(text: Option<&str>) -> Result<Option<Outcome>, ScimError> {
    match text {
        None => Ok(None),
        Some("changed") => Ok(Some(Outcome::Changed)),
        Some("refused") => Ok(Some(Outcome::Refused)),
        Some(_) => Err(ScimError::new(400, "`outcome` is neither `changed` nor `refused`")),
    }
}

/// Returns an entry with the name of the credential that did it.
pub(super) fn show(entry: Entry, names: &BTreeMap<String, String>) -> Value {
    let Entry { mut body, actor } = entry;
    let name = names.get(&actor);
    let actor = match name {
        Some(name) => json!({"id": actor, "name": name}),
        None => json!({"id": actor}),
    };
    extend(&mut body, json!({"actor": actor}));
    body
}

fn time(time: Option<Instant>) -> Option<String> {
    time.map(Instant::to_rfc3339)
}

fn show_marks(marks: &Marks, now: Instant) -> Value {
    let cycle = |cycle: Option<Cycle>| {
        cycle.map(|cycle| {
            let (began, last) = (cycle.began.to_rfc3339(), cycle.ended.to_rfc3339());
            json!({"began": began, "lastRequest": last, "isOver": cycle.is_over(now)})
        })
    };
    json!({
        "lastRequest": time(marks.last_request),
        "testConnection": time(marks.test_connection),
        "firstUser": time(marks.first_user),
        "firstGroup": time(marks.first_group),
        "cycle": cycle(marks.cycles[0]),
        "previousCycle": cycle(marks.cycles[1]),
    })
}

/// Returns the counts, and their sums by what they mean for the client.
fn show_counts(Summary { range, counted, .. }: &Summary) -> Value {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for one in counted {
        *sums.entry(meaning(one)).or_default() += one.requests;
    }
    let shown: Vec<Value> = counted
        .iter()
        .map(|one| {
            let mut shown =
                json!({"operation": one.operation, "status": one.status, "requests": one.requests});
            if let Some(minute) = one.minute {
                extend(&mut shown, json!({"minute": minute.to_rfc3339()}));
            }
            shown
        })
        .collect();
    json!({"from": range.0.to_rfc3339(), "to": range.1.to_rfc3339(), "sums": sums, "counts": shown})
}

fn meaning(counted: &Counted) -> &'static str {
    let reads = counted.operation.starts_with("GET ")
        || counted.operation.starts_with("HEAD ")
        || counted.operation.ends_with(".search");
    match counted.status {
        _ if counted.operation == "unauthenticated" => "unauthenticated",
        429 => "limited",
        500.. => "failed",
        400.. => "refused",
        _ if reads => "read",
        _ => "written",
    }
}
