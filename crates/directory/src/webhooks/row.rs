//! An endpoint as a row.

use database::{Failure, Row};
use scim::Instant;

use crate::Cursor;

/// Whether events are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They are.
    Active,
    /// An administrator has stopped it.
    Paused,
    /// The service has stopped it: the receiver is gone, or has failed for days.
    Disabled,
}

impl State {
    /// Returns the name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Paused => "paused",
            State::Disabled => "disabled",
        }
    }
}

/// An endpoint, with where it stands in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The id; no secret.
    pub id: String,
    /// The tenant whose events it gets.
    pub tenant: String,
    /// Where they are sent.
    pub url: String,
    /// The types of events that are wanted; empty: all.
    pub types: Vec<String>,
    /// How many events one delivery may have.
    pub batch: i64,
    /// Whether they hold ids, versions and paths alone.
    pub thin: bool,
    /// What its secret is derived from.
    pub salt: String,
    /// The salt of the secret before, and until when that one signs too.
    pub old: Option<(String, Instant)>,
    /// The last event that was delivered.
    pub cursor: Cursor,
    /// The last event of the message that was not accepted, if the last attempt failed.
    pub tried: Option<Cursor>,
    /// Whether events are delivered.
    pub state: State,
    /// Why the service has stopped it.
    pub reason: Option<String>,
    /// How many attempts have failed since the last one that did not.
    pub failures: i64,
    /// When the next attempt may be made.
    pub due: Instant,
    /// When the last one was made.
    pub attempted: Option<Instant>,
    /// When one last succeeded.
    pub delivered: Option<Instant>,
    /// The answer to the last one.
    pub status: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
    /// How many have succeeded.
    pub deliveries: i64,
    /// When it was made.
    pub created: Instant,
    /// How many rows of the log come after its cursor, counted up to a bound; None where that was not asked for.
    pub behind: Option<i64>,
}

pub(super) const COLUMNS: &str = "id, tenant, url, types, batch, thin, salt, old_salt, old_until, sequence, event_index, tried_sequence, tried_index, \
    state, reason, failures, due, attempted, delivered, status, error, deliveries, created";

/// Reads a row that has [`COLUMNS`].
pub(crate) fn read(row: &Row) -> Result<Endpoint, Failure> {
    let time = |column: &str| row.optional_integer(column).map(|time| time.map(Instant));
    let text = |column: &str| row.optional_text(column).map(str::to_string);
    let sequence = row.integer("sequence")?;
    let cursor = match row.optional_integer("event_index")? {
        Some(index) => Cursor { sequence, index },
        None => Cursor::after(sequence),
    };
    let tried = row.optional_integer("tried_sequence")?.zip(row.optional_integer("tried_index")?);
    let state = match row.text("state")? {
        "active" => State::Active,
        "paused" => State::Paused,
        "disabled" => State::Disabled,
        other => return Err(Failure::corrupt(format!("`{other}` is not a state of an endpoint"))),
    };
    Ok(Endpoint {
        id: row.text("id")?.to_string(),
        tenant: row.text("tenant")?.to_string(),
        url: row.text("url")?.to_string(),
        types: row.texts("types")?,
        batch: row.integer("batch")?,
        thin: row.integer("thin")? == 1,
        salt: row.text("salt")?.to_string(),
        old: text("old_salt").zip(time("old_until")?),
        cursor,
        tried: tried.map(|(sequence, index)| Cursor { sequence, index }),
        state,
        reason: text("reason"),
        failures: row.integer("failures")?,
        due: Instant(row.integer("due")?),
        attempted: time("attempted")?,
        delivered: time("delivered")?,
        status: row.optional_integer("status")?,
        error: text("error"),
        deliveries: row.integer("deliveries")?,
        created: Instant(row.integer("created")?),
        behind: row.optional_integer("behind")?,
    })
}

/// Returns the place within a row as it is stored: NULL if all events of the row were delivered.
pub(super) fn index(cursor: Cursor) -> Option<i64> {
    (cursor.index != i64::MAX).then_some(cursor.index)
}
