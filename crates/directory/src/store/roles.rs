//! Mapping a group to a role, and taking that back: the statements that write, each followed by the one that logs it. The group itself stays as it
//! is, with its version: a role is the application's, and not an attribute that a client stores. `crate::roles` says what is asked for.

use database::{Params, Statement};

use super::changes::{Entry, Log, Of, RESOURCE};
use crate::Context;

/// The mappings that a tenant may have.
pub(crate) const MOST: i64 = 1_000;

/// A mapping to write.
pub(crate) struct NewMapping<'m> {
    /// The id of the group.
    pub group: &'m str,
    pub role: &'m str,
    pub id: &'m str,
    pub maker: &'m str,
}

/// Returns SQL of the id of the group of the tenant `?1` whose id is `id`, or else whose name is `name` as the directory compares it.
pub(crate) fn group(id: &str, name: &str) -> String {
    let of = "SELECT id FROM resources WHERE tenant = +?1 AND type = 'Group' AND";
    format!("coalesce(({of} id = {id}), ({of} unique_key = {name}))")
}

/// Maps a group to a role, unless it is mapped to it, is not there, or the tenant has too many mappings; and logs it.
pub(crate) fn map(context: &Context<'_>, new: &NewMapping<'_>) -> [Statement; 2] {
    let insert = format!(
        "INSERT INTO group_roles (tenant, group_id, role, id, created, maker) \
         SELECT ?1, r.id, ?3, ?4, ?5, ?6 FROM resources AS r WHERE r.tenant = +?1 AND r.type = 'Group' AND r.id = +?2 \
         AND (SELECT count(*) FROM group_roles WHERE tenant = +?1) < {MOST} ON CONFLICT DO NOTHING"
    );
    let params = vec![
        context.tenant.into(),
        new.group.into(),
        new.role.into(),
        new.id.into(),
        context.now.0.into(),
        new.maker.into(),
    ];
    [Statement::new(insert, params), log(context, "gave", new.id)]
}

/// Logs that a mapping ends, and ends it.
pub(crate) fn unmap(context: &Context<'_>, id: &str) -> [Statement; 2] {
    let delete = "DELETE FROM group_roles WHERE tenant = +?1 AND id = +?2";
    [log(context, "took", id), Statement::new(delete, vec![context.tenant.into(), id.into()])]
}

/// Logs what became of the mapping with that id, if it is there.
fn log(context: &Context<'_>, what: &str, id: &str) -> Statement {
    let mut params = Params::default();
    let (tenant, id) = (params.add(context.tenant), params.add(id));
    let change = format!("json_object('op', 'roles', {RESOURCE}, '{what}', json_array(g.role))");
    let entry = Entry { resource_type: "r.type", resource_id: "r.id", version: "r.version", change: &change };
    let tables = format!(
        "group_roles AS g CROSS JOIN resources AS r ON r.tenant = {tenant} AND r.type = 'Group' AND r.id = g.group_id"
    );
    let conditions = format!("g.tenant = {tenant} AND g.id = {id}");
    Log::by(context, params).entries(&entry, &Of { tables: &tables, conditions: &conditions }).statement()
}
