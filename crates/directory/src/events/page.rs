//! Reading the log from a cursor on: one round trip, and one more for the names of members.

use database::{Batch, Database, Failure, Key, Params, Rows, Statement};
use scim::{Registry, ScimError};

use super::names::names;
use super::row::{Chosen, Entry};
use super::{Cursor, Event, Wanted};
use crate::change_log::LATEST;
use crate::context::member_types;

/// Events in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The events that are wanted.
    pub events: Vec<Event>,
    /// The place of the last event that was looked at, whether it was wanted or not.
    pub next: Cursor,
    /// Whether there are more after it.
    pub more: bool,
}

/// Returns events of the tenant after the cursor; None: from the oldest that is kept. A page may have no events and
/// still not be the last.
///
/// ```
/// use database::Sqlite;
/// use directory::Wanted;
/// use scim::{Dialect, HttpRequest, Instant, Registry};
///
/// let (database, registry) = (Sqlite::new().unwrap(), Registry::load().unwrap());
/// let context = directory::Context {
///     tenant: "acme",
///     now: Instant(1_700_000_000_000),
///     actor: "token-1",
///     correlation_id: "request-1",
///     new_id: &|| "user-1".to_string(),
///     new_revision: &|| "revision-1".to_string(),
///     registry: &registry,
/// };
/// let body = br#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"}"#;
/// let request = HttpRequest { method: "POST", path: "/Users", body, ..HttpRequest::default() };
/// let operation = scim::parse(&registry, Dialect::TOLERANT, &request).unwrap().operation().unwrap();
/// pollster::block_on(directory::execute(&database, &context, operation)).unwrap();
///
/// let wanted = Wanted { limit: 10, bytes: 1 << 20, ..Wanted::default() };
/// let page = pollster::block_on(directory::events(&database, &registry, "acme", None, &wanted)).unwrap();
/// assert_eq!((page.events[0].event_type.as_str(), page.more), ("user.created", false));
/// ```
///
/// # Errors
/// 410 if the events after the cursor were trimmed, with the sequence of the oldest that is kept.
pub async fn events(
    database: &impl Database,
    registry: &Registry,
    tenant: &str,
    after: Option<Cursor>,
    wanted: &Wanted,
) -> Result<Page, Failure> {
    let start = after.unwrap_or(Cursor::START);
    let (rows, keys) = read(database, tenant, start, wanted).await?;
    let place = rows.first(keys.place).ok_or_else(|| Failure::corrupt("the log has no state"))?;
    let trimmed = place.integer("trimmed")?;
    // How many events a trimmed row had is not known any more: after one of them, others may be missing.
    if after.is_some_and(|after| after < Cursor::after(trimmed)) && trimmed > 0 {
        return Err(gone(place.optional_integer("oldest")?.unwrap_or(trimmed)).into());
    }
    let found = rows.of(keys.rows);
    let entries = found.iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
    let are_left = found.first().map(|row| row.integer("found")).transpose()?;
    let are_left = are_left.is_some_and(|count| count > i64::try_from(entries.len()).unwrap_or(i64::MAX));
    let (chosen, next, more) = choose(start, &entries, are_left, wanted);
    let are_named = !wanted.thin && !wanted.security;
    let memberships = chosen.iter().filter_map(Chosen::membership).filter(|_| are_named);
    let (members, groups) = memberships.unzip();
    let names = names(database, tenant, &member_types(registry), members, groups).await?;
    let events = chosen.into_iter().map(|chosen| chosen.event(tenant, wanted, &names, registry)).collect();
    let mut page = Page { events, next, more };
    if !page.more {
        // The rows of other resources and a log that was trimmed whole are passed too: a place that stayed before them would be gone
        // one day, although nothing that is wanted was missed.
        page.next = page.next.max(Cursor::after(place.integer("latest")?));
    }
    Ok(page)
}

/// Chooses the events that are wanted. Returns the place of the last one that was looked at, and whether there are more.
fn choose<'e>(
    start: Cursor,
    entries: &'e [Entry],
    are_left: bool,
    wanted: &Wanted,
) -> (Vec<Chosen<'e>>, Cursor, bool) {
    let (mut all, mut next) = (Vec::new(), start);
    for entry in entries {
        let (chosen, stopped) = entry.choose(start, wanted, wanted.limit - all.len());
        all.extend(chosen);
        if let Some(Cursor { sequence, index }) = stopped {
            // The event before it, which may be one that is not wanted, unless that is of the row before.
            let before = Cursor { sequence, index: index - 1 };
            return (all, if index == 0 { next } else { before }, true);
        }
        next = Cursor::after(entry.sequence);
    }
    (all, next, are_left)
}

struct Keys {
    place: Key,
    rows: Key,
}

/// Reads how far the log was trimmed, and rows from the cursor on: as many as events are wanted, since each has at
/// least one, and no more bytes than are wanted.
async fn read(
    database: &impl Database,
    tenant: &str,
    start: Cursor,
    wanted: &Wanted,
) -> Result<(Rows, Keys), Failure> {
    let mut batch = Batch::new();
    let place = format!(
        "SELECT coalesce((SELECT trimmed FROM logs WHERE tenant = +?1), 0) AS trimmed, \
         (SELECT min(seq) FROM changes WHERE tenant = +?1) AS oldest, {LATEST} AS latest"
    );
    let place = batch.add(Statement::new(place, vec![tenant.into()]));
    let mut params = Params::default();
    params.add(tenant);
    // All events of the row of the cursor may have been read.
    let first = if start.index == i64::MAX { start.sequence.saturating_add(1) } else { start.sequence };
    let first = params.add(first);
    let of_resource = wanted.resource.as_deref().map(|id| format!(" AND resource_id = {}", params.add(id)));
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let (most, bytes) = (params.add(limit), params.add(i64::try_from(wanted.bytes).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT c.seq, c.at, c.resource_type, c.resource_id, c.version, c.change, c.actor, c.correlation_id, found \
         FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place, \
         sum(size) OVER (ORDER BY seq) AS bytes, count(*) OVER () AS found FROM (\
         SELECT seq, octet_length(change) AS size FROM changes \
         WHERE tenant = +?1 AND seq >= {first}{} ORDER BY seq LIMIT {most} + 1)) AS part \
         CROSS JOIN changes AS c ON c.seq = part.seq \
         WHERE place <= {most} AND (place = 1 OR bytes <= {bytes}) ORDER BY c.seq",
        of_resource.unwrap_or_default()
    );
    let rows = batch.add(Statement::new(sql, params.into()));
    Ok((batch.query(database).await?, Keys { place, rows }))
}

/// Returns the greatest sequence of the tenant; 0 if nothing has ever changed.
///
/// # Errors
/// If the database fails.
pub async fn latest(database: &impl Database, tenant: &str) -> Result<i64, Failure> {
    let sql = format!("SELECT {LATEST} AS latest");
    let row = database.query_one(Statement::new(sql, vec![tenant.into()])).await?;
    row.map_or(Ok(0), |row| row.integer("latest"))
}

/// Returns the refusal of a cursor whose events were trimmed: 410 with the sequence from which on they are kept.
fn gone(oldest: i64) -> ScimError {
    ScimError::new(
        410,
        format!(
            "events after this one were deleted, since they are older than they are kept; the oldest sequence is {oldest}: begin with a snapshot"
        ),
    )
}
