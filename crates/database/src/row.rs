//! A row of an answer: values by the names of their columns. The rows of one statement share the names, which saves a copy of
//! each name in each row.
//!
//! What lives here: rows, and how they are parsed from JSON. What does not: rows that belong to a statement of a batch (`batch`).

use std::fmt;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::Failure;

/// A row: its columns by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    columns: Rc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// Returns a row of these values, each of the column at the same place.
    pub fn new(columns: Rc<[String]>, values: Vec<Value>) -> Row {
        Row { columns, values }
    }

    /// Returns the value of a column, if there is such a column. Of several with that name the last one counts, as in a
    /// JavaScript object.
    pub fn get(&self, column: &str) -> Option<&Value> {
        let mut cells = self.columns.iter().zip(&self.values);
        cells.rfind(|(name, _)| *name == column).map(|(_, value)| value)
    }

    /// Returns the columns with their values.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.columns.iter().map(String::as_str).zip(&self.values)
    }

    /// Returns the text that a column holds.
    ///
    /// # Errors
    /// [`Failure::corrupt`] if it holds anything else.
    pub fn text(&self, column: &str) -> Result<&str, Failure> {
        self.optional_text(column).ok_or_else(|| Failure::corrupt(format!("column `{column}` holds no text")))
    }

    /// Returns the text that a column holds, if it holds one.
    pub fn optional_text(&self, column: &str) -> Option<&str> {
        self.get(column).and_then(Value::as_str)
    }

    /// Returns the texts of the JSON array that a column holds; none if it holds nothing.
    ///
    /// # Errors
    /// [`Failure::corrupt`] if it holds anything else.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, Failure> {
        let texts = self.optional_text(column).map(serde_json::from_str);
        texts
            .transpose()
            .map(Option::unwrap_or_default)
            .map_err(|_| Failure::corrupt(format!("column `{column}` is not a list of texts")))
    }

    /// Returns the integer that a column holds, if it holds anything.
    ///
    /// # Errors
    /// [`Failure::corrupt`] if it holds anything else.
    pub fn optional_integer(&self, column: &str) -> Result<Option<i64>, Failure> {
        match self.get(column) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.integer(column).map(Some),
        }
    }

    /// Returns the integer that a column holds.
    ///
    /// # Errors
    /// [`Failure::corrupt`] if it holds anything else.
    pub fn integer(&self, column: &str) -> Result<i64, Failure> {
        let value = self.get(column);
        // JavaScript has one kind of number; an integer may arrive as 1.0.
        let whole =
            |value: &Value| value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64);
        value
            .and_then(|value| value.as_i64().or_else(|| whole(value)))
            .ok_or_else(|| Failure::corrupt(format!("column `{column}` holds no integer")))
    }
}

/// Parses the rows of a statement from an array of objects, for `#[serde(deserialize_with)]`.
///
/// ```
/// # #[derive(serde::Deserialize)]
/// struct Answer {
///     #[serde(deserialize_with = "database::rows")]
///     results: Vec<database::Row>,
/// }
/// let text = r#"{"results": [{"id": "a", "version": 1}, {"id": "b", "version": 2}]}"#;
/// let answer: Answer = serde_json::from_str(text)?;
/// assert_eq!(answer.results[1].optional_text("id"), Some("b"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// If it is not an array of objects.
pub fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Row>, D::Error> {
    deserializer.deserialize_seq(All)
}

/// Parses all rows.
struct All;

impl<'de> Visitor<'de> for All {
    type Value = Vec<Row>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<Row>, A::Error> {
        let mut all: Vec<Row> = Vec::new();
        while let Some(row) = rows.next_element_seed(After(all.last()))? {
            all.push(row);
        }
        Ok(all)
    }
}

/// Parses a row, which shares its names with the row before it if they are the same in the same order.
struct After<'r>(Option<&'r Row>);

impl<'de> DeserializeSeed<'de> for After<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for After<'_> {
    type Value = Row;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut cells: A) -> Result<Row, A::Error> {
        let columns = self.0.map(|row| row.columns.clone()).unwrap_or_default();
        let mut values = Vec::with_capacity(columns.len());
        let mut others: Option<Vec<String>> = None;
        loop {
            let expected = columns.get(values.len()).filter(|_| others.is_none());
            let Some(other) = cells.next_key_seed(Name(expected.map(String::as_str)))? else { break };
            if let Some(other) = other {
                let same = || columns.iter().take(values.len()).cloned().collect();
                others.get_or_insert_with(same).push(other);
            }
            values.push(cells.next_value()?);
        }
        Ok(Row { columns: others.map_or(columns, Rc::from), values })
    }
}

/// Parses the name of a column: None if it is the expected one.
struct Name<'n>(Option<&'n str>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<String>, E> {
        Ok((self.0 != Some(name)).then(|| name.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::{Row, rows};

    #[test]
    fn the_rows_of_a_statement_share_their_names_and_rows_of_other_columns_have_their_own() {
        let answer = json!([
            {"id": "a", "size": 1}, {"id": "b", "size": null}, {"id": "c"}, {"id": "d", "total": 2}, {"total": 3, "id": "e"},
            {"id": "f", "size": 4, "total": 5}, {},
        ]);
        let text = answer.to_string();
        let rows = rows(&mut serde_json::Deserializer::from_str(&text)).unwrap();
        let text = |row: &Row| row.optional_text("id").map(str::to_string);
        assert_eq!(rows.iter().filter_map(text).collect::<String>(), "abcdef");
        assert!(Rc::ptr_eq(&rows[0].columns, &rows[1].columns));
        let size = |row: &Row| row.optional_integer("size").unwrap();
        let total = |row: &Row| row.optional_integer("total").unwrap();
        assert_eq!(
            rows.iter().map(size).collect::<Vec<_>>(),
            [Some(1), None, None, None, None, Some(4), None]
        );
        assert_eq!(
            rows.iter().map(total).collect::<Vec<_>>(),
            [None, None, None, Some(2), Some(3), Some(5), None]
        );
    }

    #[test]
    fn of_columns_of_one_name_the_last_one_counts() {
        let row = Row::new(["id".to_string(), "id".to_string()].into(), vec![json!("a"), json!("b")]);
        assert_eq!(row.optional_text("id"), Some("b"));
    }
}
