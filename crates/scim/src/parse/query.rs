//! The query parameters (RFC 7644 s3.4.2, s3.9). Unknown ones are ignored, as s3.4.2 demands; Entra's flag
//! `aadOptscim062020` is one of them.

use percent_encoding::percent_decode_str;

use crate::projection::Projection;
use crate::{Dialect, ScimError};

/// The parameters, decoded. If one is repeated, the first counts.
///
/// ```
/// let query = scim::Query::parse("after=12&type=user.*&limit=").unwrap();
/// assert_eq!((query.given("after"), query.given("limit")), (Some("12"), None));
/// ```
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Parses what follows the question mark.
    ///
    /// # Errors
    /// 400 if it is not UTF-8.
    pub fn parse(text: &str) -> Result<Query, ScimError> {
        let decode = |part: &str| {
            let part = part.replace('+', " ");
            let decoded = percent_decode_str(&part).decode_utf8().map(|text| text.into_owned());
            decoded.map_err(|_| ScimError::invalid_syntax("the query is not UTF-8"))
        };
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        };
        text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect::<Result<_, _>>().map(Query)
    }

    /// Returns the names of the parameters, as they were written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the parameter; if it is repeated, the first.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the parameter, unless it is empty or blank: some clients send `filter=` when they have no filter. If
    /// it is repeated, the first that is not blank counts.
    pub fn given(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.as_str()).find(|value| !value.trim().is_empty())
    }

    pub(super) fn projection(&self, dialect: Dialect) -> Result<Projection, ScimError> {
        Projection::new(self.given("attributes"), self.given("excludedAttributes"), dialect)
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn plus_is_a_blank_and_percent_two_b_is_a_plus() {
        let query = Query::parse("filter=userName+eq+%22a%2Bb%22&aadOptscim062020&count=5").unwrap();
        assert_eq!(query.get("filter"), Some("userName eq \"a+b\""));
        assert_eq!(query.get("COUNT"), Some("5"));
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused() {
        assert!(Query::parse("filter=%FF").is_err());
    }
}
