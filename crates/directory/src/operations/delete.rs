//! DELETE (RFC 7644 s3.6): one round trip. What hangs on the row goes with it by trigger.

use database::{Database, Failure, Statement};
use scim::{Kind, Outcome, Precondition};

use crate::Context;
use crate::refusal::not_found;
use crate::write::{met, versions};

pub(crate) async fn delete(
    database: &impl Database,
    context: &Context<'_>,
    kind: Kind,
    id: &str,
    precondition: &Precondition,
) -> Result<Outcome, Failure> {
    let versions = versions(precondition);
    let params = || vec![context.tenant.into(), kind.name().into(), id.into(), versions.clone()];
    let here = "r.tenant = ?1 AND r.type = ?2 AND r.id = ?3";
    let met = met("?4");
    let leave_groups = format!(
        "UPDATE resources SET version = version + 1, last_modified = ?5 \
         WHERE tenant = ?1 AND type = 'Group' AND id IN (\
         SELECT group_id FROM memberships WHERE tenant = ?1 AND member_id = ?3) \
         AND EXISTS (SELECT 1 FROM resources AS r WHERE {here} AND {met})"
    );
    let mut with_time = params();
    with_time.push(context.now.0.into());
    let statements = vec![
        Statement::new(format!("SELECT r.version FROM resources AS r WHERE {here}"), {
            let mut params = params();
            params.truncate(3);
            params
        }),
        Statement::new(leave_groups, with_time),
        Statement::new(format!("DELETE FROM resources AS r WHERE {here} AND {met}"), params()),
    ];
    let answers = database.run(statements).await?;
    let row = answers.first().and_then(|rows| rows.first()).ok_or_else(|| not_found(kind, id))?;
    precondition.check(row.integer("version")?)?;
    Ok(Outcome::Deleted)
}
