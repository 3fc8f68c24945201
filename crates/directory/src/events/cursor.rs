//! The place of an event in the log.

/// The last event that was read: all events up to it have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The `seq` of its row.
    pub sequence: i64,
    /// Its place among the events of the row, counted from 0.
    pub index: i64,
}

impl Cursor {
    /// The place before all events.
    pub const START: Cursor = Cursor::after(0);

    /// Returns the place after all events of a row.
    pub const fn after(sequence: i64) -> Cursor {
        Cursor { sequence, index: i64::MAX }
    }

    /// Parses the id of an event of that tenant, or a sequence, which stands for all events of its row.
    ///
    /// ```
    /// use directory::Cursor;
    /// assert_eq!(Cursor::parse("evt_acme_1834_2", "acme"), Some(Cursor { sequence: 1834, index: 2 }));
    /// assert_eq!(Cursor::parse("1834", "acme"), Some(Cursor::after(1834)));
    /// assert_eq!(Cursor::parse("evt_other_1834_2", "acme"), None);
    /// ```
    pub fn parse(text: &str, tenant: &str) -> Option<Cursor> {
        let number = |text: &str| {
            let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_plain)
        };
        let Some(place) = text.strip_prefix("evt_") else { return number(text).map(Cursor::after) };
        let (sequence, index) = place.strip_prefix(tenant)?.strip_prefix('_')?.split_once('_')?;
        Some(Cursor { sequence: number(sequence)?, index: number(index)? })
    }

    /// Returns the id of the event at this place. It has no full stop, which the id of a webhook must not have.
    pub fn id(self, tenant: &str) -> String {
        format!("evt_{tenant}_{}_{}", self.sequence, self.index)
    }

    /// Returns what a reader sends to go on after this place: the id of the event, or the sequence if all of its row
    /// was read.
    pub fn text(self, tenant: &str) -> String {
        if self.index == i64::MAX { self.sequence.to_string() } else { self.id(tenant) }
    }
}
