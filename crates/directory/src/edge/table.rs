//! The state of copies. One holder of a lease copies at a time, since the store has no compare-and-set.

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Instant, ScimError};

/// Milliseconds for which a claim holds, unless it is renewed.
const LEASE: i64 = 60_000;

/// Whether a tenant has a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeState {
    /// It has none.
    Off,
    /// It has one.
    On,
    /// It has none any more, and what is left of it is being deleted.
    Removing,
}

impl EdgeState {
    /// Returns the name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            EdgeState::Off => "off",
            EdgeState::On => "on",
            EdgeState::Removing => "removing",
        }
    }

    fn from_name(name: &str) -> Result<EdgeState, Failure> {
        let all = [EdgeState::Off, EdgeState::On, EdgeState::Removing];
        let found = all.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| Failure::Corrupt(format!("`{name}` is not a state of a copy")))
    }
}

/// The copy of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeCopy {
    /// Whether there is one.
    pub state: EdgeState,
    /// Where the tenant's data must stay, if that was said.
    pub residency: Option<String>,
    /// The last row of the log that was copied whole.
    pub sequence: i64,
    /// The last user that was copied of those whom the next row is about.
    pub within: Option<String>,
    /// How far the copying of everything has come, if it is under way.
    pub rebuild: Option<String>,
    /// When a part was last copied.
    pub copied: Option<Instant>,
    /// How many rows of the log are not copied, counted up to a bound.
    pub behind: i64,
}

const BEHIND: &str = "(SELECT count(*) FROM (SELECT 1 FROM changes AS c WHERE c.tenant = e.tenant AND c.seq > e.sequence \
    LIMIT 10000)) AS behind";
const COLUMNS: &str = "e.state, e.residency, e.sequence, e.within, e.rebuild, e.copied";
/// SQL of whether there is something to do for the copy `e`.
const IS_DUE: &str = "(e.state = 'removing' OR e.state = 'on' AND (e.rebuild IS NOT NULL \
    OR EXISTS (SELECT 1 FROM changes AS c WHERE c.tenant = e.tenant AND c.seq > e.sequence)))";

fn read(row: &Row) -> Result<EdgeCopy, Failure> {
    let text = |column: &str| row.optional_text(column).map(str::to_string);
    Ok(EdgeCopy {
        state: EdgeState::from_name(row.text("state")?)?,
        residency: text("residency"),
        sequence: row.integer("sequence")?,
        within: text("within"),
        rebuild: text("rebuild"),
        copied: row.optional_integer("copied")?.map(Instant),
        behind: row.optional_integer("behind")?.unwrap_or_default(),
    })
}

/// Returns the copy of a tenant; one that is off if nothing was ever said of it.
///
/// # Errors
/// Those of the database.
pub async fn edge_copy(database: &impl Database, tenant: &str) -> Result<EdgeCopy, Failure> {
    let sql = format!("SELECT {COLUMNS}, {BEHIND} FROM edge_copies AS e WHERE e.tenant = ?1");
    let row = database.query_one(Statement::new(sql, vec![tenant.into()])).await?;
    let none = || EdgeCopy {
        state: EdgeState::Off,
        residency: None,
        sequence: 0,
        within: None,
        rebuild: None,
        copied: None,
        behind: 0,
    };
    row.as_ref().map_or_else(|| Ok(none()), read)
}

/// Switches the copy on or off. One that is switched on is built from the beginning.
///
/// # Errors
/// 409 if the tenant has a residency: the store does not keep data in one place.
pub async fn set_edge(database: &impl Database, tenant: &str, on: bool) -> Result<(), Failure> {
    let latest = "coalesce((SELECT max(seq) FROM changes WHERE tenant = ?1), (SELECT trimmed FROM logs WHERE tenant = ?1), 0)";
    let sql = match on {
        true => format!(
            "INSERT INTO edge_copies AS e (tenant, state, sequence, rebuild) VALUES (?1, 'on', {latest}, 'users:') \
             ON CONFLICT (tenant) DO UPDATE SET state = 'on', sequence = excluded.sequence, within = NULL, \
             rebuild = excluded.rebuild, lease = NULL WHERE e.residency IS NULL AND e.state <> 'on'"
        ),
        false => "UPDATE edge_copies SET state = 'removing', rebuild = NULL, within = NULL, lease = NULL, lease_until = 0 \
             WHERE tenant = ?1 AND state = 'on'"
            .to_string(),
    };
    let mut batch = Batch::new();
    batch.add(Statement::new(sql, vec![tenant.into()]));
    let residency = "SELECT residency FROM edge_copies WHERE tenant = ?1";
    let residency = batch.add(Statement::new(residency, vec![tenant.into()]));
    let rows = batch.run(database).await?;
    match rows.first(residency).and_then(|row| row.optional_text("residency")) {
        Some(place) if on => Err(ScimError::new(409, refusal(place)).into()),
        _ => Ok(()),
    }
}

fn refusal(place: &str) -> String {
    format!("the tenant's data must stay in `{place}`, and Workers KV does not keep data in one place")
}

/// Says where the tenant's data must stay; None: anywhere.
///
/// # Errors
/// 409 if the tenant has a copy: it must be switched off before.
pub async fn set_residency(
    database: &impl Database,
    tenant: &str,
    residency: Option<&str>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO edge_copies AS e (tenant, state, residency) VALUES (?1, 'off', ?2) \
        ON CONFLICT (tenant) DO UPDATE SET residency = excluded.residency \
        WHERE e.state = 'off' OR excluded.residency IS NULL RETURNING state";
    let row = database.run_for_one(vec![Statement::new(sql, vec![tenant.into(), residency.into()])]).await?;
    let taken = "the tenant has a copy in Workers KV, or one that is being removed: switch it off before";
    row.map(drop).ok_or_else(|| ScimError::new(409, taken).into())
}

/// Has everything copied again, and what should not be there deleted.
///
/// # Errors
/// 409 if the copy is off.
pub async fn start_rebuild(database: &impl Database, tenant: &str) -> Result<(), Failure> {
    let sql = "UPDATE edge_copies SET rebuild = 'users:' WHERE tenant = ?1 AND state = 'on' RETURNING state";
    let row = database.run_for_one(vec![Statement::new(sql, vec![tenant.into()])]).await?;
    row.map(drop).ok_or_else(|| ScimError::new(409, "the copy is off: switch it on").into())
}

/// Returns the tenants for whose copies there is something to do.
///
/// # Errors
/// Those of the database.
pub async fn due(database: &impl Database, most: i64) -> Result<Vec<String>, Failure> {
    let sql = format!("SELECT e.tenant FROM edge_copies AS e WHERE {IS_DUE} ORDER BY e.copied LIMIT ?1");
    let mut batch = Batch::new();
    let found = batch.add(Statement::new(sql, vec![most.into()]));
    let rows = batch.query(database).await?;
    rows.of(found).iter().map(|row| row.text("tenant").map(str::to_string)).collect()
}

/// Claims the copy of a tenant, if there is something to do and no other holds it.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    database: &impl Database,
    tenant: &str,
    holder: &str,
    now: Instant,
) -> Result<Option<EdgeCopy>, Failure> {
    let sql = format!(
        "UPDATE edge_copies AS e SET lease = ?2, lease_until = ?3 + {LEASE} \
         WHERE e.tenant = ?1 AND (e.lease_until <= ?3 OR e.lease IS NULL OR e.lease = ?2) AND {IS_DUE} \
         RETURNING state, residency, sequence, within, rebuild, copied"
    );
    let params = vec![tenant.into(), holder.into(), now.0.into()];
    let row = database.run_for_one(vec![Statement::new(sql, params)]).await?;
    row.as_ref().map(read).transpose()
}

/// Records how far a copy has come, and ends the claim. Nothing is recorded if the claim was lost.
///
/// # Errors
/// Those of the database.
pub async fn record(
    database: &impl Database,
    tenant: &str,
    holder: &str,
    copy: &EdgeCopy,
    now: Instant,
) -> Result<bool, Failure> {
    let sql = "UPDATE edge_copies SET state = ?3, sequence = ?4, within = ?5, rebuild = ?6, copied = ?7, lease = NULL, lease_until = 0 \
         WHERE tenant = ?1 AND lease = ?2 RETURNING state";
    let params = vec![
        tenant.into(),
        holder.into(),
        copy.state.name().into(),
        copy.sequence.into(),
        copy.within.clone().into(),
        copy.rebuild.clone().into(),
        now.0.into(),
    ];
    Ok(database.run_for_one(vec![Statement::new(sql, params)]).await?.is_some())
}
