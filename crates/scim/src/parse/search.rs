//! A query, whether its arguments stand in the URL (RFC 7644 s3.4.2) or in the body of a `/.search`
//! (RFC 7644 s3.4.3).

use serde_json::Value;

use super::query::Query;
use crate::cursor::Position;
use crate::filter::{Filter, check};
use crate::message::Message;
use crate::operation::{Order, Paging, Search, TypeQuery};
use crate::path::AttrPath;
use crate::projection::Projection;
use crate::schema::Registry;
use crate::{Dialect, Field, Kind, ScimError, ScimType, limits, urn};

/// The arguments, not yet checked.
#[derive(Default)]
pub(super) struct Arguments {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

impl Arguments {
    pub(super) fn from_query(query: &Query) -> Arguments {
        let given = |name| query.given(name).map(str::to_string);
        Arguments {
            filter: given("filter"),
            sort_by: given("sortBy"),
            sort_order: given("sortOrder"),
            start_index: given("startIndex"),
            count: given("count"),
            // RFC 9865 s2.1: an empty cursor asks for the first page.
            cursor: query.get("cursor").map(str::to_string),
            attributes: given("attributes"),
            excluded_attributes: given("excludedAttributes"),
        }
    }

    /// Parses a SearchRequest. Its lists may be arrays, as in the RFC, or text with commas.
    pub(super) fn from_body(body: Value, dialect: Dialect) -> Result<Arguments, ScimError> {
        let mut body = Message::read(body, urn::SEARCH_REQUEST, dialect)?;
        let mut any = |name| text(body.take(name), name);
        let given = |found: Option<String>| found.filter(|text| !text.trim().is_empty());
        Ok(Arguments {
            filter: given(any("filter")?),
            sort_by: given(any("sortBy")?),
            sort_order: given(any("sortOrder")?),
            start_index: given(any("startIndex")?),
            count: given(any("count")?),
            cursor: any("cursor")?,
            attributes: given(any("attributes")?),
            excluded_attributes: given(any("excludedAttributes")?),
        })
    }

    fn projection(&self, dialect: Dialect) -> Result<Projection, ScimError> {
        Projection::new(self.attributes.as_deref(), self.excluded_attributes.as_deref(), dialect)
    }

    /// Checks the arguments against the resource types that are asked for.
    pub(super) fn search<'r>(
        &self,
        registry: &'r Registry,
        dialect: Dialect,
        kinds: &[Kind],
    ) -> Result<Search<'r>, ScimError> {
        let filter = self.filter.as_deref().map(Filter::parse).transpose()?;
        let sort_by = self.sort_by.as_deref();
        let order = sort_by.map(|_| self.order()).transpose()?;
        let types: Vec<_> = kinds.iter().map(|kind| registry.resource_type(*kind)).collect();
        let mut branches = Vec::new();
        for kind in kinds {
            let of = registry.resource_type(*kind);
            let filter = filter.as_ref().map(|filter| check(filter, of, &types, dialect)).transpose()?;
            let sort = sort_by.map(|path| sort_field(path, registry, *kind, dialect)).transpose()?.flatten();
            branches.push(TypeQuery { kind: *kind, filter, sort });
        }
        if order.is_some() && branches.iter().all(|branch| branch.sort.is_none()) {
            let path = sort_by.unwrap_or_default();
            return Err(ScimError::invalid_value(format!(
                "`sortBy`: `{path}` is not an attribute to sort by"
            )));
        }
        let paging = self.paging(kinds)?;
        let projection = self.projection(dialect)?;
        Ok(Search { branches, order, paging, count: self.count()?, projection })
    }

    fn order(&self) -> Result<Order, ScimError> {
        match self.sort_order.as_deref() {
            None => Ok(Order::Ascending),
            Some(text) if text.eq_ignore_ascii_case("ascending") => Ok(Order::Ascending),
            Some(text) if text.eq_ignore_ascii_case("descending") => Ok(Order::Descending),
            Some(text) => Err(ScimError::invalid_value(format!(
                "`sortOrder` is neither ascending nor descending: `{text}`"
            ))),
        }
    }

    fn paging(&self, kinds: &[Kind]) -> Result<Paging, ScimError> {
        let Some(cursor) = &self.cursor else {
            // RFC 7644 s3.4.2.4: counted from 1; a smaller value is taken as 1.
            let start = integer("startIndex", self.start_index.as_deref())?.unwrap_or(1).max(1);
            return Ok(Paging::Index(usize::try_from(start).unwrap_or(usize::MAX)));
        };
        let parts =
            [&self.filter, &self.sort_by, &self.sort_order].map(|text| text.as_deref().unwrap_or_default());
        let query = fingerprint(kinds.iter().map(|kind| kind.name()).chain(parts));
        Ok(Paging::Cursor { after: Position::from_cursor(cursor, query, kinds)?, query })
    }

    /// Returns the size of the page (RFC 7644 s3.4.2.4: a negative one is 0).
    fn count(&self) -> Result<usize, ScimError> {
        let count = integer("count", self.count.as_deref()).map_err(|error| match self.cursor {
            Some(_) => ScimError::paging(ScimType::InvalidCount, error.into_detail()),
            None => error,
        })?;
        let count =
            count.map_or(limits::PAGE_DEFAULT, |count| usize::try_from(count.max(0)).unwrap_or(usize::MAX));
        Ok(count.min(limits::PAGE_MAX))
    }
}

/// Returns a fingerprint of the query (FNV-1a), so that a cursor is not used with another query by mistake. A client
/// could make up a cursor, but would only see what it may see anyway.
fn fingerprint<'p>(parts: impl Iterator<Item = &'p str>) -> u64 {
    let bytes = parts.flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns the field to sort by: of a complex attribute its `value` (RFC 7644 s3.4.2.3).
fn sort_field<'r>(
    path: &str,
    registry: &'r Registry,
    kind: Kind,
    dialect: Dialect,
) -> Result<Option<Field<'r>>, ScimError> {
    let parsed = AttrPath::parse(path.trim())
        .ok_or_else(|| ScimError::invalid_value(format!("`sortBy`: `{path}` is not an attribute path")))?;
    Ok(crate::filter::sort_field(&parsed, registry.resource_type(kind), dialect).ok())
}

fn text(value: Option<Value>, name: &str) -> Result<Option<String>, ScimError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Array(elements)) if elements.iter().all(Value::is_string) => {
            Ok(Some(elements.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
        }
        Some(_) => Err(ScimError::invalid_value(format!("`{name}` is of the wrong type"))),
    }
}

fn integer(name: &str, text: Option<&str>) -> Result<Option<i64>, ScimError> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    let number = text.parse::<i128>();
    let number =
        number.map_err(|_| ScimError::invalid_value(format!("`{name}` is not an integer: `{text}`")))?;
    Ok(Some(i64::try_from(number.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Arguments;
    use crate::operation::{Order, Paging, Search};
    use crate::parse::query::Query;
    use crate::{Dialect, Kind, Registry, ScimError};

    fn search(query: &str, kinds: &[Kind], check: impl FnOnce(Result<Search<'_>, ScimError>)) {
        let registry = Registry::load().unwrap();
        let arguments = Arguments::from_query(&Query::parse(query).unwrap());
        check(arguments.search(&registry, Dialect::TOLERANT, kinds));
    }

    #[track_caller]
    fn pages(query: &str, start_index: usize, count: usize) {
        search(query, &[crate::testing::user()], |search| {
            let search = search.unwrap();
            assert_eq!((search.paging, search.count), (Paging::Index(start_index), count), "{query}");
        });
    }

    #[test]
    fn paging_takes_the_edge_values_of_the_rfc() {
        pages("", 1, 100);
        pages("startIndex=0&count=0", 1, 0);
        pages("startIndex=-5&count=-3", 1, 0);
        pages("startIndex=99999999999999999999&count=1000000", i64::MAX as usize, 1_000);
        search("count=abc", &[crate::testing::user()], |search| {
            assert_eq!(search.unwrap_err().detail, "`count` is not an integer: `abc`");
        });
    }

    #[test]
    fn what_is_empty_or_blank_counts_as_not_given() {
        let registry = Registry::load().unwrap();
        let expected =
            Arguments::default().search(&registry, Dialect::STRICT, &[crate::testing::user()]).unwrap();
        for blank in ["", " ", "\t \u{a0}"] {
            let names = ["filter", "sortBy", "sortOrder", "startIndex", "count", "attributes"];
            let query: String = names.iter().map(|name| format!("{name}={blank}&")).collect();
            let of_query = Arguments::from_query(&Query::parse(&query).unwrap());
            let body = names.iter().map(|name| (name.to_string(), json!(blank))).collect();
            let of_body = Arguments::from_body(body, Dialect::TOLERANT).unwrap();
            for arguments in [of_query, of_body] {
                let found = arguments.search(&registry, Dialect::STRICT, &[crate::testing::user()]).unwrap();
                assert_eq!(found, expected, "{query:?}");
            }
        }
        // A blank value does not hide one that is given.
        pages("count=&count=7&startIndex=+&startIndex=3", 3, 7);
        search("filter=&filter=userName", &[crate::testing::user()], |search| assert!(search.is_err()));
    }

    #[test]
    fn a_search_request_says_the_same_as_a_query() {
        let registry = Registry::load().unwrap();
        let body = json!({"filter": "userName pr", "sortBy": "userName", "sortOrder": "Descending", "count": 5,
            "startIndex": 2, "attributes": ["userName", "title"]});
        let of_body = Arguments::from_body(body, Dialect::TOLERANT).unwrap();
        let query = "filter=userName+pr&sortBy=userName&sortOrder=descending&count=5&startIndex=2&attributes=userName,title";
        let of_query = Arguments::from_query(&Query::parse(query).unwrap());
        let [one, other] = [of_body, of_query].map(|arguments| {
            arguments.search(&registry, Dialect::TOLERANT, &[crate::testing::user()]).unwrap()
        });
        assert_eq!(one, other);
        assert_eq!(one.order, Some(Order::Descending));
    }

    #[test]
    fn an_attribute_that_one_of_several_types_lacks_has_no_value_there() {
        search(
            "filter=userName+eq+%22a%22&sortBy=userName",
            &[crate::testing::user(), crate::testing::group()],
            |search| {
                let search = search.unwrap();
                assert_eq!(search.branches[1].filter, Some(crate::Predicate::never()));
                assert_eq!(search.branches[1].sort, None);
            },
        );
        search("filter=shoeSize+eq+1", &[crate::testing::user(), crate::testing::group()], |search| {
            assert!(search.is_err())
        });
        search("sortBy=shoeSize", &[crate::testing::user(), crate::testing::group()], |search| {
            assert_eq!(search.unwrap_err().detail, "`sortBy`: `shoeSize` is not an attribute to sort by");
        });
    }
}
