//! Whom a part of the log is about: users who changed, and users who came into groups and left them, directly or through other groups.

use std::collections::BTreeSet;

use database::{Batch, Database, Failure, Row, Statement};
use serde_json::Value;

use super::EdgeCopy;

/// Users in one part.
const PART: usize = 80;
/// Rows of the log that are looked at for one.
const ROWS: i64 = 80;

/// A part of the log, and whom it is about.
#[derive(Debug, Default, PartialEq)]
pub struct Affected {
    /// The ids of users whose copies must be written anew.
    pub users: BTreeSet<String>,
    /// Names and external ids that users had before: `(attribute, value)`.
    pub former: BTreeSet<(String, String)>,
    /// Whether names of groups have changed.
    pub groups: bool,
    /// The last row that is covered whole.
    pub sequence: i64,
    /// The last user of the next row that is covered, if that has more.
    pub within: Option<String>,
    /// Whether there may be more.
    pub more: bool,
}

/// Returns whom the rows after the place of the copy are about.
///
/// # Errors
/// Those of the database.
pub async fn affected(database: &impl Database, tenant: &str, copy: &EdgeCopy) -> Result<Affected, Failure> {
    let mut affected =
        Affected { sequence: copy.sequence, within: copy.within.clone(), ..Affected::default() };
    let rows = rows(database, tenant, copy.sequence).await?;
    affected.more = i64::try_from(rows.len()).is_ok_and(|count| count == ROWS);
    for row in &rows {
        if affected.users.len() >= PART {
            affected.more = true;
            break;
        }
        affected.add(row)?;
        if row.integer("has_members")? == 1 {
            let after = affected.within.take().unwrap_or_default();
            let most = PART.saturating_sub(affected.users.len()).max(1);
            let below = below(database, tenant, row.integer("seq")?, &after, most).await?;
            let is_cut = below.len() == most;
            let last = below.last().cloned();
            affected.users.extend(below);
            if is_cut {
                affected.within = last;
                affected.more = true;
                break;
            }
        }
        affected.within = None;
        affected.sequence = row.integer("seq")?;
    }
    Ok(affected)
}

impl Affected {
    fn add(&mut self, row: &Row) -> Result<(), Failure> {
        match row.text("resource_type")? {
            "User" => {
                self.users.insert(row.text("resource_id")?.to_string());
            }
            "Group" if row.integer("is_named")? == 1 => self.groups = true,
            _ => {}
        }
        let former = row.optional_text("former").and_then(|text| serde_json::from_str::<Value>(text).ok());
        for pair in former.iter().filter_map(Value::as_array).flatten() {
            let part = |place: usize| pair.get(place).and_then(Value::as_str).map(str::to_string);
            self.former.extend(part(0).zip(part(1)));
        }
        Ok(())
    }
}

/// Reads what matters of rows of the log, and not what they hold of people besides.
async fn rows(database: &impl Database, tenant: &str, after: i64) -> Result<Vec<Row>, Failure> {
    let sql = "SELECT seq, resource_type, resource_id, \
        (change->'$.came' IS NOT NULL OR change->'$.went' IS NOT NULL) AS has_members, \
        (change->>'$.op' <> 'updated' OR instr(change, '\"path\":\"displayName\"') > 0) AS is_named, \
        CASE WHEN resource_type <> 'User' THEN NULL WHEN change->>'$.op' = 'deleted' THEN \
        json_array(json_array('userName', change->>'$.document.userName'), json_array('externalId', change->>'$.document.externalId')) \
        ELSE (SELECT json_group_array(json_array(c.value->>'path', c.value->>'old')) FROM json_each(change, '$.changes') AS c \
        WHERE c.value->>'path' IN ('userName', 'externalId')) END AS former \
        FROM changes WHERE tenant = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let params = vec![tenant.into(), after.into(), ROWS.into()];
    Ok(database.query(vec![Statement::new(sql, params)]).await?.pop().unwrap_or_default())
}

/// Returns users who came or went by that row, or who are in groups that did, after that id and in the order of ids.
async fn below(
    database: &impl Database,
    tenant: &str,
    sequence: i64,
    after: &str,
    most: usize,
) -> Result<Vec<String>, Failure> {
    let sql = "WITH RECURSIVE down (id) AS (\
        SELECT member.value FROM changes AS c, json_each(json_array(c.change->'$.came', c.change->'$.went')) AS list, \
        json_each(list.value) AS member WHERE c.seq = ?2 \
        UNION SELECT m.member_id FROM down CROSS JOIN memberships AS m ON m.tenant = ?1 AND m.group_id = down.id) \
        SELECT r.id FROM down CROSS JOIN resources AS r ON r.tenant = ?1 AND r.type = 'User' AND r.id = down.id \
        WHERE r.id > ?3 ORDER BY r.id LIMIT ?4";
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let params = vec![tenant.into(), sequence.into(), after.into(), limit.into()];
    ids(database, Statement::new(sql, params)).await
}

/// Returns the ids of users after that one, and whether there are more.
///
/// # Errors
/// Those of the database.
pub async fn all_users(
    database: &impl Database,
    tenant: &str,
    after: &str,
) -> Result<(Vec<String>, bool), Failure> {
    let sql = "SELECT id FROM resources WHERE tenant = ?1 AND type = 'User' AND id > ?2 ORDER BY id LIMIT ?3";
    let limit = i64::try_from(PART).unwrap_or(i64::MAX);
    let ids = ids(database, Statement::new(sql, vec![tenant.into(), after.into(), limit.into()])).await?;
    let more = ids.len() == PART;
    Ok((ids, more))
}

async fn ids(database: &impl Database, statement: Statement) -> Result<Vec<String>, Failure> {
    let mut batch = Batch::new();
    let found = batch.add(statement);
    let rows = batch.query(database).await?;
    rows.of(found).iter().map(|row| row.text("id").map(str::to_string)).collect()
}
