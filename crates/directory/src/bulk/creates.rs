//! Many creates in one statement each megabyte, and all of them in one round trip.

use std::collections::{BTreeMap, BTreeSet};

use database::{Database, Failure, Statement};
use scim::{Document, Done, Kind, ScimError};
use serde_json::{Value, json};

use crate::quota::Rows;
use crate::record::{self, Record};
use crate::{Context, refusal};

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
    record::json(&document.0).len() <= CHUNK / 8
}

/// What is kept of a resource while the database works.
struct Asked {
    kind: Kind,
    id: String,
    /// Its name, or why no row can hold it.
    name: Result<String, ScimError>,
}

/// Creates them, in their order: of two with one name the first is created.
pub(super) async fn create_together(
    database: &impl Database,
    context: &Context<'_>,
    new: Vec<NewResource>,
) -> Result<Vec<Result<Done, Failure>>, Failure> {
    let (mut asked, mut all) = (Vec::new(), Vec::new());
    // One by one, so that of each document either its values are there or its row.
    for new in new {
        let row = row(context, &new);
        let name = refusal::name(new.kind, &new.document).to_string();
        asked.push(Asked {
            kind: new.kind,
            id: new.id,
            name: row.as_ref().err().cloned().map_or(Ok(name), Err),
        });
        row.into_iter().for_each(|row| Rows::push(&mut all, &row, CHUNK));
    }
    let refused: Vec<Statement> = all.iter().map(|rows| rows.refused(context.tenant)).collect();
    let count = all.len();
    let inserts = all.into_iter().map(|rows| insert(context, rows));
    let answers = database.run(inserts.chain(refused).collect()).await?;
    let (inserted, beyond) = answers.split_at_checked(count).unwrap_or_default();
    let created: BTreeSet<&str> =
        inserted.iter().flatten().filter_map(|row| row.optional_text("id")).collect();
    let beyond = Rows::refusals(beyond.iter().flatten())?.into_iter().map(|(_, id, error)| (id, error));
    let beyond: BTreeMap<&str, ScimError> = beyond.collect();
    let result = |Asked { kind, id, name }: Asked| {
        let name = name?;
        match beyond.get(id.as_str()) {
            Some(error) => Err(error.clone().into()),
            None if !created.contains(id.as_str()) => Err(refusal::name_in_use(kind, &name).into()),
            None => Ok(Done { status: 201, version: Some(1) }),
        }
    };
    Ok(asked.into_iter().map(result).collect())
}

/// The row to insert; the refusal of a resource that no row can hold.
fn row(context: &Context<'_>, new: &NewResource) -> Result<Value, ScimError> {
    let record = Record::new(context.of(new.kind), &new.document)?;
    Ok(json!({
        "type": new.kind.name(),
        "bytes": record.bytes(),
        "id": new.id,
        "unique_key": record.unique_key,
        "display_key": record.display_key,
        "external_id": record.external_id,
        "document": record.document,
        "search": record.search,
    }))
}

fn insert(context: &Context<'_>, rows: Rows) -> Statement {
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
    let mut params = rows.into_params(context.tenant);
    params.push(context.now.0.into());
    Statement::new(sql, params)
}
