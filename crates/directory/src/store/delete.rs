//! Deleting a resource. Triggers delete what depends on the row; the groups that it was a member of are changed.

use database::{Batch, Failure, Key, Param, Params, Rows, Statement};
use scim::{Kind, Precondition};

use super::changes::{Log, Members, Of};
use super::precondition::{met, versions};
use super::{Effect, Write, record};
use crate::refusal::not_found;

/// A resource to delete.
pub(crate) struct Delete<'d> {
    pub kind: Kind,
    pub id: &'d str,
    pub precondition: &'d Precondition,
    /// The key to the version before.
    before: Option<Key>,
}

/// The row to delete.
const HERE: &str = "r.tenant = +?1 AND r.type = +?2 AND r.id = +?3";

impl<'d> Delete<'d> {
    pub(crate) fn new(kind: Kind, id: &'d str, precondition: &'d Precondition) -> Delete<'d> {
        Delete { kind, id, precondition, before: None }
    }

    fn params(&self, write: &Write<'_>) -> Vec<Param> {
        let resource = [write.context.tenant, self.kind.name(), self.id].map(Param::from);
        resource.into_iter().chain([versions(self.precondition)]).collect()
    }

    /// Logs the groups that the resource has left, the members that leave it, and its deletion.
    fn log_all(&self, write: &Write<'_>) -> Statement {
        let mut params = Params::default();
        for key in [write.context.tenant, self.kind.name(), self.id] {
            params.add(key);
        }
        params.add(versions(self.precondition));
        params.add(write.revision.as_str());
        let group = "memberships AS m CROSS JOIN resources AS r ON r.tenant = +?1 AND r.type = 'Group' AND r.id = m.group_id";
        let groups = Of {
            tables: group,
            conditions: "m.tenant = +?1 AND m.member_id = +?3 AND m.group_id <> ?3 AND r.revision = +?5",
        };
        let left = Members::Few { came: None, went: Some("SELECT ?3 AS id".to_string()) };
        let here = Of { tables: "resources AS r", conditions: &format!("{HERE} AND {}", met("+?4")) };
        let of_group =
            "SELECT m.member_id AS id FROM memberships AS m WHERE m.tenant = +?1 AND m.group_id = +?3";
        let leave = Members::Many { came: None, went: Some(of_group.to_string()) };
        let leave = self.kind.has_members().then_some(leave);
        let log = Log::new(write, params).updated(&groups, None, Some(&left)).deleted(&here, leave.as_ref());
        log.statement()
    }

    fn leave_groups(&self, write: &Write<'_>) -> Statement {
        let sql = format!(
            "UPDATE resources SET version = version + 1, revision = +?6, last_modified = +?5 \
             WHERE tenant = +?1 AND type = 'Group' AND id IN (\
             SELECT group_id FROM memberships WHERE tenant = +?1 AND member_id = +?3) \
             AND EXISTS (SELECT 1 FROM resources AS r WHERE {HERE} AND {})",
            met("+?4")
        );
        let mut params = self.params(write);
        params.extend([write.context.now.0.into(), write.revision.as_str().into()]);
        Statement::new(sql, params)
    }
}

impl Effect for Delete<'_> {
    type Answer = ();

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        self.before = Some(batch.add(record::select_version(write.context.tenant, self.kind, self.id)));
        batch.add(self.leave_groups(write));
        batch.add(self.log_all(write));
        let delete = format!("DELETE FROM resources AS r WHERE {HERE} AND {}", met("+?4"));
        batch.add(Statement::new(delete, self.params(write)));
    }

    fn log(&self, _: &mut Batch, _: &Write<'_>) {}

    fn write_memberships(&mut self, _: &mut Batch, _: &Write<'_>) {}

    fn read(&mut self, _: &mut Batch, _: &Write<'_>) {}

    fn answer(self, _: &Write<'_>, rows: &Rows) -> Result<(), Failure> {
        let before = rows.first(self.before).ok_or_else(|| not_found(self.kind, self.id))?;
        self.precondition.check(before.integer("version")?)?;
        Ok(())
    }
}
