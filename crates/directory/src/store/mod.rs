//! The only place that writes resources, memberships, roles of groups, quotas and the change log. Readers of the log write tables of
//! their own elsewhere: `activity`, `edge`, `events` and `webhooks`.
//!
//! Two kinds of writes live here. What changes resources goes through [`commit`], which runs the statements of one write in one
//! transaction: an operation of a client, a bulk, or an import. Its effects have one file each (`create`, `rows`, `lines`, `update`,
//! `delete`). What the administration and the jobs do goes without it, as statements that the caller runs: they insert and update
//! no resource. These are `quotas`, `roles`, `erasure` of what the log says of a person, `emptying` for a tenant that is removed,
//! `guard`, which says in the log that too many users went, and `trimming` of the log.
//!
//! What they share: `changes` is the form of the log, `record` a document as columns, `members` the SQL that changes memberships,
//! `precondition` If-Match as SQL, and `quota` how much a tenant may hold. What does not live here: what an operation means
//! (`operations`, `bulk`, `transfer`), and reading.
//!
//! Every commit has an id of its own, its *revision*, and sets it in each row of `resources` that it inserts or
//! updates. So a later statement of the same transaction knows what the write has done: `WHERE revision = ?`.

mod changes;
mod create;
mod delete;
mod emptying;
mod erasure;
mod guard;
mod lines;
pub(crate) mod members;
mod precondition;
mod quota;
mod quotas;
pub(crate) mod record;
pub(crate) mod roles;
mod rows;
mod searchable;
mod trimming;
mod update;

use database::{Batch, Database, DatabaseError, Failure, Rows, Statement};
use scim::Resource;
use serde_json::Value;

use crate::Context;

pub use changes::LARGEST_SEQUENCE;
pub(crate) use create::Create;
pub(crate) use delete::Delete;
pub use emptying::{TABLES, empty};
pub(crate) use erasure::{ROWS, blank, count_rows, log_erasure};
pub use guard::set_guard_of_tenant;
pub(crate) use guard::{newest, say_mass_deprovisioning};
pub(crate) use lines::{Lines, Stored};
pub use quota::Quota;
pub(crate) use quotas::read_usage;
pub use quotas::{QuotaChanges, Usage, recount, set_quotas_of_tenant, usage};
pub(crate) use record::Record;
pub(crate) use rows::{Inserted, NewRow, NewRows};
pub(crate) use trimming::{GREATEST, trim};
pub(crate) use update::Update;

/// The result of a write that was not refused.
pub(crate) enum Commit {
    /// The resource is as the request wants it, with the parts of it that the request needs.
    Done { version: i64, resource: Option<Box<Resource>> },
    /// Another request wrote first.
    Conflict,
}

/// Which parts of the resource are read after the write.
#[derive(Default, Clone, Copy)]
pub(crate) struct Returns {
    pub resource: bool,
    pub members: bool,
}

/// Whether effects that are committed together depend on one another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    /// Each is done or refused by itself.
    Each,
    /// If one of them is not created, those that were created are deleted again.
    AllOrNone,
}

/// The tenant, the time and the revision with which one commit writes.
pub(crate) struct Write<'w> {
    pub context: &'w Context<'w>,
    pub revision: String,
}

/// A change of the directory: its statements, and the meaning of their rows. The statements of all effects of a
/// commit run in the order of these functions. A document moves into its statement: many writes may wait for the
/// database at once.
pub(crate) trait Effect {
    /// The result of the effect.
    type Answer;

    /// Adds the statements that write rows of `resources`, and those whose result must be known before that.
    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>);

    /// Adds the statements that write the rows of the change log, unless `write_resources` has added them.
    fn log(&self, batch: &mut Batch, write: &Write<'_>);

    /// Adds the statements that write rows of `memberships`, each followed by one that counts them.
    fn write_memberships(&mut self, batch: &mut Batch, write: &Write<'_>);

    /// Adds the statements that read after everything is written.
    fn read(&mut self, batch: &mut Batch, write: &Write<'_>);

    /// Returns the result that the rows show.
    ///
    /// # Errors
    /// The refusal of the request, if it was not done.
    fn answer(self, write: &Write<'_>, rows: &Rows) -> Result<Self::Answer, Failure>;

    /// Returns the id of the resource that it creates, if it creates one.
    fn creates(&self) -> Option<&str> {
        None
    }
}

/// Writes in one transaction and one round trip. Returns the result of each effect.
///
/// # Errors
/// The errors of the database. As far as is known, nothing took effect then.
pub(crate) async fn commit<E: Effect>(
    database: &impl Database,
    context: &Context<'_>,
    mut effects: Vec<E>,
    together: Together,
) -> Result<Vec<Result<E::Answer, Failure>>, DatabaseError> {
    let write = Write { context, revision: (context.new_revision)() };
    let mut batch = Batch::new();
    effects.iter_mut().for_each(|effect| effect.write_resources(&mut batch, &write));
    if together == Together::AllOrNone {
        batch.add(take_back(&write, effects.iter().filter_map(Effect::creates).collect()));
    }
    effects.iter().for_each(|effect| effect.log(&mut batch, &write));
    effects.iter_mut().for_each(|effect| effect.write_memberships(&mut batch, &write));
    effects.iter_mut().for_each(|effect| effect.read(&mut batch, &write));
    let rows = batch.run(database).await?;
    Ok(effects.into_iter().map(|effect| effect.answer(&write, &rows)).collect())
}

/// Writes one effect.
///
/// # Errors
/// The refusal of the request, or the errors of the database.
pub(crate) async fn commit_one<E: Effect>(
    database: &impl Database,
    context: &Context<'_>,
    effect: E,
) -> Result<E::Answer, Failure> {
    let answer = commit(database, context, vec![effect], Together::Each).await?.pop();
    answer.unwrap_or_else(|| Err(Failure::corrupt("a write has no answer")))
}

/// Deletes the groups that this write created if it did not create all of them.
fn take_back(write: &Write<'_>, ids: Vec<&str>) -> Statement {
    let these =
        "tenant = +?1 AND type = 'Group' AND id IN (SELECT value FROM json_each(?2)) AND revision = +?4";
    let sql = format!(
        "DELETE FROM resources WHERE {these} AND (SELECT count(*) FROM resources WHERE {these}) < ?3"
    );
    let count = i64::try_from(ids.len()).unwrap_or_default();
    let ids = Value::from_iter(ids).to_string();
    let params = vec![write.context.tenant.into(), ids.into(), count.into(), write.revision.as_str().into()];
    Statement::new(sql, params)
}
