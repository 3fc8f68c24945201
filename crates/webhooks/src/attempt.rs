//! What an answer to a webhook means, and when the next attempt is due: the specification's schedule over 75 hours.

/// Milliseconds after which an attempt without an answer has failed.
pub const PATIENCE: u32 = 15_000;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Milliseconds between a failed attempt and the next one.
const SCHEDULE: [i64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// Seconds to wait at least for a receiver that has too much to do and does not say how long.
pub const OVERLOAD_SECONDS: i64 = 60;

/// The longest time that a receiver may ask for by `Retry-After`.
const LONGEST: i64 = 24 * HOUR;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has the events.
    Delivered,
    /// It does not have them yet.
    Failed,
    /// It does not want any, ever.
    Gone,
}

/// Returns whether a status says that the receiver, or what stands before it, has too much to do.
pub fn is_overload(status: u16) -> bool {
    matches!(status, 429 | 502 | 504)
}

/// Judges a status. A redirect is a failure: the administrator trusts the address, and not one that it redirects to.
///
/// ```
/// use webhooks::{Outcome, judge};
///
/// assert_eq!([judge(204), judge(302), judge(410)], [Outcome::Delivered, Outcome::Failed, Outcome::Gone]);
/// ```
pub fn judge(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
        _ => Outcome::Failed,
    }
}

/// Returns how many milliseconds after the `failures`th failure in a row the next attempt is due; None if there is none.
/// `jitter`, from 0 to 1, keeps endpoints that failed together from coming back together: up to a tenth more. A receiver
/// may ask for a longer time, in seconds.
///
/// ```
/// assert_eq!(webhooks::after_failure(1, 0.0, None), Some(5_000));
/// assert_eq!(webhooks::after_failure(1, 0.0, Some(60)), Some(60_000));
/// assert_eq!(webhooks::after_failure(10, 0.0, None), None);
/// ```
pub fn after_failure(failures: i64, jitter: f64, retry_after: Option<i64>) -> Option<i64> {
    let place = usize::try_from(failures.checked_sub(1)?).ok()?;
    let pause = *SCHEDULE.get(place)?;
    let more = (pause as f64 * 0.1 * jitter.clamp(0.0, 1.0)) as i64;
    let asked = retry_after.unwrap_or_default().saturating_mul(SECOND).clamp(0, LONGEST);
    Some((pause + more).max(asked))
}

#[cfg(test)]
mod tests {
    use super::{HOUR, OVERLOAD_SECONDS, Outcome, SCHEDULE, after_failure, is_overload, judge};

    #[test]
    fn only_2xx_is_success_and_410_is_the_end() {
        for (status, outcome) in [
            (200, Outcome::Delivered),
            (204, Outcome::Delivered),
            (302, Outcome::Failed),
            (404, Outcome::Failed),
            (410, Outcome::Gone),
            (429, Outcome::Failed),
            (500, Outcome::Failed),
            (0, Outcome::Failed),
        ] {
            assert_eq!(judge(status), outcome, "{status}");
        }
    }

    #[test]
    fn what_has_too_much_to_do_is_left_alone_for_a_minute() {
        let overloaded: Vec<u16> = (200..600).filter(|status| is_overload(*status)).collect();
        assert_eq!(overloaded, [429, 502, 504]);
        assert_eq!(after_failure(1, 0.0, Some(OVERLOAD_SECONDS)), Some(60_000));
    }

    #[test]
    fn the_schedule_is_the_specification_s() {
        assert_eq!(SCHEDULE.iter().sum::<i64>(), 75 * HOUR + 35 * 60_000 + 5_000);
        for (place, pause) in SCHEDULE.iter().enumerate() {
            let failures = i64::try_from(place).unwrap() + 1;
            assert_eq!(after_failure(failures, 0.0, None), Some(*pause));
            assert_eq!(after_failure(failures, 7.0, None), Some(pause + pause / 10));
        }
        assert_eq!((after_failure(0, 0.0, None), after_failure(10, 0.0, Some(1))), (None, None));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_and_not_for_less_or_for_ever() {
        assert_eq!(after_failure(2, 0.0, Some(1)), Some(300_000));
        assert_eq!(after_failure(1, 0.0, Some(i64::MAX)), Some(24 * HOUR));
        assert_eq!(after_failure(1, 0.0, Some(-5)), Some(5_000));
    }
}
