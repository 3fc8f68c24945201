//! A point in time: milliseconds since 1970 inside, xsd:dateTime on the wire (RFC 7643 s2.3.5).

use chrono::{DateTime, SecondsFormat};

/// Milliseconds since 1970-01-01T00:00:00Z. The caller provides it: nothing here reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl Instant {
    /// Parses an xsd:dateTime. One without an offset is taken as UTC. None if the text is not a dateTime.
    ///
    /// ```
    /// let instant = scim::Instant::parse("2026-11-23T16:39:00+01:00").unwrap();
    /// assert_eq!(instant.to_rfc3339(), "2026-11-23T15:39:00.000Z");
    /// ```
    pub fn parse(text: &str) -> Option<Instant> {
        let parsed =
            DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
        parsed.ok().map(|time| Instant(time.timestamp_millis()))
    }

    /// Returns the instant in UTC with milliseconds, `2026-11-23T15:39:00.000Z`.
    pub fn to_rfc3339(self) -> String {
        let time = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn an_instant_reads_back_what_it_wrote() {
        let text = "2026-11-23T15:39:00.123Z";
        assert_eq!(Instant::parse(text).unwrap().to_rfc3339(), text);
    }

    #[test]
    fn offsets_are_taken_into_account_and_their_absence_means_utc() {
        let noon = Instant::parse("2026-11-23T12:00:00Z").unwrap();
        assert_eq!(Instant::parse("2026-11-23T13:00:00+01:00"), Some(noon));
        assert_eq!(Instant::parse("2026-11-23T12:00:00"), Some(noon));
        assert_eq!(Instant::parse("2026-11-23"), None);
    }

    #[test]
    fn an_instant_beyond_the_calendar_does_not_panic() {
        assert_eq!(Instant(i64::MAX).to_rfc3339(), "1970-01-01T00:00:00.000Z");
    }
}
