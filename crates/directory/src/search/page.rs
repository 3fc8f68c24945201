//! How much of what was found a page holds: it ends early before its documents or memberships would exceed the memory
//! of an instance (RFC 7644 s3.4.2.4: "MUST NOT return more [...] although it MAY return fewer").

use std::collections::BTreeMap;

use database::{Batch, Database, Failure, Row, Statement};
use scim::{Kind, Resource, Search, limits};
use serde_json::Value;

use super::parts::{self, ITSELF};
use crate::memberships::{self, Item};
use crate::store::record::{self, COLUMNS};

/// The rows of a query, and how many of them the page holds.
pub(super) struct Found<'r> {
    /// One row for each match, in their order; those after `held` are not on the page.
    rows: Vec<&'r Row>,
    held: usize,
    /// The types whose memberships are shown.
    shown: Vec<Kind>,
    items: BTreeMap<&'r str, Vec<Item>>,
    /// Whether the first resource has more memberships than a page holds, and is the only one on it.
    is_first_cut: bool,
}

impl<'r> Found<'r> {
    pub(super) fn new(search: &Search<'_>, shown: Vec<Kind>, rows: &'r [Row]) -> Result<Found<'r>, Failure> {
        let mut items = BTreeMap::new();
        for part in ["groups", "members"] {
            items.extend(memberships::by_owner(&parts::part(rows, part).collect::<Vec<_>>())?);
        }
        let mut rows: Vec<&Row> = parts::part(rows, "page").collect();
        rows.sort_by_key(|row| row.optional_integer("place").ok().flatten());
        let mut found = Found { rows, held: 0, shown, items, is_first_cut: false };
        found.held = found.fit(search.count)?;
        for items in found.items.values_mut() {
            items.retain(|(_, fact, _)| *fact != ITSELF);
        }
        Ok(found)
    }

    /// Returns how many resources fit: at least one.
    fn fit(&mut self, count: usize) -> Result<usize, Failure> {
        let (mut bytes, mut memberships) = (0, 0);
        for (at, row) in self.rows.iter().take(count).enumerate() {
            bytes += usize::try_from(row.integer("size")?).unwrap_or_default();
            let items = self.items.get(row.text("id")?).map(Vec::as_slice).unwrap_or_default();
            // A group whose members were not read is on the next page.
            let is_unread = items.iter().any(|(_, fact, _)| *fact == ITSELF);
            memberships += items.len();
            let fits = !is_unread && memberships <= limits::PAGE_MEMBERSHIPS;
            if at == 0 && !fits {
                self.is_first_cut = true;
                return Ok(1);
            }
            if at > 0 && (!fits || bytes > limits::PAGE_BYTES) {
                return Ok(at);
            }
        }
        Ok(self.rows.len().min(count))
    }

    /// Returns the type of the resource if its memberships are shown.
    fn shown_kind(&self, row: &Row) -> Result<Option<Kind>, Failure> {
        let kind = row.text("type")?;
        Ok(self.shown.iter().copied().find(|shown| shown.name() == kind))
    }

    /// Returns how many resources the page holds.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Returns the last resource of the page.
    pub(super) fn last(&self) -> Option<&'r Row> {
        self.rows.get(self.held.checked_sub(1)?).copied()
    }

    /// Returns the last resource of the page, if another page follows.
    pub(super) fn last_of_several(&self) -> Option<&'r Row> {
        self.last().filter(|_| self.rows.len() > self.held)
    }

    /// Returns the resources of the page. Large documents, which the first statement left out, are read now.
    pub(super) async fn resources(
        mut self,
        database: &impl Database,
        tenant: &str,
        any: Kind,
    ) -> Result<Vec<Resource>, Failure> {
        let held: Vec<&Row> = self.rows.iter().take(self.held).copied().collect();
        let large: Vec<&Row> =
            held.iter().filter(|row| row.optional_text("document").is_none()).copied().collect();
        let first = held.first().filter(|_| self.is_first_cut);
        let mut batch = Batch::new();
        let documents = match large.is_empty() {
            true => None,
            false => Some(batch.add(documents(tenant, &large)?)),
        };
        let memberships_of_first = match first {
            None => None,
            Some(first) => {
                let kind = self.shown_kind(first)?.unwrap_or(any);
                Some(batch.add(memberships::read_one(kind, tenant, first.text("id")?)))
            }
        };
        let found = batch.query(database).await?;
        let mut resources = Vec::new();
        for row in &held {
            let id = row.text("id")?;
            let same =
                |other: &&Row| other.text("id").ok() == Some(id) && other.get("type") == row.get("type");
            let whole = match row.optional_text("document") {
                Some(_) => Some(*row),
                // The resource may have been deleted in between.
                None => found.of(documents).iter().find(same),
            };
            let Some(whole) = whole else { continue };
            let mut resource = record::resource(whole, any)?;
            if self.shown_kind(row)?.is_some() && !self.is_first_cut {
                memberships::attach_items(&mut resource, self.items.remove(id).unwrap_or_default());
            }
            resources.push(resource);
        }
        if let (true, Some(resource)) = (self.is_first_cut, resources.first_mut()) {
            memberships::attach(resource, found.of(memberships_of_first))?;
        }
        Ok(resources)
    }
}

/// Selects the resources of these rows.
fn documents(tenant: &str, rows: &[&Row]) -> Result<Statement, Failure> {
    let key = |row: &&Row| Ok(Value::from(vec![row.text("type")?, row.text("id")?]));
    let keys = rows.iter().map(key).collect::<Result<Value, Failure>>()?;
    let sql = format!(
        "SELECT {COLUMNS} FROM json_each(?2) AS wanted CROSS JOIN resources AS r ON r.tenant = +?1 \
         AND r.type = wanted.value->>0 AND r.id = wanted.value->>1"
    );
    Ok(Statement::new(sql, vec![tenant.into(), keys.to_string().into()]))
}
