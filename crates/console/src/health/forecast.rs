//! When Entra will quarantine the job, by Microsoft's own numbers ("Application provisioning in quarantine status").
//!
//! At once for a refused credential, or a filter that is answered with 404. Else the failures are looked at from 5,000 on:
//! more than 40 % of all operations, or more than 40,000, each without those of references; or 60,000 with them. A job
//! that stays in quarantine is disabled after 28 days.

use crate::state::State;
use crate::text::{count, many};
use crate::time::exact;

/// From how many failures on they are looked at.
const LEAST: i64 = 5_000;
/// More than this share of all operations, in percent, is too much.
const SHARE: i64 = 40;
/// More failures than this are too many, without those of references.
const MOST: i64 = 40_000;
/// This many are too many, with those of references.
const MOST_IN_ALL: i64 = 60_000;
/// After this time in quarantine the job is disabled.
const DISABLED_AFTER: i64 = 28 * 86_400_000;
/// A quarantine that is nearer than this is warned of.
const NEAR_HOURS: i64 = 72;

/// What goes wrong, counted since the job last had no failures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// Requests that created, changed or matched something, failures among them.
    pub operations: i64,
    /// Those that failed, without those of references.
    pub failures: i64,
    /// Those of references that failed: managers and members.
    pub reference_failures: i64,
    /// How many failures came in the last hour, references among them.
    pub failures_last_hour: i64,
    /// Whether the last request was refused for its credential (401, 403).
    pub is_credential_refused: bool,
    /// Whether the last search was answered with 404.
    pub is_search_missing: bool,
    /// Since when the job has been failing.
    pub since: Option<i64>,
}

/// What is to be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// In a word.
    pub state: State,
    /// In sentences.
    pub text: String,
    /// In how many hours the quarantine begins at the present rate; 0 if it has begun.
    pub in_hours: Option<i64>,
}

/// Returns what is to be expected.
pub fn forecast(trouble: &Trouble) -> Forecast {
    let failed = failed(trouble.failures.saturating_add(trouble.reference_failures));
    if let Some(reason) = reason(trouble) {
        let text = format!("{reason} {}", course(trouble.since));
        return Forecast { state: State::bad("quarantine"), text, in_hours: Some(0) };
    }
    match hours_left(trouble) {
        _ if trouble.failures <= 0 && trouble.reference_failures <= 0 => {
            let text =
                "No request has failed since the last cycle began: Entra has no reason for a quarantine."
                    .to_string();
            Forecast { state: State::good("no failures"), text, in_hours: None }
        }
        Some(hours) if hours <= NEAR_HOURS => {
            let text = format!("{failed}. At this rate Entra quarantines the job in {hours} h.");
            Forecast { state: State::watch("quarantine near"), text, in_hours: Some(hours) }
        }
        hours => {
            let text = format!(
                "{failed}, {} % of all. Entra looks at failures from {} on, and quarantines \
                 at more than {SHARE} %.",
                share(trouble),
                count(LEAST)
            );
            Forecast { state: State::good("far from quarantine"), text, in_hours: hours }
        }
    }
}

/// Returns why the job is in quarantine now.
fn reason(trouble: &Trouble) -> Option<String> {
    let Trouble { failures, reference_failures, .. } = *trouble;
    let all = failures.saturating_add(reference_failures);
    if trouble.is_credential_refused {
        return Some(
            "The last request was refused for its credential: Entra quarantines the job at once.".to_string(),
        );
    }
    if trouble.is_search_missing {
        return Some("The last search was answered with 404: Entra quarantines the job at once.".to_string());
    }
    if all >= MOST_IN_ALL {
        return Some(format!(
            "{} requests have failed, and {} are too many.",
            count(all),
            count(MOST_IN_ALL)
        ));
    }
    if failures > MOST {
        return Some(format!(
            "{} requests have failed, and more than {} are too many.",
            count(failures),
            count(MOST)
        ));
    }
    let is_share_too_large = failures >= LEAST && is_above_share(trouble);
    is_share_too_large.then(|| {
        format!(
            "{} requests have failed, {} % of all; {SHARE} % is the limit.",
            count(failures),
            share(trouble)
        )
    })
}

/// Returns how many requests have failed, in words.
fn failed(number: i64) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!("{} {have} failed", many(number, "request"))
}

/// Returns how the quarantine goes on.
fn course(since: Option<i64>) -> String {
    let until = match since {
        Some(since) => format!("and disables it at {} UTC", exact(since.saturating_add(DISABLED_AFTER))),
        None => "and disables it after 28 days".to_string(),
    };
    format!(
        "It tries again after 6, 12 and 24 hours, then once a day, {until}. One success ends the quarantine."
    )
}

/// Returns in how many hours a limit is reached if failures come as in the last hour.
fn hours_left(trouble: &Trouble) -> Option<i64> {
    let rate = trouble.failures_last_hour;
    if rate <= 0 {
        return None;
    }
    let all = trouble.failures.saturating_add(trouble.reference_failures);
    let until = |limit: i64, now: i64| (limit.saturating_sub(now).max(1).saturating_add(rate - 1)) / rate;
    let of_share = is_above_share(trouble).then(|| until(LEAST, trouble.failures));
    let of_numbers = until(MOST + 1, trouble.failures).min(until(MOST_IN_ALL, all));
    Some(of_share.map_or(of_numbers, |hours| hours.min(of_numbers)))
}

fn is_above_share(trouble: &Trouble) -> bool {
    i128::from(trouble.failures) * 100 > i128::from(trouble.operations) * i128::from(SHARE)
}

fn share(trouble: &Trouble) -> i128 {
    i128::from(trouble.failures) * 100 / i128::from(trouble.operations.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(
        operations: i64,
        failures: i64,
        reference_failures: i64,
        failures_last_hour: i64,
    ) -> Option<i64> {
        let trouble =
            Trouble { operations, failures, reference_failures, failures_last_hour, ..Trouble::default() };
        forecast(&trouble).in_hours
    }

    #[test]
    fn a_quarantine_begins_at_entras_numbers() {
        assert_eq!(hours(12_500, 5_000, 0, 0), None, "40 % is not more than 40 %");
        assert_eq!(hours(12_499, 5_000, 0, 0), Some(0));
        assert_eq!(hours(4_999, 4_999, 0, 0), None, "failures are looked at from 5,000 on");
        assert_eq!(hours(1_000_000, 40_000, 0, 0), None);
        assert_eq!(hours(1_000_000, 40_001, 0, 0), Some(0));
        assert_eq!(hours(1_000_000, 40_000, 19_999, 0), None);
        assert_eq!(hours(1_000_000, 40_000, 20_000, 0), Some(0));
        assert_eq!(hours(12_499, 0, 5_000, 0), None, "failures of references do not count towards the share");
    }

    #[test]
    fn what_is_refused_at_once_is_quarantined_at_once() {
        for (is_credential_refused, is_search_missing) in [(true, false), (false, true)] {
            let trouble = Trouble { is_credential_refused, is_search_missing, ..Trouble::default() };
            assert_eq!(forecast(&trouble).in_hours, Some(0));
        }
        let since = Trouble { is_credential_refused: true, since: Some(0), ..Trouble::default() };
        assert!(forecast(&since).text.contains("disables it at 1970-01-29 00:00:00 UTC"));
    }

    #[test]
    fn the_forecast_follows_the_rate_of_the_last_hour() {
        assert_eq!(
            hours(1_000, 1_000, 0, 1_000),
            Some(4),
            "4,000 are left to 5,000, and all operations fail"
        );
        assert_eq!(
            hours(100_000, 1_000, 0, 1_000),
            Some(40),
            "the share is small: 39,001 are left to 40,001"
        );
        assert_eq!(hours(100_000, 1_000, 50_000, 1_000), Some(9), "9,000 are left to 60,000 in all");
        assert_eq!(hours(100_000, 0, 0, 0), None);
    }

    #[test]
    fn the_word_says_how_near_it_is() {
        let word = |failures, last_hour| {
            let trouble =
                Trouble { operations: 10_000, failures, failures_last_hour: last_hour, ..Trouble::default() };
            forecast(&trouble).state.word
        };
        assert_eq!(word(0, 0), "no failures");
        assert_eq!(word(100, 1), "far from quarantine");
        assert_eq!(word(4_900, 100), "quarantine near");
        assert_eq!(word(5_000, 100), "quarantine");
    }

    #[test]
    fn no_count_is_too_large() {
        for number in [i64::MIN, -1, i64::MAX] {
            let trouble = Trouble {
                operations: number,
                failures: number,
                reference_failures: number,
                failures_last_hour: number,
                since: Some(number),
                ..Trouble::default()
            };
            assert!(!forecast(&trouble).text.is_empty());
        }
    }
}
