//! One resource with its memberships, in one statement: what a GET, a PATCH and the match of an identity provider read.
//!
//! What lives here: that statement, and what its rows mean. What does not: pages (`search`), and a resource without its
//! memberships (`store::record`).

use database::{Database, Failure, Row, Statement};
use scim::{Kind, Resource, limits};

use crate::memberships::{self, Item, LIST};
use crate::store::record::{self, COLUMNS};

/// So many groups come with a user, as one text. Most users are in fewer, and a text of more could be longer than D1
/// allows.
const FEW: usize = 100;

/// Selects one resource. [`read`] parses the rows.
pub(crate) fn select(kind: Kind, tenant: &str, id: &str) -> Statement {
    let condition = format!("r.tenant = +?1 AND r.type = '{}' AND r.id = +?2", kind.name());
    Statement::new(select_where(kind, &condition), vec![tenant.into(), id.into()])
}

/// Returns SQL of the one resource `r` that meets the condition, which names the tenant `?1` and that type.
pub(crate) fn select_where(kind: Kind, condition: &str) -> String {
    let from = format!("FROM resources AS r WHERE {condition}");
    match kind.has_members() {
        true => format!(
            "SELECT {COLUMNS}, NULL AS list {from} UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, list FROM ({})",
            memberships::part(
                kind,
                &format!("(SELECT r.id {from})"),
                "> ''",
                &limits::PAGE_MEMBERSHIPS.to_string()
            )
        ),
        // The simpler, the better: it is the most frequent statement.
        false => format!(
            "SELECT {COLUMNS}, (WITH RECURSIVE {} SELECT {LIST} FROM (\
             SELECT up.id AS id, up.direct AS fact, {} AS display FROM up CROSS JOIN resources AS r \
             ON r.tenant = +?1 AND r.type = 'Group' AND r.id = up.id LIMIT {FEW})) AS list {from}",
            memberships::up("r.id"),
            memberships::display()
        ),
    }
}

/// Returns the resource in the rows of [`select`], with its memberships; None if the rows hold none. A user in many groups
/// costs one round trip more.
///
/// # Errors
/// If the database fails.
pub(crate) async fn read(
    database: &impl Database,
    tenant: &str,
    kind: Kind,
    rows: &[Row],
) -> Result<Option<Resource>, Failure> {
    let is_resource = |row: &&Row| row.optional_text("document").is_some();
    let Some(row) = rows.iter().find(is_resource) else { return Ok(None) };
    let mut resource = record::resource(row, kind)?;
    if kind.has_members() {
        memberships::attach(&mut resource, rows.iter().filter(|row| !is_resource(row)))?;
        return Ok(Some(resource));
    }
    let groups = memberships::items([row])?;
    if groups.len() < FEW {
        memberships::attach_items(&mut resource, each_once(groups));
    } else {
        let rows = database.query(vec![memberships::read_one(kind, tenant, &resource.id)]).await?;
        memberships::attach(&mut resource, rows.iter().flatten())?;
    }
    Ok(Some(resource))
}

/// Returns each group once, from groups in the order of their ids. A group in which the user is directly, and through another
/// group as well, is a direct one.
fn each_once(groups: Vec<Item>) -> Vec<Item> {
    let mut once: Vec<Item> = Vec::new();
    for group in groups {
        match once.last_mut() {
            Some(last) if last.0 == group.0 => last.1 = last.1.max(group.1),
            _ => once.push(group),
        }
    }
    once
}
