//! Creating many resources without members at once: each megabyte of rows is one statement.

use std::collections::{BTreeMap, BTreeSet};

use database::chunks::append;
use database::{Batch, Failure, Key, Param, Params, Row, Rows, Statement};
use scim::{Document, Instant, ResourceType, ScimError};
use serde_json::{Value, json};

use super::changes::{Log, Of};
use super::quota::{self, Growth, Quota};
use super::record::{INTO, Record};
use super::{Effect, Write};

/// A resource to create, as the JSON of its row. It has no members yet, so only its name or a quota can forbid it.
pub(crate) struct NewRow {
    row: Value,
}

impl NewRow {
    /// Returns the row of a document with what the service adds: id, version, and the times of creation and last
    /// change.
    ///
    /// # Errors
    /// 413 if no row can hold it, 400 `tooMany` if it has more values than are read from one body.
    pub(crate) fn new(
        of: &ResourceType,
        id: &str,
        document: &Document,
        version: i64,
        (created, last_modified): (Instant, Instant),
    ) -> Result<NewRow, ScimError> {
        let record = Record::new(of, id, document)?;
        let row = json!({
            "type": of.kind.name(),
            "bytes": record.bytes(),
            "id": id,
            "version": version,
            "created": created.0,
            "last_modified": last_modified.0,
            "unique_key": record.unique_key,
            "display_key": record.display_key,
            "external_id": record.external_id,
            "document": record.document,
            "search": record.search,
        });
        Ok(NewRow { row })
    }

    /// Adds it to the last of these, or to a new one if that would become longer than `most` bytes. A row that is
    /// longer than `longest` is left out.
    pub(crate) fn push(self, all: &mut Vec<NewRows>, most: usize, longest: usize) {
        let text = self.row.to_string();
        if text.len() > longest {
            return;
        }
        match all.last_mut() {
            Some(rows) if rows.rows.len() + text.len() < most => rows.add(&self.row, &text),
            _ => {
                let mut rows = NewRows::default();
                rows.add(&self.row, &text);
                all.push(rows);
            }
        }
    }
}

/// Many rows as one JSON array, and how much of the quotas they need. They are kept as text, so that none of their
/// documents is in memory more than once.
#[derive(Default)]
pub(crate) struct NewRows {
    rows: String,
    /// The rows without their documents.
    named: String,
    users: i64,
    groups: i64,
    bytes: i64,
    inserted: Option<Key>,
    refused: Option<Key>,
}

/// The type and the id of a resource.
pub(crate) type TypedId = (String, String);

/// The results of rows.
#[derive(Default)]
pub(crate) struct Inserted {
    /// The rows that are new.
    pub created: BTreeSet<TypedId>,
    /// The rows that a quota has refused.
    pub beyond: BTreeMap<TypedId, ScimError>,
}

impl Inserted {
    /// Adds the results of other rows.
    pub(crate) fn extend(&mut self, other: Inserted) {
        self.created.extend(other.created);
        self.beyond.extend(other.beyond);
    }
}

impl NewRows {
    fn add(&mut self, row: &Value, text: &str) {
        let named = ["type", "id", "unique_key", "bytes"];
        let named: Value =
            named.iter().filter_map(|name| Some((name.to_string(), row.get(name)?.clone()))).collect();
        append(&mut self.rows, text);
        append(&mut self.named, &named.to_string());
        match row.get("type").and_then(Value::as_str).and_then(Quota::of_type) {
            Some(Quota::Groups) => self.groups += 1,
            Some(Quota::Users) => self.users += 1,
            _ => {}
        }
        self.bytes += row.get("bytes").and_then(Value::as_i64).unwrap_or_default();
    }

    fn params(&self, write: &Write<'_>, rows: String) -> Vec<Param> {
        let counts = [self.users, self.groups, self.bytes].map(Param::from);
        [write.context.tenant.into(), rows.into()].into_iter().chain(counts).collect()
    }

    /// Returns SQL of whether the row `new` of `json_each(?2)` fits: all do, or it stands before the first that does
    /// not.
    fn fit() -> String {
        format!(
            "({} IS NULL OR new.key IN (SELECT key FROM ({}) WHERE quota IS NULL))",
            NewRows::all_exceed(),
            NewRows::one_by_one()
        )
    }

    fn all_exceed() -> String {
        let growth = [(Quota::Users, "+?3"), (Quota::Groups, "+?4"), (Quota::Bytes, "+?5")];
        quota::exceeded(&growth.map(|(quota, by)| Growth::by(quota, by)), None)
    }

    /// Returns the rows that were not inserted, with the quota that each would exceed after the ones before it.
    fn one_by_one() -> String {
        let place = |of: &str| format!("CASE one.type WHEN '{of}' THEN one.place ELSE 0 END");
        let growth = [
            Growth::by(Quota::Users, place(quota::USERS)),
            Growth::by(Quota::Groups, place(quota::GROUPS)),
            Growth::by(Quota::Bytes, "one.size"),
        ];
        let there = "SELECT 1 FROM resources AS r WHERE r.tenant = +?1 AND r.type = each.value->>'type'";
        format!(
            "SELECT one.key, one.type, one.id, {} AS quota FROM (SELECT each.key, each.value->>'type' AS type, each.value->>'id' AS id, \
             row_number() OVER (PARTITION BY each.value->>'type' ORDER BY each.key) AS place, \
             sum(each.value->>'bytes') OVER (ORDER BY each.key) AS size FROM json_each(?2) AS each \
             WHERE NOT EXISTS ({there} AND r.unique_key = each.value->>'unique_key') \
             AND NOT EXISTS ({there} AND r.id = each.value->>'id')) AS one",
            quota::exceeded(&growth, None)
        )
    }
}

impl Effect for NewRows {
    type Answer = Inserted;

    fn write_resources(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let sql = format!(
            "{INTO} SELECT ?1, json_extract(new.value, '$.type'), json_extract(new.value, '$.id'), \
             json_extract(new.value, '$.version'), ?6, json_extract(new.value, '$.created'), \
             json_extract(new.value, '$.last_modified'), json_extract(new.value, '$.unique_key'), \
             json_extract(new.value, '$.display_key'), json_extract(new.value, '$.external_id'), \
             json_extract(new.value, '$.document'), json_extract(new.value, '$.search') \
             FROM json_each(?2) AS new WHERE {} ON CONFLICT DO NOTHING RETURNING type, id",
            NewRows::fit()
        );
        let rows = std::mem::take(&mut self.rows);
        let mut params = self.params(write, rows);
        params.push(write.revision.as_str().into());
        self.inserted = Some(batch.add(Statement::new(sql, params)));
    }

    fn log(&self, batch: &mut Batch, write: &Write<'_>) {
        let mut params = Params::default();
        for key in [write.context.tenant, &self.named, &write.revision] {
            params.add(key);
        }
        let tables = "json_each(?2) AS new CROSS JOIN resources AS r ON r.tenant = +?1 \
            AND r.type = new.value->>'type' AND r.id = new.value->>'id'";
        let of = Of { tables, conditions: "r.revision = +?3" };
        batch.add(Log::new(write, params).created(&of, None).statement());
    }

    fn write_memberships(&mut self, _: &mut Batch, _: &Write<'_>) {}

    /// Finds the rows that were refused, after those that fit were inserted. It takes no documents.
    fn read(&mut self, batch: &mut Batch, write: &Write<'_>) {
        let sql = format!(
            "SELECT type, id, quota FROM ({}) WHERE {} IS NOT NULL AND quota IS NOT NULL",
            NewRows::one_by_one(),
            NewRows::all_exceed()
        );
        let named = std::mem::take(&mut self.named);
        self.refused = Some(batch.add(Statement::new(sql, self.params(write, named))));
    }

    fn answer(self, _: &Write<'_>, rows: &Rows) -> Result<Inserted, Failure> {
        let created = rows.of(self.inserted).iter().map(typed_id).collect::<Result<_, _>>()?;
        let beyond = rows.of(self.refused).iter().filter_map(|row| {
            let error = quota::refusal(Some(row))?;
            Some(typed_id(row).map(|id| (id, error)))
        });
        Ok(Inserted { created, beyond: beyond.collect::<Result<_, Failure>>()? })
    }
}

/// Reads the columns `type` and `id`.
pub(super) fn typed_id(row: &Row) -> Result<TypedId, Failure> {
    Ok((row.text("type")?.to_string(), row.text("id")?.to_string()))
}
