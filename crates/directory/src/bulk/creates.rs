//! Many creates in one statement for each megabyte, and all statements in one round trip.

use database::{Database, Failure};
use scim::{Document, Done, Kind, ScimError};

use crate::store::{Inserted, NewRow, NewRows, Together, commit, record};
use crate::{Context, refusal};

/// A resource to create. It has no members, so only its name or a quota can forbid it.
pub(super) struct NewResource {
    pub kind: Kind,
    pub id: String,
    pub document: Document,
}

/// Bytes of JSON in one parameter; D1 takes 2 MB.
const CHUNK: usize = 1 << 20;

/// Returns whether the resource can be one of many rows in a parameter. A large one is created by itself: its JSON is
/// quoted a second time within the JSON of the parameter, and might exceed what a parameter holds.
pub(super) fn is_small(document: &Document) -> bool {
    record::json(&document.0).len() <= CHUNK / 8
}

/// What is kept of a resource during the call of the database.
struct Create {
    kind: Kind,
    id: String,
    /// Its name, or the refusal if no row can hold it.
    name: Result<String, ScimError>,
}

/// Creates the resources in their order: of two with the same name, the first is created.
pub(super) async fn create_together(
    database: &impl Database,
    context: &Context<'_>,
    new: Vec<NewResource>,
) -> Result<Vec<Result<Done, Failure>>, Failure> {
    let (mut creates, mut all) = (Vec::new(), Vec::<NewRows>::new());
    // One by one, so that each document is in memory either as values or as its row.
    for NewResource { kind, id, document } in new {
        let row = NewRow::new(context.of(kind), &id, &document, 1, (context.now, context.now));
        let name = row.as_ref().map_err(Clone::clone).map(|_| refusal::name(kind, &document).to_string());
        creates.push(Create { kind, id, name });
        row.into_iter().for_each(|row| row.push(&mut all, CHUNK, usize::MAX));
    }
    let mut inserted = Inserted::default();
    for rows in commit(database, context, all, Together::Each).await? {
        inserted.extend(rows?);
    }
    let result = |Create { kind, id, name }: Create| {
        let name = name?;
        let key = (kind.name().to_string(), id);
        match inserted.beyond.get(&key) {
            Some(error) => Err(error.clone().into()),
            None if !inserted.created.contains(&key) => Err(refusal::name_in_use(kind, &name).into()),
            None => Ok(Done { status: 201, version: Some(1) }),
        }
    };
    Ok(creates.into_iter().map(result).collect())
}
