//! A document as columns: the keys that are looked up. `searchable` writes the form that filters compare.

use database::{Failure, Param, Row, Statement};
use scim::{Document, Instant, Kind, Resource, ResourceType, ScimError, fold, limits};
use serde::Serialize;
use serde_json::Value;

use super::searchable::Searchable;
use crate::refusal;

/// The columns of `resources` that follow from a document.
pub(crate) struct Record {
    /// The name as the client wrote it; not a column.
    pub name: String,
    pub unique_key: String,
    pub display_key: Option<String>,
    pub external_id: Option<String>,
    pub document: String,
    pub search: String,
    /// Whether a user is active, if the document says so.
    pub active: Option<bool>,
}

/// The columns that make a [`Resource`], of the table under the alias `r`.
pub(crate) const COLUMNS: &str = "r.type, r.id, r.version, r.created, r.last_modified, r.document";

/// Into which columns a new resource goes; [`Record::into_params`] returns the last five.
pub(super) const INTO: &str = "INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, \
    unique_key, display_key, external_id, document, search)";

impl Record {
    /// Returns the columns of a document.
    ///
    /// # Errors
    /// 413 if the row would be larger than D1 takes: a document stands in it twice. 400 `tooMany` if it has more
    /// values than are read from one body.
    pub(crate) fn new(of: &ResourceType, id: &str, document: &Document) -> Result<Record, ScimError> {
        document.check_json()?;
        let is_exact = |name: &str| of.attribute(name).is_some_and(|attribute| attribute.case_exact);
        let key = |name: &str| {
            document.text(name).map(|text| if is_exact(name) { text.to_string() } else { fold(text) })
        };
        // A type without a unique name is unique by its id.
        let unique_key = of.kind.unique().map_or_else(|| Some(id.to_string()), key);
        let display_key = key("displayName").filter(|_| of.kind.unique() != Some("displayName"));
        let record = Record {
            name: refusal::name(of.kind, document).to_string(),
            unique_key: unique_key.unwrap_or_default(),
            display_key,
            external_id: document.text("externalId").map(str::to_string),
            document: json(&document.0),
            search: json(&Searchable { of, document: &document.0 }),
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

    /// Returns what it counts for the quota of bytes.
    pub(crate) fn bytes(&self) -> i64 {
        i64::try_from(self.document.len() + self.search.len()).unwrap_or(i64::MAX)
    }

    /// Returns the values in the order of `unique_key, display_key, external_id, document, search`.
    pub(crate) fn into_params(self) -> [Param; 5] {
        let Record { unique_key, display_key, external_id, document, search, .. } = self;
        [unique_key.into(), display_key.into(), external_id.into(), document.into(), search.into()]
    }
}

/// Returns the weight of the document of a row that has [`COLUMNS`].
pub(crate) fn weight(row: &Row) -> usize {
    row.optional_text("document").map_or(0, |document| limits::weight(document.as_bytes()))
}

/// Parses a row that has [`COLUMNS`], of any type; `any` is one of the registry's.
pub(crate) fn resource(row: &Row, any: Kind) -> Result<Resource, Failure> {
    let kind = row.text("type")?;
    let kind = any.named(kind).ok_or_else(|| Failure::corrupt(format!("`{kind}` is not a resource type")))?;
    Ok(Resource {
        kind,
        id: row.text("id")?.to_string(),
        version: row.integer("version")?,
        created: Instant(row.integer("created")?),
        last_modified: Instant(row.integer("last_modified")?),
        document: document(row)?,
        members: None,
        groups: None,
        more: false,
    })
}

/// Parses the column `document`.
pub(crate) fn document(row: &Row) -> Result<Document, Failure> {
    match serde_json::from_str(row.text("document")?) {
        Ok(Value::Object(document)) => Ok(Document(document)),
        _ => Err(Failure::corrupt("column `document` holds no JSON object")),
    }
}

/// Returns the JSON of a value. It fails only for a map with keys that are not text, which no value here has.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Selects one resource.
pub(crate) fn select(tenant: &str, kind: Kind, id: &str) -> Statement {
    let sql =
        format!("SELECT {COLUMNS} FROM resources AS r WHERE r.tenant = +?1 AND r.type = +?2 AND r.id = +?3");
    Statement::new(sql, vec![tenant.into(), kind.name().into(), id.into()])
}

/// Selects the version of one resource.
pub(super) fn select_version(tenant: &str, kind: Kind, id: &str) -> Statement {
    let sql = "SELECT r.version FROM resources AS r WHERE r.tenant = +?1 AND r.type = +?2 AND r.id = +?3";
    Statement::new(sql, vec![tenant.into(), kind.name().into(), id.into()])
}

/// Returns the resource that [`select`] found.
///
/// # Errors
/// 404 if it found none.
pub(crate) fn found<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    kind: Kind,
    id: &str,
) -> Result<Resource, Failure> {
    rows.into_iter()
        .next()
        .map(|row| resource(row, kind))
        .unwrap_or_else(|| Err(refusal::not_found(kind, id).into()))
}
