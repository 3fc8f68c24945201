//! Erasing a person: an explicit act of an administrator, unlike DELETE, by which identity providers take a user out of an
//! application. The user is deleted as by DELETE. In the change log, the rows about the user lose every name and value; that
//! something happened, ids, versions and `active` stay, so that the log can still be replayed.
//!
//! What is not reached here: what others wrote about the person into rows about themselves. Those hold the id alone, in
//! `manager` and in the lists of members that came and went; free text of a client is not searched.

use database::{Batch, Database, Failure};
use scim::{Precondition, ScimError};

use crate::operations::delete;
use crate::{Context, store};

/// Batches that one call runs.
const BATCHES: usize = 10;
/// The type of people.
const USER: &str = "User";

/// What one call has erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erasure {
    /// Whether the user was still in the directory.
    pub was_deleted: bool,
    /// Rows of the log that were blanked.
    pub blanked: i64,
    /// After which row of the log the caller goes on, if rows are left.
    pub next: Option<i64>,
}

/// Erases a user: deletes it if it is still there, blanks rows of the log after that one, a bounded number of them, and at the end
/// says in the log that it was erased. Doing it again changes nothing.
///
/// # Errors
/// 404 if there is nothing about a user of that id; those of the database, after which it is to be called again.
pub async fn erase(
    database: &impl Database,
    context: &Context<'_>,
    id: &str,
    after: i64,
) -> Result<Erasure, Failure> {
    let mut erasure =
        Erasure { was_deleted: delete_user(database, context, id).await?, ..Erasure::default() };
    let mut after = after;
    for _ in 0..BATCHES {
        let mut batch = Batch::new();
        let page = batch.add(store::count_rows(context.tenant, id, after));
        batch.add(store::blank(context.tenant, id, after));
        let rows = batch.run(database).await?;
        let page = rows.first(page).ok_or_else(|| Failure::corrupt("an aggregate without a row"))?;
        let seen = page.integer("seen")?;
        if after == 0 && seen == 0 {
            return Err(ScimError::not_found(format!("nothing is known about a user `{id}`")).into());
        }
        erasure.blanked += page.integer("blanked")?;
        if seen < store::ROWS {
            database.run(vec![store::log_erasure(context, id)]).await?;
            return Ok(erasure);
        }
        after = page.integer("last")?;
    }
    Ok(Erasure { next: Some(after), ..erasure })
}

/// Deletes the user as DELETE does, so that readers of the log hear of it. Returns whether it was there.
async fn delete_user(database: &impl Database, context: &Context<'_>, id: &str) -> Result<bool, Failure> {
    let Some(kind) = context.registry.kinds().find(|kind| kind.name() == USER) else { return Ok(false) };
    match delete::delete(database, context, kind, id, &Precondition::default()).await {
        Ok(_) => Ok(true),
        Err(failure) if failure.status() == Some(404) => Ok(false),
        Err(failure) => Err(failure),
    }
}
