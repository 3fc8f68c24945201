//! What the conditions and keys of a query refer to: the values in `?3`, and the tables that the statement defines.

use database::Param;
use scim::limits;
use serde_json::Value;

use super::price::Price;

/// What is in `?3`, in the order in which SQL refers to it; the tables; and what all of it costs.
#[derive(Default)]
pub(crate) struct Needs {
    values: Vec<Value>,
    /// The name and the definition of each, for a WITH RECURSIVE.
    tables: Vec<(String, String)>,
    /// The tables that end once they have more rows than may be read.
    walks: Vec<String>,
    /// The JOIN that `r` needs for its sort key.
    pub join: Option<String>,
    pub price: Price,
}

impl Needs {
    /// Returns the parameter `?3`.
    pub(crate) fn param(&self) -> Param {
        Value::Array(self.values.clone()).to_string().into()
    }

    /// Returns the tables; each comes after those that it refers to.
    pub(crate) fn tables(&self) -> impl Iterator<Item = String> {
        let limit = format!("LIMIT {}", self.most() + 1);
        let gate = self.gate();
        self.tables.iter().map(move |(name, definition)| {
            format!("{name} AS MATERIALIZED ({})", definition.replace(LIMIT, &limit).replace(GATE, gate))
        })
    }

    /// Returns what stands before a table in FROM, so that it is not walked through if the price is too high.
    pub(crate) fn gate(&self) -> &'static str {
        match self.price.rows() {
            Some(_) => "allowed CROSS JOIN ",
            None => "",
        }
    }

    /// Returns the condition that a walk was ended, so that what was found is not complete.
    pub(crate) fn is_ended(&self) -> Option<String> {
        let most = self.most();
        let ended = |name: &String| format!("(SELECT count(*) FROM {name}) > {most}");
        (!self.walks.is_empty()).then(|| self.walks.iter().map(ended).collect::<Vec<_>>().join(" OR "))
    }

    /// Returns how many rows one walk may have.
    fn most(&self) -> usize {
        limits::WALK_ROWS / self.walks.len().max(1)
    }

    /// Returns the name of a table with that definition, in which [`THIS`] stands for the name. However often it is
    /// asked for, it is defined once.
    pub(super) fn table(&mut self, name: &str, columns: &str, definition: &str) -> String {
        let named = |name: &str| (format!("{name} ({columns})"), definition.replace(THIS, name));
        let same = |number: usize| {
            let name = format!("{name}{number}");
            self.tables.iter().any(|table| *table == named(&name)).then_some(name)
        };
        if let Some(name) = (0..self.tables.len()).find_map(same) {
            return name;
        }
        let name = format!("{name}{}", self.tables.len());
        self.tables.push(named(&name));
        name
    }

    /// Returns the name of a table that ends once it has more rows than may be read; its definition ends with
    /// [`LIMIT`].
    pub(super) fn walk(&mut self, name: &str, columns: &str, definition: &str) -> String {
        let name = self.table(name, columns, definition);
        if !self.walks.contains(&name) {
            self.walks.push(name.clone());
        }
        name
    }

    /// Returns the expression that yields the value.
    pub(crate) fn one(&mut self, value: impl Into<Value>) -> String {
        format!("(?3->>{})", self.place(value.into()))
    }

    /// Returns the FROM that yields the values.
    pub(super) fn several(&mut self, values: &[&str]) -> String {
        format!("json_each(?3->{})", self.place(values.into()))
    }

    /// Returns the expression that yields the JSON path of these keys, one within the other.
    pub(super) fn path(&mut self, keys: &[&str]) -> String {
        let keys = keys.iter().map(|key| format!(".{}", Value::from(*key)));
        self.one(format!("${}", keys.collect::<String>()))
    }

    /// Returns the index of the value; a path that several comparisons use is there once.
    fn place(&mut self, value: Value) -> usize {
        let present = self.values.iter().position(|present| *present == value);
        present.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }
}

/// Stands for the bound on the number of rows of a walk.
pub(super) const LIMIT: &str = "LIMIT :rows";
/// Stands for the table itself, in its definition.
pub(super) const THIS: &str = ":this";
/// Stands for [`Needs::gate`].
pub(super) const GATE: &str = ":gate ";
