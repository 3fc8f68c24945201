//! A document as columns: the keys that are looked up, and the form in which filters compare it.

use scim::{
    Attribute, AttributeType, Document, Instant, Kind, Resource, ResourceType, ScimError, fold, limits,
};
use serde_json::{Map, Value};

use crate::{Failure, Param, Row};

/// The columns of `resources` that follow from a document.
#[derive(Clone)]
pub(crate) struct Record {
    pub unique_key: String,
    pub display_key: Option<String>,
    pub external_id: Option<String>,
    pub document: String,
    pub search: String,
    /// Whether a user is active, where that is said.
    pub active: Option<bool>,
}

/// The columns that make a [`Resource`], of the table under the alias `r`.
pub(crate) const COLUMNS: &str = "r.type, r.id, r.version, r.created, r.last_modified, r.document";

impl Record {
    /// # Errors
    /// 413 where the row would be larger than D1 takes: a document stands in it twice.
    pub(crate) fn new(of: &ResourceType, document: &Document) -> Result<Record, ScimError> {
        let key = |name: &str| document.text(name).map(fold);
        let (unique_key, display_key) = match of.kind {
            Kind::User => (key("userName"), key("displayName")),
            Kind::Group => (key("displayName"), None),
        };
        let record = Record {
            unique_key: unique_key.unwrap_or_default(),
            display_key,
            external_id: document.text("externalId").map(str::to_string),
            document: Value::Object(document.0.clone()).to_string(),
            search: Value::Object(searchable(of, &document.0)).to_string(),
            active: document.0.get("active").and_then(Value::as_bool),
        };
        if record.size() > limits::RESOURCE {
            return Err(ScimError::new(413, "the resource is larger than the directory can store"));
        }
        Ok(record)
    }

    fn size(&self) -> usize {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let keys = self.unique_key.len() + optional(&self.display_key) + optional(&self.external_id);
        keys + self.document.len() + self.search.len()
    }

    /// What it counts for the quota of bytes.
    pub(crate) fn bytes(&self) -> i64 {
        i64::try_from(self.document.len() + self.search.len()).unwrap_or(i64::MAX)
    }

    /// The values in the order of `unique_key, display_key, external_id, document, search`.
    pub(crate) fn into_params(self) -> [Param; 5] {
        let Record { unique_key, display_key, external_id, document, search, .. } = self;
        [unique_key.into(), display_key.into(), external_id.into(), document.into(), search.into()]
    }
}

/// Reads a row that has [`COLUMNS`].
pub(crate) fn resource(row: &Row) -> Result<Resource, Failure> {
    let kind = row.text("type")?;
    let kind =
        Kind::from_name(kind).ok_or_else(|| Failure::Corrupt(format!("`{kind}` is no resource type")))?;
    let document = match serde_json::from_str(row.text("document")?) {
        Ok(Value::Object(document)) => Document(document),
        _ => return Err(Failure::Corrupt("column `document` holds no JSON object".into())),
    };
    Ok(Resource {
        kind,
        id: row.text("id")?.to_string(),
        version: row.integer("version")?,
        created: Instant(row.integer("created")?),
        last_modified: Instant(row.integer("last_modified")?),
        document,
        members: None,
        groups: None,
        more: false,
    })
}

/// The document as filters compare it: text folded where the attribute is not caseExact, times as numbers.
/// Names that no schema gives are folded as well, since a filter may write them in any letter case.
fn searchable(of: &ResourceType, document: &Map<String, Value>) -> Map<String, Value> {
    let entry = |(name, value): (&String, &Value)| {
        let folded = match (of.attribute(name), of.extension(name), value) {
            (Some(attribute), _, value) => comparable(attribute, value),
            (None, Some(schema), Value::Object(attributes)) => {
                let of_schema = |(name, value): (&String, &Value)| {
                    let attribute = schema.attribute(name)?;
                    Some((attribute.name.clone(), comparable(attribute, value)))
                };
                Value::Object(first_of_each(attributes.iter().filter_map(of_schema)))
            }
            (None, _, value) => return (name.to_ascii_lowercase(), undeclared(value)),
        };
        (name.clone(), folded)
    };
    first_of_each(document.iter().map(entry))
}

/// Of names that were the same but for their letter case, the first counts, as it does for [`scim::Predicate`].
fn first_of_each(entries: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in entries {
        map.entry(name).or_insert(value);
    }
    map
}

fn comparable(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(|element| comparable(attribute, element)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let sub = attribute.sub_attribute(name)?;
                Some((name.clone(), comparable(sub, value)))
            };
            Value::Object(first_of_each(members.iter().filter_map(member)))
        }
        // What is no time is there all the same, so that `pr` finds it.
        Value::String(text) if attribute.kind == AttributeType::DateTime => {
            Instant::parse(text).map_or_else(|| value.clone(), |instant| instant.0.into())
        }
        Value::String(text) if !attribute.case_exact => fold(text).into(),
        other => other.clone(),
    }
}

fn undeclared(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(undeclared).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.to_ascii_lowercase(), undeclared(value));
            Value::Object(first_of_each(members.iter().map(member)))
        }
        Value::String(text) => fold(text).into(),
        other => other.clone(),
    }
}
