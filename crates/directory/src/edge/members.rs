//! The members of a group, page by page: who is affected if the group itself comes to another group, or goes from it.

use database::{Batch, Database, Failure, Statement};

/// A page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembersPage {
    /// Users among them.
    pub users: Vec<String>,
    /// Groups among them.
    pub groups: Vec<String>,
    /// The last of them; None if no more follow.
    pub last: Option<String>,
}

/// Returns the members of a group after that one, in the order of their ids.
///
/// # Errors
/// If the database fails.
pub async fn members_of_group(
    database: &impl Database,
    tenant: &str,
    group: &str,
    after: &str,
    most: usize,
) -> Result<MembersPage, Failure> {
    let sql = "SELECT member_id AS id, member_type AS type FROM memberships \
        WHERE tenant = +?1 AND group_id = +?2 AND member_id > ?3 ORDER BY member_id LIMIT +?4";
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut batch = Batch::new();
    let params = vec![tenant.into(), group.into(), after.into(), limit.into()];
    let members = batch.add(Statement::new(sql, params));
    let rows = batch.query(database).await?;
    let mut page = MembersPage { users: Vec::new(), groups: Vec::new(), last: None };
    for row in rows.of(members) {
        let id = row.text("id")?.to_string();
        if rows.of(members).len() == most {
            page.last = Some(id.clone());
        }
        match row.text("type")? {
            "User" => page.users.push(id),
            "Group" => page.groups.push(id),
            _ => {}
        }
    }
    Ok(page)
}
