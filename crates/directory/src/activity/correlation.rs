//! The id of a request as a filter. It is a UUIDv7, which holds the time at which it was made: so a range of the log is looked through, and
//! an index, which would be a row more for each change, is not needed.

use scim::{Instant, ScimError};

/// Milliseconds by which an id may be later than its request: ids of one instance ascend, so those that are made within one millisecond
/// get the next ones.
const AHEAD: i64 = 10_000;
/// Milliseconds by which it may be earlier: the request reads the clock after it has its id.
const BEHIND: i64 = 1_000;

/// The id of a request, and when that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correlation<'a> {
    /// The id.
    pub id: &'a str,
    made: i64,
}

impl<'a> Correlation<'a> {
    /// Parses an id that this service has made.
    ///
    /// # Errors
    /// 400 if it is not a UUIDv7.
    pub fn parse(id: &'a str) -> Result<Correlation<'a>, ScimError> {
        let made = || {
            let groups: Vec<&str> = id.split('-').collect();
            let is_hexadecimal = |group: &&str| {
                group.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            };
            let [high, low, version, ..] = groups.as_slice() else { return None };
            let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
            let is_ours = is_uuid && groups.iter().all(is_hexadecimal) && version.starts_with('7');
            i64::from_str_radix(&format!("{high}{low}"), 16).ok().filter(|_| is_ours)
        };
        let detail =
            "the id of a request must be one of this service, as its answer has it in `X-Correlation-Id`";
        made().map(|made| Correlation { id, made }).ok_or_else(|| ScimError::new(400, detail))
    }

    /// Returns the times from and before which its request came.
    pub(super) fn range(self) -> (Instant, Instant) {
        (Instant(self.made - AHEAD), Instant(self.made + BEHIND))
    }
}

#[cfg(test)]
mod tests {
    use super::Correlation;

    #[test]
    fn an_id_of_this_service_holds_its_time_and_no_other_is_taken() {
        let id = "0199c2cc-8001-7000-8000-0123456789ab";
        let (from, to) = Correlation::parse(id).unwrap().range();
        assert_eq!((from.0, to.0), (0x0199_c2cc_8001 - 10_000, 0x0199_c2cc_8001 + 1_000));
        for other in [
            "",
            "0199c2cc",
            "0199c2cc-8001-4000-8000-0123456789ab",
            "0199C2CC-8001-7000-8000-0123456789AB",
            "0199c2cc-8001-7000-8000-0123456789a",
            "0199c2cc-8001-7000-8000-0123456789ab-",
            "+199c2cc-8001-7000-8000-0123456789ab",
            "{0199c2cc-8001-7000-8000-0123456789ab}",
        ] {
            assert_eq!(Correlation::parse(other).unwrap_err().status, 400, "{other}");
        }
    }
}
