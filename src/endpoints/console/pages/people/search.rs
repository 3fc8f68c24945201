//! The search of users, or of groups, by what a person enters: the beginning of a name or of an e-mail address, an id, or a filter of SCIM.

use console::{Kind, ResourceRow, Resources};
use database::Failure;
use oauth::encode_form;
use scim::{Outcome, Resource};

use super::asked::{counted, get, refusal};
use crate::endpoints::console::pages::page::Page;
use crate::endpoints::console::render;
use crate::http::Response;
use crate::rate;

/// Resources on a page.
const ROWS: &str = "50";
/// Operators of a filter between an attribute and a value.
const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// Answers the search; a filter that is refused is shown with the reason.
///
/// # Errors
/// Those of the database.
pub(super) async fn show(page: &Page<'_>, kind: Kind) -> Result<Response, Failure> {
    page.asked.named(if kind == Kind::Users { "users" } else { "groups" });
    let query = page.asked.query();
    let search = query.get("q").unwrap_or_default().trim();
    let found = find(page, kind, search, query.get("cursor").unwrap_or_default()).await;
    let (found, refusal) = match found {
        Ok(found) => (found, None),
        Err(failure) => (None, Some(refusal(page, failure)?)),
    };
    let (title, section) = if kind == Kind::Users { ("Users", "users") } else { ("Groups", "groups") };
    let (total, next, rows) = found.unwrap_or_default();
    let shown = Resources {
        frame: page.frame(title, section),
        kind,
        search: search.to_string(),
        problem: refusal.as_ref().map(|refusal| render::sentence(&refusal.detail)),
        total: total.filter(|_| refusal.is_none()),
        rows,
        next,
    };
    render::page(refusal.map_or(200, |refusal| refusal.status), &shown)
}

/// What was found: how many in all, the cursor of the next page, and the rows.
type Found = (Option<i64>, Option<String>, Vec<ResourceRow>);

async fn find(page: &Page<'_>, kind: Kind, search: &str, cursor: &str) -> Result<Option<Found>, Failure> {
    let context = page.asked.context;
    rate::check_rows(context, page.tenant)?;
    rate::meter(context, page.tenant);
    let filter = filter(kind, search);
    let mut parameters = vec![("cursor", cursor), ("count", ROWS), ("excludedAttributes", "members,groups")];
    parameters.extend(filter.as_deref().map(|filter| ("filter", filter)));
    let path = if kind == Kind::Users { "/Users" } else { "/Groups" };
    let Outcome::Page(found) = get(page, path, &encode_form(&parameters)).await? else { return Ok(None) };
    let mut rows: Vec<ResourceRow> = found.resources.iter().map(|resource| row(kind, resource)).collect();
    if kind == Kind::Groups && !rows.is_empty() {
        let ids: Vec<&str> = found.resources.iter().map(|group| group.id.as_str()).collect();
        let counts = directory::member_counts(context.directory(), page.tenant, &ids).await?;
        for (row, members) in rows.iter_mut().zip(counts) {
            row.members = Some(counted(members, 0));
        }
    }
    let total = found.total.and_then(|total| i64::try_from(total).ok());
    Ok(Some((total, found.next_cursor, rows)))
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

/// Returns the filter that a search means; None if it is empty. All attributes of one for a plain text have an index.
fn filter(kind: Kind, search: &str) -> Option<String> {
    if search.is_empty() || is_filter(search) {
        return Some(search.to_string()).filter(|search| !search.is_empty());
    }
    let text = serde_json::Value::from(search);
    Some(match kind {
        Kind::Users => format!(
            "userName sw {text} or displayName sw {text} or emails.value sw {text} or externalId eq {text} or id eq {text}"
        ),
        Kind::Groups => format!("displayName sw {text} or externalId eq {text} or id eq {text}"),
    })
}

/// Returns whether a text is meant as a filter: it has quotation marks, an operator before a value, or `pr` after an attribute. A name such as
/// `Marine Le Pen` is none.
fn is_filter(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_value = |word: &str| {
        let word = word.trim_end_matches([')', ']']);
        ["true", "false", "null"].contains(&word) || word.parse::<f64>().is_ok()
    };
    let is = |word: &str, operator: &str| word.eq_ignore_ascii_case(operator);
    let compares = words.windows(3).any(|three| match three {
        [_, operator, value] => OPERATORS.iter().any(|each| is(operator, each)) && is_value(value),
        _ => false,
    });
    let is_present = match words.as_slice() {
        [_, pr] => is(pr.trim_end_matches(')'), "pr"),
        [_, pr, and, ..] => is(pr, "pr") && (is(and, "and") || is(and, "or")),
        _ => false,
    };
    text.contains('"') || compares || is_present
}

#[cfg(test)]
mod tests {
    use console::Kind;

    use super::{filter, is_filter};

    #[test]
    fn a_filter_is_told_from_a_name() {
        for text in [
            "userName eq \"ada\"",
            "userName qe \"ada\"",
            "active eq false",
            "not (active eq true)",
            "title pr",
            "title pr and active eq true",
            "meta.version gt 5",
        ] {
            assert!(is_filter(text), "{text}");
        }
        for text in ["ada", "Ada Lovelace", "Marine Le Pen", "O'Neill", "ada@acme.example", "Sales (EMEA)"] {
            assert!(!is_filter(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_quoted_as_json() {
        assert_eq!(filter(Kind::Users, ""), None);
        let groups = filter(Kind::Groups, "a\\b").unwrap();
        assert_eq!(groups, r#"displayName sw "a\\b" or externalId eq "a\\b" or id eq "a\\b""#);
    }
}
