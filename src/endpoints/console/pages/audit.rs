//! What people did: sign-ins to the console, credentials made and ended, settings, exports and the rest; and the evidence for an auditor as a download.
//!
//! What lives here: the list, and in which words it tells what was done. `export` is the download. What was done:
//! `tenants::console::deeds`; what the identity provider did is on the page of the activity.

mod export;

use console::{Audit, AuditRow};
use database::Failure;
use serde_json::{Map, Value};
use tenants::console::{Deed, DeedCursor, deeds};

use super::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::manage::by::By;

/// Rows in a page.
const ROWS: usize = 100;

pub(super) async fn handle(page: &Page<'_>, below: &[&str]) -> Result<Response, Failure> {
    page.asked.only("GET")?;
    match below {
        [] => list(page).await,
        ["export"] => export::answer(page).await,
        _ => Err(no_page()),
    }
}

async fn list(page: &Page<'_>) -> Result<Response, Failure> {
    page.asked.named("audit");
    let after = page.asked.query().get("cursor").map(DeedCursor::parse).transpose()?;
    let context = page.asked.context;
    // A customer's administrator must not see which people the vendor has.
    let with_staff = page.visitor.role.is_vendor();
    let found = deeds(context.accounts(), page.tenant, with_staff, (after, ROWS), context.now).await?;
    let rows = found.deeds.into_iter().map(row).collect();
    let older = found.next.map(|next| next.to_text());
    render::page(200, &Audit { frame: page.frame("Audit", "audit"), rows, older })
}

fn row(deed: Deed) -> AuditRow {
    let kind = match deed.kind.as_str() {
        "token" => "a token",
        "client" => "an OAuth client",
        "client secret" => "the secret of an OAuth client",
        "issuer" => "a trusted issuer",
        "set-up link" => "a set-up link",
        "one-time link" => "a one-time link",
        "signing key" => "a signing key",
        "session" => "a session of the console",
        "endpoint" => "an endpoint of webhooks",
        "tenant" => "the tenant",
        "settings" => "the settings",
        "directory" => "the directory",
        "activity" => "the activity",
        "evidence" => "the evidence",
        "edge copy" => "the edge copy",
        "user" => "a person",
        "role" => "a role",
        other => other,
    };
    let what = match deed.what.as_str() {
        sign @ ("signed in" | "signed out") => sign.to_string(),
        "created" => format!("made {kind}"),
        "ended with its link" => format!("ended with its set-up link: {kind}"),
        // It is what became of the credential, and not what a person did.
        "expired" => format!("expired: {kind}"),
        "secret replaced" => format!("made another secret of {kind}"),
        "replayed" => format!("sent events again to {kind}"),
        "skipped" => format!("left out an event of {kind}"),
        "rebuilt" => format!("wrote {kind} anew"),
        "mapped" => format!("mapped a group to {kind}"),
        "unmapped" => format!("took {kind} from a group"),
        verb => format!("{verb} {kind}"),
    };
    let by_default = if matches!(deed.what.as_str(), "expired" | "ended with its link") {
        "the service"
    } else {
        "an administrator"
    };
    let target = match (deed.kind.as_str(), deed.name.as_str()) {
        ("session", person) if deed.what.starts_with("ended") => format!("of {person}"),
        ("session", "customer") => "the console, as the administrator of this tenant".to_string(),
        ("session", role) => format!("the console, as {role} of every tenant"),
        ("set-up link" | "one-time link", person) => format!("for {person}"),
        ("settings", _) => settings(&deed.detail),
        (_, name) => name.to_string(),
    };
    // The maker of a link is a word of this service if no name is known.
    let named = deed.person.filter(|person| person != By::ADMINISTRATOR.person);
    let actor = named.unwrap_or_else(|| by_default.to_string());
    AuditRow { at: deed.at.0, actor, what, target }
}

/// Returns which settings were changed, as `maxUsers from 5 to 6`.
fn settings(detail: &str) -> String {
    let detail: Map<String, Value> = serde_json::from_str(detail).unwrap_or_default();
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "nothing".to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let one = |(setting, change): (&String, &Value)| {
        format!("{setting} from {} to {}", shown(change.get("old")), shown(change.get("new")))
    };
    detail.iter().map(one).collect::<Vec<_>>().join(", ")
}
