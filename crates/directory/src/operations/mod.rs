//! Executes one operation: `create`, `read`, `modify` (PUT and PATCH), `delete`, and `search` beside this folder.
//! `member_ids` finds the letter case of ids, `rest` reads the rest of a response that is streamed. Many operations
//! in one request are executed by `bulk`, which calls this.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod member_ids;
mod modify;
mod read;
mod rest;

pub use rest::read_rest;

use database::{Database, Failure};
use scim::{Operation, Outcome};

use crate::{Context, search};
use modify::{Edit, Request, modify};

/// Executes an operation.
///
/// ```
/// use database::Sqlite;
/// use scim::{Dialect, HttpRequest, Instant, Registry};
///
/// let (database, registry) = (Sqlite::new().unwrap(), Registry::load().unwrap());
/// let context = directory::Context {
///     tenant: "acme",
///     now: Instant(1_700_000_000_000),
///     actor: "token-1",
///     correlation_id: "request-1",
///     new_id: &|| "user-1".to_string(),
///     new_revision: &|| "revision-1".to_string(),
///     registry: &registry,
/// };
/// let body = br#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"}"#;
/// let request = HttpRequest { method: "POST", path: "/Users", body, ..HttpRequest::default() };
/// let operation = scim::parse(&registry, Dialect::TOLERANT, &request).unwrap().operation().unwrap();
/// let outcome = pollster::block_on(directory::execute(&database, &context, operation)).unwrap();
/// assert_eq!(outcome.status(), 201);
/// ```
///
/// # Errors
/// A refusal if the directory forbids it: no such resource, a name in use, a version that is not
/// the one asked for. Nothing has changed then.
pub async fn execute(
    database: &impl Database,
    context: &Context<'_>,
    mut operation: Operation<'_>,
) -> Result<Outcome, Failure> {
    member_ids::in_their_letter_case(database, context, &mut operation).await?;
    match operation {
        Operation::Create { kind, document, members, projection } => {
            let id = (context.new_id)();
            create::create(database, context, id, kind, document, members, &projection).await
        }
        Operation::Read { kind, id, projection, precondition } => {
            read::read(database, context, kind, &id, &projection, &precondition).await
        }
        Operation::Search(search) => search::search(database, context, &search).await,
        Operation::Replace { kind, id, document, members, projection, precondition } => {
            let request = Request { kind, id: &id, projection: &projection, precondition: &precondition };
            modify(database, context, request, Edit::Replace { document, members }).await
        }
        Operation::Patch { kind, id, patch, projection, precondition } => {
            let request = Request { kind, id: &id, projection: &projection, precondition: &precondition };
            modify(database, context, request, Edit::Patch(patch)).await
        }
        Operation::Delete { kind, id, precondition } => {
            delete::delete(database, context, kind, &id, &precondition).await
        }
    }
}
