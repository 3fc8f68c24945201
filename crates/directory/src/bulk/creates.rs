//! Many creates in one statement each megabyte, and all of them in one round trip.

use std::collections::{BTreeMap, BTreeSet};

use scim::{Document, Kind, Outcome, ScimError};
use serde_json::{Value, json};

use crate::chunks::chunks;
use crate::quota::Rows;
use crate::record::Record;
use crate::write::name_in_use;
use crate::{Context, Database, Failure, Statement, create};

/// A resource to create: it has no members, so nothing but its name or a quota can forbid it.
pub(super) struct NewResource {
    pub kind: Kind,
    pub id: String,
    pub document: Document,
}

/// Bytes of JSON in one parameter; D1 takes 2 MB.
const CHUNK: usize = 1 << 20;

/// Whether the resource can be a row among others. A large one is created by itself: within the JSON of the
/// parameter its own JSON is quoted twice, and might be more than the parameter holds.
pub(super) fn is_small(document: &Document) -> bool {
    Value::Object(document.0.clone()).to_string().len() <= CHUNK / 8
}

/// Creates them, in their order: of two with one name the first is created.
pub(super) async fn create_together(
    database: &impl Database,
    context: &Context<'_>,
    new: Vec<NewResource>,
) -> Result<Vec<Result<Outcome, Failure>>, Failure> {
    let (rows, mut refused) = rows(context, &new);
    let chunks: Vec<Value> = chunks(rows, CHUNK);
    let inserts = chunks.iter().map(|rows| insert(context, rows));
    let beyond = chunks.iter().map(|rows| Rows::new(rows).refused(context.tenant));
    let answers = database.run(inserts.chain(beyond).collect()).await?;
    let (inserted, beyond) = answers.split_at_checked(chunks.len()).unwrap_or_default();
    let created: BTreeSet<&str> =
        inserted.iter().flatten().filter_map(|row| row.optional_text("id")).collect();
    let beyond = Rows::refusals(beyond.iter().flatten())?;
    refused.extend(beyond.into_iter().map(|(_, id, error)| (id.to_string(), error)));
    let outcome = |NewResource { kind, id, document }: NewResource| {
        if let Some(error) = refused.get(&id) {
            return Err(error.clone().into());
        }
        if !created.contains(id.as_str()) {
            return Err(name_in_use(kind, &document).into());
        }
        Ok(Outcome::Created(create::created(context, kind, id, document)))
    };
    Ok(new.into_iter().map(outcome).collect())
}

/// The rows to insert, and by id the refusals of those that no row can hold.
fn rows(context: &Context<'_>, new: &[NewResource]) -> (Vec<Value>, BTreeMap<String, ScimError>) {
    let (mut rows, mut refused) = (Vec::new(), BTreeMap::new());
    for NewResource { kind, id, document } in new {
        match Record::new(context.of(*kind), document) {
            Ok(record) => rows.push(json!({
                "type": kind.name(),
                "bytes": record.bytes(),
                "id": id,
                "unique_key": record.unique_key,
                "display_key": record.display_key,
                "external_id": record.external_id,
                "document": record.document,
                "search": record.search,
            })),
            Err(error) => {
                refused.insert(id.clone(), error);
            }
        }
    }
    (rows, refused)
}

fn insert(context: &Context<'_>, rows: &Value) -> Statement {
    let sql = format!(
        "INSERT INTO resources (tenant, type, id, version, revision, created, last_modified, \
         unique_key, display_key, external_id, document, search) \
         SELECT ?1, json_extract(new.value, '$.type'), json_extract(new.value, '$.id'), 1, \
         json_extract(new.value, '$.id'), ?6, ?6, \
         json_extract(new.value, '$.unique_key'), json_extract(new.value, '$.display_key'), \
         json_extract(new.value, '$.external_id'), json_extract(new.value, '$.document'), \
         json_extract(new.value, '$.search') \
         FROM json_each(?2) AS new WHERE {} ON CONFLICT DO NOTHING RETURNING id",
        Rows::fit()
    );
    let mut params = Rows::new(rows).params(context.tenant);
    params.push(context.now.0.into());
    Statement::new(sql, params)
}
