//! A whole directory as SCIM JSON, one resource a line: users and other types without members, then groups with
//! theirs. It is read a page at a time.
//!
//! A line is what a GET shows without what depends on the place and time: it has no `location`, `$ref`, `display` or
//! `groups`. A group with many members takes several lines, which differ only in `members`. The roles that a group gives are `meta.roles`.

use std::collections::BTreeMap;

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, Kind, Registry, Resource, ScimError, etag};
use serde_json::{Map, Value, json};

use crate::store::record::{self, COLUMNS};

/// Resources in a page.
const RESOURCES: i64 = 500;
/// Members in a page.
const MEMBERS: usize = 5_000;
/// Characters of documents in a page, without the last one of it.
const SIZE: i64 = 1_000_000;

/// A page of an export.
#[derive(Debug, PartialEq)]
pub struct Exported {
    /// JSON; each line has an end of line.
    pub lines: String,
    /// The cursor of the next page; None after the last.
    pub cursor: Option<String>,
}

/// Where a page begins: after a resource, or within it after one of its members.
struct ExportPosition {
    kind: Kind,
    id: String,
    /// The last member of the group `id` that was shown, if the group has more.
    member: Option<String>,
}

/// Returns the page after the cursor, or the first.
///
/// # Errors
/// 400 if it is not a cursor of an export.
pub async fn export(
    database: &impl Database,
    registry: &Registry,
    tenant: &str,
    cursor: Option<&str>,
) -> Result<Exported, Failure> {
    let position = match (cursor, registry.kinds().next()) {
        (Some(cursor), _) => ExportPosition::parse(registry, cursor)?,
        (None, Some(kind)) => ExportPosition::before(kind),
        (None, None) => return Ok(Exported { lines: String::new(), cursor: None }),
    };
    let mut batch = Batch::new();
    let (page, memberships) =
        (batch.add(resources(tenant, &position)), batch.add(members(tenant, &position)));
    let given = position.kind.has_members().then(|| batch.add(roles(tenant, &position)));
    let rows = batch.query(database).await?;
    let (page, memberships, given) = (rows.of(page), rows.of(memberships), rows.of(given));
    let more = match page.first() {
        Some(row) => row.integer("more")? == 1,
        None => false,
    };
    let kind = position.kind;
    if kind.has_members() {
        return groups(registry, &position, (page, more), memberships, given);
    }
    // One by one: as values, a page of documents takes many times the memory of its text.
    let line = |row: &Row| record::resource(row, kind).map(|found| line(registry, &found, Vec::new(), &[]));
    let lines = page.iter().map(line).collect::<Result<String, Failure>>()?;
    let next = match page.last() {
        Some(row) if more => Some(ExportPosition { kind, id: row.text("id")?.to_string(), member: None }),
        _ => kind.all().skip_while(|other| *other != kind).nth(1).map(ExportPosition::before),
    };
    Ok(Exported { lines, cursor: next.map(|next| next.to_cursor()) })
}

/// Returns the groups up to the one whose members no longer fit into the page.
fn groups(
    registry: &Registry,
    position: &ExportPosition,
    (found, more): (&[Row], bool),
    memberships: &[Row],
    given: &[Row],
) -> Result<Exported, Failure> {
    let mut by_group: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for row in memberships {
        let member = json!({"value": row.text("member_id")?, "type": row.text("member_type")?});
        by_group.entry(row.text("group_id")?).or_default().push(member);
    }
    let given = given.iter().map(|row| Ok((row.text("group_id")?, row.texts("roles")?)));
    let given = given.collect::<Result<BTreeMap<_, _>, Failure>>()?;
    let cut = match memberships.last() {
        Some(row) if memberships.len() >= MEMBERS => Some((row.text("group_id")?, row.text("member_id")?)),
        _ => None,
    };
    let mut lines = String::new();
    for row in found {
        let group = record::resource(row, position.kind)?;
        let members = by_group.remove(group.id.as_str()).unwrap_or_default();
        let continues = position.member.is_some() && group.id == position.id;
        if !members.is_empty() || !continues {
            let roles = given.get(group.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            lines.push_str(&line(registry, &group, members, roles));
        }
        if let Some((id, member)) = cut.filter(|(id, _)| *id == group.id) {
            let next = ExportPosition { kind: position.kind, id: id.into(), member: Some(member.into()) };
            return Ok(Exported { lines, cursor: Some(next.to_cursor()) });
        }
    }
    let next = |row: &Row| {
        let id = row.text("id")?.to_string();
        Ok::<_, Failure>(ExportPosition { kind: position.kind, id, member: None }.to_cursor())
    };
    Ok(Exported { lines, cursor: found.last().filter(|_| more).map(next).transpose()? })
}

/// Selects the resources after the position, or from it on if it is within a group: as many as fit into a page.
/// `more` says whether others follow.
fn resources(tenant: &str, position: &ExportPosition) -> Statement {
    let columns = "type, id, version, created, last_modified, document";
    let after = if position.member.is_some() { ">=" } else { ">" };
    let sql = format!(
        "WITH next AS (SELECT {COLUMNS} FROM resources AS r WHERE r.tenant = +?1 AND r.type = +?2 AND r.id {after} ?3 \
         ORDER BY r.id LIMIT +?4 + 1), \
         sized AS (SELECT {columns}, sum(length(document)) OVER (ORDER BY id) - length(document) AS before, \
         row_number() OVER (ORDER BY id) AS place FROM next), \
         page AS (SELECT * FROM sized WHERE before < ?5 AND place <= ?4) \
         SELECT {columns}, (SELECT count(*) FROM next) > (SELECT count(*) FROM page) AS more FROM page ORDER BY id"
    );
    let params = vec![
        tenant.into(),
        position.kind.name().into(),
        position.id.as_str().into(),
        RESOURCES.into(),
        SIZE.into(),
    ];
    Statement::new(sql, params)
}

fn members(tenant: &str, position: &ExportPosition) -> Statement {
    let after = match position.member {
        Some(_) => "(group_id, member_id) > (?2, ?3)",
        None => "group_id > ?2 AND ?3 IS NULL",
    };
    let sql = format!(
        "SELECT group_id, member_id, member_type FROM memberships WHERE tenant = +?1 AND {after} \
         ORDER BY group_id, member_id LIMIT +?4"
    );
    let most = match position.kind.has_members() {
        true => i64::try_from(MEMBERS).unwrap_or_default(),
        false => 0,
    };
    Statement::new(
        sql,
        vec![tenant.into(), position.id.as_str().into(), position.member.clone().into(), most.into()],
    )
}

/// Selects the roles that the groups of a page give. There are few of them in a tenant.
fn roles(tenant: &str, position: &ExportPosition) -> Statement {
    let sql = "SELECT group_id, json_group_array(role) AS roles FROM group_roles \
        WHERE tenant = +?1 AND group_id >= ?2 GROUP BY group_id ORDER BY group_id LIMIT +?3";
    Statement::new(sql, vec![tenant.into(), position.id.as_str().into(), (RESOURCES + 1).into()])
}

fn line(registry: &Registry, resource: &Resource, members: Vec<Value>, roles: &[String]) -> String {
    let of = registry.resource_type(resource.kind);
    let mut shown = Map::new();
    let schemas = std::iter::once(of.schema.id.as_str()).chain(resource.document.extensions(of));
    shown.insert("schemas".into(), schemas.collect());
    shown.insert("id".into(), resource.id.clone().into());
    shown.extend(resource.document.0.clone());
    if !members.is_empty() {
        shown.insert("members".into(), members.into());
    }
    let time = |instant: Instant| instant.to_rfc3339();
    let mut meta = json!({
        "resourceType": resource.kind.name(),
        "created": time(resource.created),
        "lastModified": time(resource.last_modified),
        "version": etag(resource.version),
    });
    // No client can store anything in `meta`: what stands there is the service's word.
    if let (false, Some(meta)) = (roles.is_empty(), meta.as_object_mut()) {
        meta.insert("roles".into(), roles.into());
    }
    shown.insert("meta".into(), meta);
    format!("{}\n", Value::Object(shown))
}

impl ExportPosition {
    fn to_cursor(&self) -> String {
        let member = self.member.as_deref().map(|member| format!("~{member}")).unwrap_or_default();
        format!("{}~{}{member}", self.kind.name(), self.id)
    }

    /// Returns the position before all resources of that type.
    fn before(kind: Kind) -> ExportPosition {
        ExportPosition { kind, id: String::new(), member: None }
    }

    fn parse(registry: &Registry, cursor: &str) -> Result<ExportPosition, ScimError> {
        let mut parts = cursor.splitn(3, '~');
        let kind = parts.next().and_then(|name| registry.kind(name));
        match (kind, parts.next(), parts.next()) {
            (Some(kind), Some(id), member) => {
                Ok(ExportPosition { kind, id: id.to_string(), member: member.map(str::to_string) })
            }
            _ => Err(ScimError::new(400, "the cursor was not issued by an export")),
        }
    }
}
