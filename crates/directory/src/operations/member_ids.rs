//! The ids of members in the letter case in which they are stored, so that an id which a client sends back in
//! capitals is the same member and not an unknown one.
//!
//! This service's ids are in lower case. Imported ids may have capitals, so an id with capitals is first looked up as
//! it is. Ids without capitals, which are nearly all, cost nothing.

use std::collections::BTreeSet;

use database::{Batch, Database, Failure, Statement};
use scim::Operation;
use serde_json::Value;

use crate::Context;
use crate::store::members;

/// Rewrites the ids of members in an operation.
pub(crate) async fn in_their_letter_case(
    database: &impl Database,
    context: &Context<'_>,
    operation: &mut Operation<'_>,
) -> Result<(), Failure> {
    let mut asked = BTreeSet::new();
    operation.visit_members(&mut |id| {
        if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
            asked.insert(id.to_string());
        }
    });
    if asked.is_empty() {
        return Ok(());
    }
    let ids = Value::from_iter(asked).to_string();
    let unknown = members::unknown(&context.member_types(), "+?2");
    let mut batch = Batch::new();
    let unknown = batch.add(Statement::new(unknown, vec![context.tenant.into(), ids.into()]));
    let rows = batch.query(database).await?;
    let unknown = rows.of(unknown).iter().map(|row| row.text("id")).collect::<Result<BTreeSet<_>, _>>()?;
    operation.rename_members(&|id| if unknown.contains(id.as_str()) { id.to_ascii_lowercase() } else { id });
    Ok(())
}
