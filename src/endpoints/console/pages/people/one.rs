//! One user or group: its attributes, memberships and history.

use console::{HistoryRow, Kind, LeftOut, Reference, Resource, State};
use database::Failure;
use directory::activity::{self, ActivityQuery, Direction, Outcome, Position};
use futures_util::future::join;
use scim::ScimError;
use serde_json::{Value, json};

use super::asked::{counted, get};
use crate::endpoints::console::pages::entry::Entry;
use crate::endpoints::console::pages::flat;
use crate::endpoints::console::pages::page::{Page, no_page};
use crate::endpoints::console::render;
use crate::http::Response;
use crate::registry::registry;

/// Changes of the history on a page.
const HISTORY: usize = 20;
/// Groups of a user, or members of a group, on a page.
const RELATED: usize = 100;

/// What is shown of the resource as it is now.
struct Now {
    name: String,
    state: State,
    changed: i64,
    attributes: Vec<(String, String)>,
    related: Vec<Reference>,
    more_related: Option<String>,
}

/// Answers the page. After a refusal it says why nothing was done.
///
/// # Errors
/// 404 if nothing is known about the resource, 400 if the cursor cannot be read.
pub(super) async fn show(
    page: &Page<'_>,
    kind: Kind,
    id: &str,
    refusal: Option<&ScimError>,
) -> Result<Response, Failure> {
    if refusal.is_none() {
        page.asked.named(if kind == Kind::Users { "user" } else { "group" });
    }
    let query = page.asked.query();
    let cursor = query.get("cursor").filter(|cursor| !cursor.is_empty());
    let (now, history) = join(now(page, kind, id), history(page, kind, id, cursor)).await;
    let (now, history) = (now?, history?);
    if now.is_none() && history.rows.is_empty() {
        return Err(no_page());
    }
    let is_there = now.is_some();
    let now = now.unwrap_or_else(|| Now {
        name: history.name.clone().unwrap_or_else(|| id.to_string()),
        state: State::off("deleted"),
        changed: history.rows.first().map_or(0, |row| row.at),
        attributes: Vec::new(),
        related: Vec::new(),
        more_related: None,
    });
    let (title, section) = if kind == Kind::Users { ("User", "users") } else { ("Group", "groups") };
    let shown = Resource {
        frame: page.frame(title, section),
        kind,
        id: id.to_string(),
        name: now.name,
        state: now.state,
        changed: is_there.then_some(now.changed),
        attributes: now.attributes,
        related: now.related,
        more_related: now.more_related,
        left_out: LeftOut::default(),
        history: history.rows,
        older: history.older,
        problem: render::problem(refusal),
    };
    render::page_after(refusal, &shown.cut())
}

/// Returns the name by which the page calls a user; None if nothing is known about one.
///
/// # Errors
/// If the database fails.
pub(super) async fn name(page: &Page<'_>, id: &str) -> Result<Option<String>, Failure> {
    if let Some(now) = now(page, Kind::Users, id).await? {
        return Ok(Some(now.name));
    }
    let history = history(page, Kind::Users, id, None).await?;
    Ok((!history.rows.is_empty()).then(|| history.name.unwrap_or_else(|| id.to_string())))
}

/// Reads the resource; None if it is not in the directory.
async fn now(page: &Page<'_>, kind: Kind, id: &str) -> Result<Option<Now>, Failure> {
    let is_user = kind == Kind::Users;
    let path = format!("/{}/{id}", if is_user { "Users" } else { "Groups" });
    // The members of a group are read beside it, whether it is there or not.
    let (resource, members) = join(get(page, &path, "excludedAttributes=members"), async {
        if is_user { Ok((Vec::new(), None)) } else { members(page, id).await }
    })
    .await;
    let resource = match resource {
        Ok(scim::Outcome::Found(resource)) => resource,
        Ok(_) => return Ok(None),
        Err(failure) if failure.status() == Some(404) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let named = resource.document.text(if is_user { "userName" } else { "displayName" });
    let name = named.unwrap_or(id).to_string();
    let (related, more_related) = match is_user {
        true => groups(&resource),
        false => members?,
    };
    Ok(Some(Now {
        name,
        state: state(is_user, &resource),
        changed: resource.last_modified.0,
        attributes: attributes(resource),
        related,
        more_related,
    }))
}

fn state(is_user: bool, resource: &scim::Resource) -> State {
    match resource.document.0.get("active").and_then(Value::as_bool) {
        _ if !is_user => State::good("in use"),
        Some(false) => State::off("disabled"),
        _ => State::good("active"),
    }
}

/// Returns the attributes that the client stores, and those of the service after them.
fn attributes(resource: scim::Resource) -> Vec<(String, String)> {
    let mut document = resource.document.0;
    let meta = json!({
        "created": resource.created.to_rfc3339(),
        "lastModified": resource.last_modified.to_rfc3339(),
        "version": scim::etag(resource.version),
    });
    document.insert("meta".to_string(), meta);
    flat::rows(&document)
}

fn groups(resource: &scim::Resource) -> (Vec<Reference>, Option<String>) {
    let groups = resource.groups.as_deref().unwrap_or_default();
    let reference = |group: &scim::GroupRef| Reference {
        kind: Some(Kind::Groups),
        id: group.id.clone(),
        name: group.display.clone(),
    };
    let more = i64::try_from(groups.len().saturating_sub(RELATED)).unwrap_or_default();
    let over = if resource.more { "over " } else { "" };
    let more = (more > 0).then(|| format!("{over}{}", console::count(more)));
    (groups.iter().take(RELATED).map(reference).collect(), more)
}

async fn members(page: &Page<'_>, id: &str) -> Result<(Vec<Reference>, Option<String>), Failure> {
    let kind = registry()?.kind("Group").ok_or_else(no_page)?;
    let database = page.asked.context.directory();
    let (members, count) = directory::first_members(database, page.tenant, (kind, id), RELATED).await?;
    let shown = i64::try_from(members.len()).unwrap_or_default();
    let reference = |member: scim::Member| Reference {
        kind: match member.kind.name() {
            "User" => Some(Kind::Users),
            "Group" => Some(Kind::Groups),
            _ => None,
        },
        id: member.id,
        name: member.display,
    };
    let more = (count > shown).then(|| counted(count, shown));
    Ok((members.into_iter().map(reference).collect(), more))
}

/// A page of what changed.
struct History {
    rows: Vec<HistoryRow>,
    older: Option<String>,
    /// The name that the resource had last, if the log still knows it.
    name: Option<String>,
}

async fn history(page: &Page<'_>, kind: Kind, id: &str, cursor: Option<&str>) -> Result<History, Failure> {
    let asked = ActivityQuery {
        from: None,
        to: None,
        outcome: Some(Outcome::Changed),
        resource: Some(id),
        actor: None,
        correlation: None,
        operation: None,
        direction: Direction::Backward,
        after: cursor.map(Position::parse).transpose()?,
        limit: HISTORY,
    };
    let found = activity::read(page.asked.context.directory(), page.tenant, &asked).await?;
    let of_kind = |entry: &Entry<'_>| entry.resource().is_some_and(|it| it.kind == Some(kind));
    let entries: Vec<Entry<'_>> = found.entries.iter().map(Entry).filter(of_kind).collect();
    Ok(History {
        rows: entries.iter().map(Entry::history_row).collect(),
        older: found.next.map(Position::to_text),
        name: entries.iter().find_map(|entry| entry.resource()?.name),
    })
}
