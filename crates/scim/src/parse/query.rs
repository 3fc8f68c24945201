//! The query parameters (RFC 7644 s3.4.2, s3.9). Unknown ones are ignored, as s3.4.2 asks; Entra's flag
//! `aadOptscim062020` is one of them.

use percent_encoding::percent_decode_str;

use crate::filter::{Filter, Predicate, check};
use crate::projection::Projection;
use crate::schema::ResourceType;
use crate::{Dialect, ScimError, limits};

/// The parameters, decoded; of one that is repeated, the first.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Result<Query, ScimError> {
        let decode = |part: &str| {
            let part = part.replace('+', " ");
            let decoded = percent_decode_str(&part).decode_utf8().map(|text| text.into_owned());
            decoded.map_err(|_| ScimError::invalid_syntax("the query is no UTF-8"))
        };
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        };
        text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect::<Result<_, _>>().map(Query)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn projection(&self) -> Projection {
        Projection::new(self.get("attributes"), self.get("excludedAttributes"))
    }

    pub(super) fn filter<'r>(
        &self,
        of: &'r ResourceType,
        dialect: Dialect,
    ) -> Result<Option<Predicate<'r>>, ScimError> {
        self.get("filter").map(|text| check(&Filter::parse(text)?, of, dialect)).transpose()
    }

    /// RFC 7644 s3.4.2.4: counted from 1; a lesser one is 1.
    pub(super) fn start_index(&self) -> Result<usize, ScimError> {
        Ok(usize::try_from(self.integer("startIndex")?.unwrap_or(1).max(1)).unwrap_or(usize::MAX))
    }

    /// RFC 7644 s3.4.2.4: a negative one is 0.
    pub(super) fn count(&self) -> Result<usize, ScimError> {
        let count = match self.integer("count")? {
            None => limits::PAGE_DEFAULT,
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX),
        };
        Ok(count.min(limits::PAGE_MAX))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, ScimError> {
        let Some(text) = self.get(name).map(str::trim) else { return Ok(None) };
        let number = text.parse::<i128>();
        let number =
            number.map_err(|_| ScimError::invalid_value(format!("`{name}` is no integer: `{text}`")))?;
        Ok(Some(i64::try_from(number.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn plus_is_a_blank_and_percent_two_b_is_a_plus() {
        let query = Query::parse("filter=userName+eq+%22a%2Bb%22&aadOptscim062020&count=5").unwrap();
        assert_eq!(query.get("filter"), Some("userName eq \"a+b\""));
        assert_eq!(query.count().unwrap(), 5);
    }

    #[test]
    fn paging_takes_the_edge_values_of_the_rfc() {
        let page = |text: &str| {
            let query = Query::parse(text).unwrap();
            query.start_index().and_then(|start| query.count().map(|count| (start, count)))
        };
        assert_eq!(page(""), Ok((1, 100)));
        assert_eq!(page("startIndex=0&count=0"), Ok((1, 0)));
        assert_eq!(page("startIndex=-5&count=-3"), Ok((1, 0)));
        assert_eq!(page("startIndex=99999999999999999999&count=1000000"), Ok((i64::MAX as usize, 1_000)));
        assert_eq!(page("count=abc").unwrap_err().detail, "`count` is no integer: `abc`");
    }

    #[test]
    fn text_that_is_no_utf8_is_refused() {
        assert!(Query::parse("filter=%FF").is_err());
    }
}
