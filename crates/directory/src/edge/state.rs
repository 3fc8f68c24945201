//! How far the copy of a tenant is, and who may write it: the table `edge`.

use database::{Batch, Database, Failure, Param, Row, Statement};
use scim::Instant;
use serde::{Deserialize, Serialize};

use crate::change_log::LATEST;

/// Milliseconds for which a holder may write the copy after it last said that it still works.
const LEASE: i64 = 60_000;
/// The most changes that are counted to say how far a copy is behind.
const MOST_BEHIND: i64 = 10_000;

const COLUMNS: &str = "is_on, sequence, todo, filling, since, clearing, written";

/// Users whose groups have changed, still to be written: members of groups whose own memberships have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// The ids of members that came to a group or went from one: users, groups, and what is there no more.
    pub members: Vec<String>,
    /// The groups among them, and those that are found in these. Each is there once, so that a cycle ends.
    pub groups: Vec<String>,
    /// How many of the groups are done.
    pub done: usize,
    /// The member of the next group up to which it is done.
    pub after: String,
}

impl Todo {
    /// Returns whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.members.is_empty() && self.done >= self.groups.len()
    }

    /// Adds a group, unless it is there.
    pub fn add_group(&mut self, id: String) {
        if !self.groups.contains(&id) {
            self.groups.push(id);
        }
    }
}

/// How far the copy of a tenant is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Whether the tenant has a copy.
    pub is_on: bool,
    /// The change log was taken up to here.
    pub sequence: i64,
    /// What is left of the changes up to there.
    pub todo: Todo,
    /// The place within the directory up to which the copy was filled; None: all of it.
    pub filling: Option<String>,
    /// The sequence at which filling began.
    pub since: i64,
    /// The place up to which the copy was removed; None if it is not being removed.
    pub clearing: Option<String>,
    /// When the copy was last written.
    pub written: Instant,
}

/// What an administrator is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// How far it is.
    pub progress: Progress,
    /// Changes that are not in the copy: at most 10,000 are counted.
    pub behind: i64,
    /// When the copy last had all changes.
    pub caught_up: Option<Instant>,
}

/// Returns the statement that gives a tenant a copy, unless it must stay in a region. One that has a copy keeps it.
pub fn turn_on(tenant: &str, now: Instant) -> Statement {
    let sql = format!(
        "INSERT INTO edge (tenant, is_on, sequence, filling, since, written, held_until) \
         SELECT ?1, 1, {LATEST}, '', {LATEST}, ?2, 0 \
         WHERE NOT EXISTS (SELECT 1 FROM tenants WHERE id = +?1 AND residency IS NOT NULL) \
         ON CONFLICT (tenant) DO UPDATE SET is_on = 1"
    );
    Statement::new(sql, vec![tenant.into(), now.0.into()])
}

/// Returns the statement that begins to remove the copy of a tenant.
pub fn turn_off(tenant: &str) -> Statement {
    Statement::new(format!("{OFF} WHERE tenant = +?1"), vec![tenant.into()])
}

/// Returns the statement that begins to remove the copy of a tenant that must stay in a region.
pub fn restrict(tenant: &str) -> Statement {
    let must = "EXISTS (SELECT 1 FROM tenants WHERE id = +?1 AND residency IS NOT NULL)";
    Statement::new(format!("{OFF} WHERE tenant = +?1 AND {must}"), vec![tenant.into()])
}

const OFF: &str = "UPDATE edge SET is_on = 0, clearing = coalesce(clearing, ''), todo = NULL, filling = NULL";

/// Begins to write the whole copy again. Returns whether the tenant has one.
///
/// # Errors
/// If the database fails.
pub async fn rebuild(database: &impl Database, tenant: &str) -> Result<bool, Failure> {
    let sql = format!(
        "UPDATE edge SET filling = '', since = {LATEST} WHERE tenant = +?1 AND is_on = 1 RETURNING is_on"
    );
    Ok(database.run_for_one(vec![Statement::new(sql, vec![tenant.into()])]).await?.is_some())
}

/// Returns whether readers may use the copy of a tenant; None if it has none, in whatever state.
///
/// # Errors
/// If the database fails.
pub async fn state_of(database: &impl Database, tenant: &str) -> Result<Option<bool>, Failure> {
    let sql = "SELECT is_on = 1 AND clearing IS NULL AS usable FROM edge WHERE tenant = +?1";
    let row = database.query_one(Statement::new(sql, vec![tenant.into()])).await?;
    row.map(|row| Ok(row.integer("usable")? == 1)).transpose()
}

/// Returns how far the copy of a tenant is; None if it has none, and nothing of it is left.
///
/// # Errors
/// If the database fails.
pub async fn status(database: &impl Database, tenant: &str) -> Result<Option<Status>, Failure> {
    database.query_one(select_status(tenant)).await?.as_ref().map(read_status).transpose()
}

/// Returns the statement that selects how far the copy of a tenant is; no row if it has none.
pub(crate) fn select_status(tenant: &str) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS}, caught_up, (SELECT count(*) FROM (SELECT 1 FROM changes WHERE tenant = +?1 \
         AND seq > edge.sequence LIMIT +?2)) AS behind FROM edge WHERE tenant = +?1"
    );
    Statement::new(sql, vec![tenant.into(), MOST_BEHIND.into()])
}

/// Reads the row of [`select_status`].
pub(crate) fn read_status(row: &Row) -> Result<Status, Failure> {
    Ok(Status {
        progress: progress(row)?,
        behind: row.integer("behind")?,
        caught_up: row.optional_integer("caught_up")?.map(Instant),
    })
}

/// Returns the tenants whose copy is not as it should be and is not being written: those first that were not worked on for the
/// longest time.
///
/// # Errors
/// If the database fails.
pub async fn due(database: &impl Database, now: Instant, most: i64) -> Result<Vec<String>, Failure> {
    let sql = "SELECT tenant FROM edge WHERE held_until <= ?1 AND (clearing IS NOT NULL OR filling IS NOT NULL \
        OR todo IS NOT NULL OR EXISTS (SELECT 1 FROM changes AS c WHERE c.tenant = edge.tenant AND c.seq > edge.sequence)) \
        ORDER BY held_until LIMIT +?2";
    let mut batch = Batch::new();
    let due = batch.add(Statement::new(sql, vec![now.0.into(), most.into()]));
    let rows = batch.query(database).await?;
    rows.of(due).iter().map(|row| Ok(row.text("tenant")?.to_string())).collect()
}

/// Takes the lease of a tenant's copy; None if there is no copy, or another one writes it.
///
/// # Errors
/// If the database fails.
pub async fn acquire(
    database: &impl Database,
    tenant: &str,
    holder: &str,
    now: Instant,
) -> Result<Option<Progress>, Failure> {
    let sql = format!(
        "UPDATE edge SET holder = +?2, held_until = +?3 + ?4 \
         WHERE tenant = +?1 AND (holder IS NULL OR holder = +?2 OR held_until <= ?3) RETURNING {COLUMNS}"
    );
    let params = vec![tenant.into(), holder.into(), now.0.into(), LEASE.into()];
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    row.as_ref().map(progress).transpose()
}

/// Saves progress and keeps the lease. Returns false if another holder has taken it: then what was written since `before` may
/// have replaced something newer, and is done again.
///
/// A copy that was switched off meanwhile stays off: `is_on` and the beginning of its removal are not overwritten.
///
/// # Errors
/// If the database fails.
pub async fn save(
    database: &impl Database,
    (tenant, holder): (&str, &str),
    before: &Progress,
    after: &Progress,
    now: Instant,
) -> Result<bool, Failure> {
    let kept = "UPDATE edge SET sequence = +?3, todo = CASE WHEN is_on THEN ?4 END, \
        filling = CASE WHEN NOT is_on THEN NULL WHEN filling = '' AND ?10 THEN '' ELSE ?5 END, \
        since = CASE WHEN filling = '' AND ?10 THEN since ELSE ?6 END, \
        clearing = CASE WHEN ?11 AND clearing IS NOT NULL THEN clearing ELSE ?7 END, \
        written = +?8, held_until = +?9 WHERE tenant = +?1 AND holder = +?2 RETURNING 1 AS kept";
    let todo = (!after.todo.is_done()).then(|| serde_json::to_string(&after.todo).unwrap_or_default());
    // What an administrator has begun meanwhile: to fill anew, to remove.
    let (began_filling, began_clearing) = (before.filling.as_deref() != Some(""), before.clearing.is_none());
    let params: Vec<Param> = vec![
        tenant.into(),
        holder.into(),
        after.sequence.into(),
        todo.into(),
        after.filling.clone().into(),
        after.since.into(),
        after.clearing.clone().into(),
        after.written.0.into(),
        now.0.saturating_add(LEASE).into(),
        i64::from(began_filling).into(),
        i64::from(began_clearing).into(),
    ];
    // A copy that is being filled may be filled twice: places ascend.
    let back = "UPDATE edge SET sequence = min(sequence, ?3), todo = NULL, \
        filling = CASE WHEN ?4 IS NULL THEN filling ELSE min(coalesce(filling, ?4), ?4) END \
        WHERE tenant = +?1 AND holder IS NOT +?2 AND is_on = 1";
    let back_params =
        vec![tenant.into(), holder.into(), before.sequence.into(), before.filling.clone().into()];
    let mut batch = Batch::new();
    let kept = batch.add(Statement::new(kept, params));
    batch.add(Statement::new(back, back_params));
    Ok(batch.run(database).await?.first(kept).is_some())
}

/// Gives the lease back. Returns whether there are changes after the sequence.
///
/// # Errors
/// If the database fails.
pub async fn release(
    database: &impl Database,
    tenant: &str,
    holder: &str,
    is_caught_up: bool,
    now: Instant,
) -> Result<bool, Failure> {
    let sql = "UPDATE edge SET holder = NULL, held_until = +?3, caught_up = iif(?4 = 1, ?3, caught_up) \
        WHERE tenant = +?1 AND holder = +?2 \
        RETURNING EXISTS (SELECT 1 FROM changes AS c WHERE c.tenant = +?1 AND c.seq > sequence) AS more";
    let params = vec![tenant.into(), holder.into(), now.0.into(), i64::from(is_caught_up).into()];
    match database.run_for_one(vec![Statement::new(sql, params)]).await? {
        Some(row) => Ok(row.integer("more")? == 1),
        None => Ok(false),
    }
}

/// Notes that nothing of the copy is left: the row goes, unless the copy was switched on again meanwhile. Then it is filled.
///
/// # Errors
/// If the database fails.
pub async fn cleared(database: &impl Database, tenant: &str, holder: &str) -> Result<(), Failure> {
    let gone = "DELETE FROM edge WHERE tenant = +?1 AND holder = +?2 AND is_on = 0";
    let again = format!(
        "UPDATE edge SET clearing = NULL, filling = '', sequence = {LATEST}, since = {LATEST} \
         WHERE tenant = +?1 AND holder = +?2 AND is_on = 1"
    );
    let params = || vec![tenant.into(), holder.into()];
    database.run(vec![Statement::new(gone, params()), Statement::new(again, params())]).await?;
    Ok(())
}

fn progress(row: &Row) -> Result<Progress, Failure> {
    let todo = row.optional_text("todo").map(serde_json::from_str).transpose();
    Ok(Progress {
        is_on: row.integer("is_on")? == 1,
        sequence: row.integer("sequence")?,
        todo: todo.map_err(|_| Failure::corrupt("column `todo` holds no list"))?.unwrap_or_default(),
        filling: row.optional_text("filling").map(str::to_string),
        since: row.integer("since")?,
        clearing: row.optional_text("clearing").map(str::to_string),
        written: Instant(row.integer("written")?),
    })
}
