//! The search of users, or of groups, page by page. What a person enters may mean several filters (`filters`): what fits the first of them
//! comes first.

use std::collections::BTreeMap;

use console::{Kind, ResourceRow, Resources};
use database::Failure;
use futures_util::future::{join, try_join, try_join_all};
use oauth::encode_form;
use scim::{Outcome, Resource, ScimError};

use super::asked::{counted, get, refusal};
use super::filters;
use crate::endpoints::console::pages::page::Page;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::rate;

/// Resources on a page that fit the first of its filters.
const ROWS: usize = 50;
/// Resources on a page that fit each of the filters after it.
const MORE: usize = 10;

/// Answers the search; a filter that is refused is shown with the reason.
///
/// # Errors
/// If the database fails.
pub(super) async fn show(page: &Page<'_>, kind: Kind) -> Result<Response, Failure> {
    page.asked.named(if kind == Kind::Users { "users" } else { "groups" });
    let query = page.asked.query();
    let search = query.get("q").unwrap_or_default().trim();
    let (title, section) = if kind == Kind::Users { ("Users", "users") } else { ("Groups", "groups") };
    let found = find(page, kind, search, query.get("cursor").unwrap_or_default());
    let (frame, found) = join(page.warned_frame(title, section), found).await;
    let (found, refusal) = match found {
        Ok(found) => (found, None),
        Err(failure) => ((None, None, Vec::new()), Some(refusal(page, failure)?)),
    };
    let (total, next, rows) = found;
    let shown = Resources {
        frame: frame?,
        kind,
        search: search.to_string(),
        problem: render::problem(refusal.as_ref()),
        total,
        rows,
        next,
    };
    render::page_after(refusal.as_ref(), &shown)
}

/// What was found: how many in all, the cursor of the next page, and the rows.
type Found = (Option<i64>, Option<String>, Vec<ResourceRow>);

async fn find(page: &Page<'_>, kind: Kind, search: &str, cursor: &str) -> Result<Found, Failure> {
    let context = page.asked.context;
    rate::check_rows(context, page.tenant)?;
    let filters = filters::of(kind, search);
    let (first, cursor) = place(cursor)?;
    let is_first = first == 0 && cursor.is_empty();
    // All are asked at once, so that the page needs one call of the database.
    let asked = filters.iter().enumerate().skip(first).map(|(at, filter)| {
        let (cursor, count) = if at == first { (cursor.as_str(), ROWS) } else { ("", MORE) };
        matches(page, kind, filter, (cursor, count))
    });
    // Of the first groups the members are counted in the same call; what is found by a search is known only after it.
    let is_list = kind == Kind::Groups && is_first && search.is_empty();
    let first_groups = async {
        match is_list {
            true => directory::first_groups(context.directory(), page.tenant, ROWS).await,
            false => Ok(Vec::new()),
        }
    };
    let (found, counts) = try_join(try_join_all(asked), first_groups).await?;
    let (mut resources, mut total, mut next) = (Vec::new(), Some(0), None);
    for (at, found) in (first..).zip(found) {
        total = total.zip(found.total).map(|(all, more)| all + more);
        resources.extend(found.resources);
        if let Some(more) = found.next_cursor {
            // What fits by the filters after this one comes on a later page.
            total = total.filter(|_| at + 1 == filters.len());
            next = Some(format!("{at}.{more}"));
            break;
        }
    }
    let total = total.filter(|_| is_first || filters.iter().all(String::is_empty));
    let rows = rows(page, kind, &resources, counts).await?;
    Ok((total.and_then(|total| i64::try_from(total).ok()), next, rows))
}

/// Parses a cursor: the place of a filter, and the cursor within what fits it.
fn place(cursor: &str) -> Result<(usize, String), ScimError> {
    if cursor.is_empty() {
        return Ok((0, String::new()));
    }
    let parts = cursor.split_once('.').and_then(|(at, cursor)| Some((at.parse().ok()?, cursor.to_string())));
    parts.ok_or_else(|| ScimError::new(400, "the cursor was not issued by this service"))
}

/// Reads a page of what fits one filter; an empty filter counts as none.
async fn matches(
    page: &Page<'_>,
    kind: Kind,
    filter: &str,
    (cursor, count): (&str, usize),
) -> Result<scim::Page, Failure> {
    let path = if kind == Kind::Users { "/Users" } else { "/Groups" };
    let count = count.to_string();
    let query =
        [("filter", filter), ("cursor", cursor), ("count", &count), ("excludedAttributes", "members,groups")];
    match get(page, path, &encode_form(&query)).await? {
        Outcome::Page(found) => Ok(found),
        _ => Err(Failure::corrupt("a search has found no page")),
    }
}

/// Returns the rows of a page. `counts` are groups whose members were counted already; those of others are counted now.
async fn rows(
    page: &Page<'_>,
    kind: Kind,
    resources: &[Resource],
    counts: Vec<(String, i64)>,
) -> Result<Vec<ResourceRow>, Failure> {
    let mut rows: Vec<ResourceRow> = resources.iter().map(|resource| row(kind, resource)).collect();
    if kind != Kind::Groups {
        return Ok(rows);
    }
    let mut counts: BTreeMap<String, i64> = counts.into_iter().collect();
    let left: Vec<&str> =
        rows.iter().map(|row| row.id.as_str()).filter(|id| !counts.contains_key(*id)).collect();
    if !left.is_empty() {
        let counted = directory::member_counts(page.asked.context.directory(), page.tenant, &left).await?;
        let left: Vec<String> = left.into_iter().map(str::to_string).collect();
        counts.extend(left.into_iter().zip(counted));
    }
    for row in &mut rows {
        row.members = counts.get(&row.id).map(|members| counted(*members, 0));
    }
    Ok(rows)
}

fn row(kind: Kind, resource: &Resource) -> ResourceRow {
    let document = &resource.document;
    let user_name = document.text("userName").map(str::to_string);
    let formatted = || document.0.get("name")?.get("formatted")?.as_str();
    let name = document.text("displayName").or_else(formatted).map(str::to_string);
    let is_active = || document.0.get("active").and_then(serde_json::Value::as_bool) != Some(false);
    ResourceRow {
        id: resource.id.clone(),
        name: name.or_else(|| user_name.clone()).unwrap_or_else(|| resource.id.clone()),
        user_name,
        is_active: (kind == Kind::Users).then(is_active),
        members: None,
        changed: resource.last_modified.0,
    }
}
