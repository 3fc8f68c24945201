//! Times as a person reads them: `3 min ago`, with the exact time in the markup. Nothing here reads a clock.

use std::fmt;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
const TWO_YEARS: i64 = 2 * YEAR;

/// A time beside the present one, both in milliseconds since 1970. It is shown as a `time` element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The time that is shown.
    pub at: i64,
    /// The present time.
    pub now: i64,
}

impl When {
    /// Returns the distance to the present: `3 min ago`, `in 4 days`.
    pub fn relative(self) -> String {
        let distance = self.now.saturating_sub(self.at);
        match (span(distance), distance < 0) {
            (None, _) => "just now".to_string(),
            (Some(span), false) => format!("{span} ago"),
            (Some(span), true) => format!("in {span}"),
        }
    }

    /// Returns the exact time in UTC, as `2026-11-26 04:31:50`.
    pub fn exact(self) -> String {
        exact(self.at)
    }
}

impl fmt::Display for When {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (exact, relative) = (self.exact(), self.relative());
        // A blank between the date and the time is allowed there (HTML, "global date and time string").
        write!(out, "<time datetime=\"{exact}Z\" title=\"{exact} UTC\">{relative}</time>")
    }
}

// It writes digits and words of its own, and nothing that was handed in.
impl askama::filters::HtmlSafe for When {}

/// A time of the day in UTC, `04:31:50 UTC`. It is shown as a `time` element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(pub i64);

impl fmt::Display for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = exact(self.0);
        let time = exact.split_once(' ').map_or("", |(_, time)| time);
        write!(out, "<time datetime=\"{exact}Z\" title=\"{exact} UTC\">{time} UTC</time>")
    }
}

// It writes digits of its own.
impl askama::filters::HtmlSafe for Clock {}

/// Returns a length of time in its largest unit; `None` below ten seconds.
pub fn span(length: i64) -> Option<String> {
    let length = length.saturating_abs();
    let (unit, size) = match length {
        ..10_000 => return None,
        10_000..MINUTE => ("s", SECOND),
        MINUTE..HOUR => ("min", MINUTE),
        HOUR..DAY => ("h", HOUR),
        DAY..TWO_YEARS => ("day", DAY),
        _ => ("year", YEAR),
    };
    let number = length / size;
    let many = if size >= DAY && number != 1 { "s" } else { "" };
    Some(format!("{number} {unit}{many}"))
}

/// Returns a time in UTC, as `2026-11-26 04:31:50`.
pub fn exact(at: i64) -> String {
    let (days, rest) = (at.div_euclid(DAY), at.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / HOUR, rest % HOUR / MINUTE, rest % MINUTE / SECOND);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Returns the year, month and day of a number of days since 1970: Howard Hinnant's `civil_from_days`, in which a year
/// begins in March, so that the leap day is its last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + year_of_era + era * 400, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_time_is_the_one_of_the_calendar() {
        assert_eq!(exact(0), "1970-01-01 00:00:00");
        assert_eq!(exact(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(exact(1_795_667_510_999), "2026-11-26 04:31:50");
        assert_eq!(exact(-1), "1969-12-31 23:59:59");
    }

    #[test]
    fn a_distance_is_in_its_largest_unit() {
        let relative = |at| When { at, now: 100 * DAY }.relative();
        assert_eq!(relative(100 * DAY - 9 * SECOND), "just now");
        assert_eq!(relative(100 * DAY - 59 * SECOND), "59 s ago");
        assert_eq!(relative(100 * DAY - 3 * MINUTE), "3 min ago");
        assert_eq!(relative(100 * DAY - 25 * HOUR), "1 day ago");
        assert_eq!(relative(104 * DAY), "in 4 days");
    }

    #[test]
    fn the_time_of_the_day_has_its_date_beside_it() {
        let shown = Clock(1_795_667_510_999).to_string();
        assert_eq!(
            shown,
            "<time datetime=\"2026-11-26 04:31:50Z\" title=\"2026-11-26 04:31:50 UTC\">04:31:50 UTC</time>"
        );
    }

    #[test]
    fn no_number_is_too_large() {
        for at in [i64::MIN, i64::MAX] {
            assert!(When { at, now: -at.saturating_neg() }.to_string().contains("<time"));
            assert!(When { at, now: 0 }.to_string().contains("<time"));
        }
    }
}
