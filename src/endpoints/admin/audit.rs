//! Evidence for an auditor, as JSON lines; `manage::audit` does the work.

use database::Failure;
use directory::activity::{Position, Trimming};
use scim::Instant;
use serde_json::{Value, json};
use tenants::CredentialEvent;

use super::activity::show;
use super::render::extend;
use super::request::AdminRequest;
use super::tenants::settings;
use super::transfer::NEXT;
use crate::http::Response;
use crate::manage::audit::{self, Head};

pub(super) async fn read(request: &AdminRequest<'_>, tenant: &str) -> Result<Response, Failure> {
    let from = request.time("from")?.unwrap_or(Instant(0));
    let to = request.time("to")?.unwrap_or(request.context.now);
    let after = request.given("cursor").map(Position::parse).transpose()?;
    let audit = audit::read(request.context, tenant, (from, to), after).await?;
    let mut lines = Vec::new();
    if let Some(head) = audit.head {
        lines.push(first(request, tenant, (from, to)).await?);
        lines.extend(show_head(&head));
    }
    lines.extend(audit.page.entries.into_iter().map(|entry| show(entry, &audit.names)));
    let mut text = String::new();
    for mut line in lines {
        extend(&mut line, json!({"tenant": tenant}));
        text.push_str(&line.to_string());
        text.push('\n');
    }
    let response = Response::of_type(200, "application/jsonl; charset=utf-8", text);
    Ok(response.with_all(audit.page.next.map(|next| (NEXT, next.to_text()))))
}

/// Returns the line of what is set now: settings have no history.
async fn first(
    request: &AdminRequest<'_>,
    tenant: &str,
    (from, to): (Instant, Instant),
) -> Result<Value, Failure> {
    Ok(json!({
        "kind": "settings",
        "at": request.context.now.to_rfc3339(),
        "from": from.to_rfc3339(),
        "to": to.to_rfc3339(),
        "settings": settings(request, tenant).await?,
    }))
}

fn show_head(head: &Head) -> impl Iterator<Item = Value> {
    head.credentials.iter().map(show_credential).chain(head.trimmings.iter().map(show_trimming))
}

fn show_credential(event: &CredentialEvent) -> Value {
    json!({
        "kind": "credential",
        "at": event.at.to_rfc3339(),
        "operation": event.what,
        "credential": {"kind": event.kind, "id": event.id, "name": event.name, "scopes": event.scopes},
    })
}

fn show_trimming(trimming: &Trimming) -> Value {
    json!({
        "kind": "trimming",
        "at": trimming.day.to_rfc3339(),
        "logRows": trimming.log_rows,
        "refusals": trimming.refusal_rows,
        "counters": trimming.counter_rows,
    })
}
