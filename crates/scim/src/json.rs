//! JSON as clients send it: an object has each name once, and the number of values is limited.
//!
//! RFC 8259 s4 leaves open what a repeated name means, and parsers differ: a program between the client and this
//! service could check another value than the one that is used here. Names of attributes have no letter case (RFC
//! 7643 s2.1), so `userName` and `USERNAME` are one name.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{ScimError, limits};

/// Parses a body, or a part of one.
///
/// # Errors
/// 400 `invalidSyntax` if it is not JSON, or a name occurs twice in an object; `tooMany` if it has more values than
/// are read.
pub fn read_json(text: &[u8]) -> Result<Value, ScimError> {
    // As text: all other JSON is read from text, so that one reader of serde_json is enough for both.
    let Ok(text) = std::str::from_utf8(without_mark(text)) else {
        return Err(ScimError::invalid_syntax(no_json("it is not UTF-8")));
    };
    let count = Count::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Reader(&count).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(value) => count.check().map(|()| value),
        Err(error) if error.is_data() => Err(ScimError::invalid_syntax(error.to_string())),
        Err(error) => Err(ScimError::invalid_syntax(no_json(&error.to_string()))),
    }
}

/// Returns the text after a byte order mark: parsers "MAY ignore the presence of a byte order mark rather than
/// treating it as an error" (RFC 8259 s8.1), which .NET and PowerShell write before UTF-8.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

fn no_json(error: &str) -> String {
    // serde_json identifies this error by its text alone.
    if error.starts_with("recursion limit") {
        return format!("the body nests deeper than {} levels", limits::JSON_DEPTH);
    }
    format!("the body is not JSON: {error}")
}

/// How many values were read so far.
#[derive(Default)]
struct Count {
    values: Cell<usize>,
    objects: Cell<usize>,
}

impl Count {
    /// Returns whether the next value is kept. Values beyond the limits are only counted, so that they take no
    /// memory.
    fn keeps(&self) -> bool {
        self.values.get() <= limits::JSON_VALUES && self.objects.get() <= limits::JSON_OBJECTS
    }

    fn check(&self) -> Result<(), ScimError> {
        limits::check(self.values.get(), limits::JSON_VALUES, "JSON values")?;
        limits::check(self.objects.get(), limits::JSON_OBJECTS, "JSON objects")
    }
}

/// Reads one value and everything within it.
#[derive(Clone, Copy)]
struct Reader<'c>(&'c Count);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.values.set(self.0.values.get() + 1);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(value) = elements.next_element_seed(self)? {
            if self.0.keeps() {
                read.push(value);
            }
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.0.objects.set(self.0.objects.get() + 1);
        let mut read = Map::new();
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if self.0.keeps() && !names.insert(folded(&name)) {
                return Err(A::Error::custom(format_args!("`{name}` occurs twice")));
            }
            let value = members.next_value_seed(self)?;
            if self.0.keeps() {
                read.insert(name, value);
            }
        }
        Ok(Value::Object(read))
    }
}

/// Returns a name in lower case. A name with quotes in it is the path of a change (`emails[type eq "work"].value`),
/// and the letter case of a quoted text may count.
fn folded(name: &str) -> String {
    if name.contains('"') { name.to_string() } else { name.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read_json;
    use crate::ScimType;

    #[test]
    fn every_kind_of_value_is_read_as_it_is() {
        let text =
            r#" {"a": [null, true, -1, 18446744073709551615, 0.5, "x\u0000\ud83d\ude00"], "b": {"a": {}}} "#;
        let value = json!({"a": [null, true, -1, u64::MAX, 0.5, "x\0😀"], "b": {"a": {}}});
        assert_eq!(read_json(text.as_bytes()), Ok(value));
        assert_eq!(read_json(b"-0").unwrap().to_string(), "-0.0");
    }

    #[test]
    fn text_that_is_not_utf_8_is_not_json() {
        assert_eq!(read_json(b"\"Zo\xeb\"").unwrap_err().detail, "the body is not JSON: it is not UTF-8");
    }

    #[test]
    fn a_name_that_occurs_twice_is_refused_whatever_its_letter_case_or_its_escapes() {
        for (text, name) in [
            (r#"{"a": 1, "a": 1}"#, "a"),
            (r#"{"a": 1, "b": 2, "A": 3}"#, "A"),
            (r#"{"a": 1, "\u0061": 2}"#, "a"),
            (r#"{"a": null, "a": null}"#, "a"),
            (r#"[{"x": {"": 1, "": 2}}]"#, ""),
        ] {
            let detail = read_json(text.as_bytes()).unwrap_err().into_detail();
            assert!(detail.starts_with(&format!("`{name}` occurs twice at line 1 column ")), "{detail}");
        }
        for text in [
            r#"[{"a": 1}, {"a": 1}]"#,
            r#"{"a": {"a": 1}}"#,
            r#"{"r[v eq \"a\"].d": 1, "r[v eq \"A\"].d": 2}"#,
        ] {
            assert!(read_json(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn values_are_counted_wherever_they_stand_and_too_many_are_refused_with_their_count() {
        let array = |one: &str, count: usize| format!("[{}]", vec![one; count].join(","));
        let nested = |count: usize| array(&format!("{}0{}", "{\"a\":".repeat(100), "}".repeat(100)), count);
        // The array itself is a value too.
        for taken in [
            array("0", 50_999),
            array("[]", 50_999),
            array("{\"a\":0}", 25_499),
            array("{}", 26_000),
            nested(260),
        ] {
            assert!(read_json(taken.as_bytes()).is_ok(), "{}", taken.len());
        }
        for (refused, what) in [
            (array("0", 51_000), "51001 JSON values; at most 51000"),
            (array("[]", 51_000), "51001 JSON values; at most 51000"),
            (array("{\"a\":0}", 100_000), "200001 JSON values; at most 51000"),
            (array("{}", 26_001), "26001 JSON objects; at most 26000"),
            (nested(261), "26100 JSON objects; at most 26000"),
        ] {
            let error = read_json(refused.as_bytes()).unwrap_err();
            let detail = format!("the request has {what} are taken");
            assert_eq!((error.scim_type, error.into_detail()), (Some(ScimType::TooMany), detail));
        }
    }

    #[test]
    fn what_is_wrong_with_json_is_named() {
        for text in ["", "{", "{\"a\":1,}", "1e999", "\u{feff}\u{feff}{}", " \u{feff}{}", "{\"a\":1}x", "NaN"]
        {
            let detail = read_json(text.as_bytes()).unwrap_err().into_detail();
            assert!(detail.starts_with("the body is not JSON: "), "{detail}");
        }
        assert!(read_json(b"\"\xff\"").is_err());
    }
}
