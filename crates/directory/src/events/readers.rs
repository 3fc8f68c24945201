//! How far each reader of Security Event Tokens has acknowledged them (RFC 8936 s2.4): a token that is not acknowledged is
//! sent again.
//!
//! What lives here: the place of a reader, and the table that holds it. What does not: reading events (`page`).

use std::collections::BTreeSet;

use database::{Database, Failure, Row, Statement};
use scim::{Instant, ScimError};
use serde_json::{Value, json};

use super::{Cursor, Page};

/// Readers that a tenant may have.
const MOST_READERS: i64 = 20;
/// Acknowledged events that are remembered while an earlier one is not. Of more, the latest are sent again.
const MOST_ACKNOWLEDGED: usize = 2_000;

/// How far a reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderPlace {
    /// All events up to this one are acknowledged. None: the reader has not acknowledged any.
    pub cursor: Option<Cursor>,
    acknowledged: BTreeSet<Cursor>,
}

impl ReaderPlace {
    /// The place of a reader that begins.
    pub const START: ReaderPlace = ReaderPlace { cursor: None, acknowledged: BTreeSet::new() };

    /// Notes that the reader has these events. One of an earlier place changes nothing.
    pub fn acknowledge(&mut self, events: impl IntoIterator<Item = Cursor>) {
        let before = self.cursor;
        self.acknowledged.extend(events.into_iter().filter(|event| Some(*event) > before));
        while self.acknowledged.len() > MOST_ACKNOWLEDGED {
            self.acknowledged.pop_last();
        }
    }

    /// Passes all events up to that place, as if each were acknowledged.
    pub fn pass(&mut self, cursor: Cursor) {
        if Some(cursor) > self.cursor {
            self.cursor = Some(cursor);
            self.acknowledged.retain(|event| *event > cursor);
        }
    }

    /// Returns how many events after the cursor are acknowledged.
    pub fn ahead(&self) -> usize {
        self.acknowledged.len()
    }

    /// Takes the acknowledged events out of a page that begins at the cursor, and passes those at its beginning.
    pub fn take(&mut self, page: Page) -> Page {
        let Page { events, next, more } = page;
        if let (None, Some(first)) = (self.cursor, events.first()) {
            // What was trimmed before a reader began is not missing.
            self.pass(Cursor::after(first.cursor.sequence - 1));
        }
        let known = |place: &ReaderPlace, at: Cursor| place.acknowledged.contains(&at);
        let last = events.iter().map(|event| event.cursor).take_while(|at| known(self, *at)).last();
        let left: Vec<_> = events.into_iter().filter(|event| !known(self, event.cursor)).collect();
        match last {
            _ if left.is_empty() => self.pass(next),
            Some(last) => self.pass(last),
            None => {}
        }
        Page { events: left, next, more }
    }
}

/// Returns the place of a reader; the place of one that begins if the reader is not known.
///
/// # Errors
/// If the database fails.
pub async fn reader(database: &impl Database, tenant: &str, name: &str) -> Result<ReaderPlace, Failure> {
    let sql = "SELECT sequence, event_index, acknowledged FROM security_event_readers WHERE tenant = +?1 AND name = +?2";
    let row = database.query_one(Statement::new(sql, vec![tenant.into(), name.into()])).await?;
    row.as_ref().map_or(Ok(ReaderPlace::START), read)
}

fn read(row: &Row) -> Result<ReaderPlace, Failure> {
    let cursor = Cursor {
        sequence: row.integer("sequence")?,
        index: row.optional_integer("event_index")?.unwrap_or(i64::MAX),
    };
    let pairs: Vec<(i64, i64)> = serde_json::from_str(row.text("acknowledged")?)
        .map_err(|_| Failure::corrupt("column `acknowledged` holds no pairs"))?;
    let acknowledged = pairs.into_iter().map(|(sequence, index)| Cursor { sequence, index }).collect();
    Ok(ReaderPlace { cursor: Some(cursor), acknowledged })
}

/// Saves the place of a reader.
///
/// # Errors
/// 409 if the reader is new and the tenant has as many as it may have.
pub async fn save_reader(
    database: &impl Database,
    tenant: &str,
    name: &str,
    place: &ReaderPlace,
    now: Instant,
) -> Result<(), Failure> {
    let sql = "INSERT INTO security_event_readers (tenant, name, sequence, event_index, acknowledged, polled) \
        SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM security_event_readers WHERE tenant = +?1 AND name <> ?2) < ?7 \
        ON CONFLICT (tenant, name) DO UPDATE SET sequence = excluded.sequence, event_index = excluded.event_index, \
        acknowledged = excluded.acknowledged, polled = excluded.polled RETURNING name";
    let cursor = place.cursor.unwrap_or(Cursor::START);
    let index = (cursor.index != i64::MAX).then_some(cursor.index);
    let acknowledged: Value =
        place.acknowledged.iter().map(|event| json!([event.sequence, event.index])).collect();
    let params = vec![
        tenant.into(),
        name.into(),
        cursor.sequence.into(),
        index.into(),
        acknowledged.to_string().into(),
        now.0.into(),
        MOST_READERS.into(),
    ];
    let full = || {
        let detail = format!(
            "the tenant has {MOST_READERS} readers of Security Event Tokens, which is as many as it may have"
        );
        ScimError::new(409, detail).into()
    };
    database.run_for_one(vec![Statement::new(sql, params)]).await?.map(drop).ok_or_else(full)
}

/// Forgets the place of a reader: it begins again. Returns whether there was one.
///
/// # Errors
/// If the database fails.
pub async fn forget_reader(database: &impl Database, tenant: &str, name: &str) -> Result<bool, Failure> {
    let sql = "DELETE FROM security_event_readers WHERE tenant = +?1 AND name = +?2 RETURNING name";
    let row = database.run_for_one(vec![Statement::new(sql, vec![tenant.into(), name.into()])]).await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{MOST_ACKNOWLEDGED, ReaderPlace};
    use crate::events::{Cursor, Event, Page};

    fn at(sequence: i64, index: i64) -> Cursor {
        Cursor { sequence, index }
    }

    fn page(events: &[Cursor], next: Cursor) -> Page {
        let event = |cursor: &Cursor| Event {
            cursor: *cursor,
            id: String::new(),
            event_type: String::new(),
            body: Value::Null,
        };
        Page { events: events.iter().map(event).collect(), next, more: false }
    }

    #[test]
    fn a_place_passes_what_is_acknowledged_without_a_gap() {
        let (one, two, three) = (at(1, 0), at(1, 1), at(2, 0));
        let mut place = ReaderPlace::START;
        place.acknowledge([two]);
        let left = place.take(page(&[one, two, three], Cursor::after(2)));
        assert_eq!(left.events.iter().map(|event| event.cursor).collect::<Vec<_>>(), [one, three]);
        assert_eq!((place.cursor, place.ahead()), (Some(Cursor::after(0)), 1));
        place.acknowledge([one]);
        place.take(page(&[one, two, three], Cursor::after(2)));
        assert_eq!((place.cursor, place.ahead()), (Some(two), 0));
        place.acknowledge([one, three]);
        assert!(place.take(page(&[three], Cursor::after(2))).events.is_empty());
        assert_eq!((place.cursor, place.ahead()), (Some(Cursor::after(2)), 0));
        place.pass(one);
        assert_eq!(place.cursor, Some(Cursor::after(2)));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_latest_is_sent_again() {
        let mut place = ReaderPlace::START;
        place.acknowledge((0..3_000).rev().map(|index| at(5, index)));
        assert_eq!(place.ahead(), MOST_ACKNOWLEDGED);
        assert!(place.acknowledged.contains(&at(5, 0)) && !place.acknowledged.contains(&at(5, 2_999)));
    }
}
