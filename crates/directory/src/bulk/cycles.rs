//! Groups that are members of one another, in one transaction: a group that waited for its members alone would be
//! half of what was asked for, and stay so where the rest fails.

use std::collections::BTreeSet;

use database::{Database, Failure, Statement};
use scim::{Document, Done, Kind, Outcome, ScimError};
use serde_json::Value;

use crate::operations::create::{self, New};
use crate::refusal::{name, name_in_use, unknown_members};
use crate::{Context, quota};

/// A group to create, with members that may come with it.
pub(super) struct NewGroup {
    pub id: String,
    pub document: Document,
    pub members: Vec<String>,
}

/// Creates all of them, or none.
pub(super) async fn create_cycle(
    database: &impl Database,
    context: &Context<'_>,
    groups: Vec<NewGroup>,
) -> Result<Vec<Result<Done, Failure>>, Failure> {
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let (mut inserts, mut members, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let mut reasons: Vec<Option<ScimError>> = Vec::new();
    // All of them come together or not at all, so each has to leave room for the memberships of all.
    let memberships = groups.iter().map(|group| group.members.iter().collect::<BTreeSet<_>>().len()).sum();
    for group in &groups {
        let all = Value::from(group.members.clone()).to_string();
        let others = group.members.iter().filter(|member| !ids.contains(&member.as_str()));
        let others = Value::from_iter(others.cloned()).to_string();
        let new = New::of(context, Kind::Group, &group.id, &group.document, memberships);
        reasons.push(new.as_ref().err().cloned());
        inserts.extend(new.into_iter().flat_map(|new| new.into_statements(&others)));
        members.extend(create::members(context, &group.id, &all));
        unknown.push(create::unknown(context, &others));
    }
    if reasons.iter().any(Option::is_some) {
        return Ok(refused(reasons));
    }
    let before_unknown = inserts.len() + members.len();
    let undo = undo(context, &ids);
    let statements = [inserts, members, unknown, vec![undo]].concat();
    let answers = database.run(statements).await?;
    let rows = |index: usize| answers.get(index).map(Vec::as_slice).unwrap_or_default();
    for (index, (group, reason)) in groups.iter().zip(&mut reasons).enumerate() {
        match unknown_members(rows(before_unknown + index))? {
            Some(error) => *reason = Some(error),
            None if rows(2 * index).is_empty() => {
                let taken = || name_in_use(Kind::Group, name(Kind::Group, &group.document));
                *reason = Some(quota::refusal(rows(2 * index + 1).first()).unwrap_or_else(taken));
            }
            None => {}
        }
    }
    if reasons.iter().any(Option::is_some) {
        return Ok(refused(reasons));
    }
    let created = |group: NewGroup| create::created(context, Kind::Group, group.id, group.document);
    Ok(groups.into_iter().map(|group| Ok(Outcome::Created(created(group)).into())).collect())
}

/// Takes back those that were created, where not all were.
fn undo(context: &Context<'_>, ids: &[&str]) -> Statement {
    let these = "tenant = ?1 AND type = 'Group' AND id IN (SELECT value FROM json_each(?2))";
    let sql = format!(
        "DELETE FROM resources WHERE {these} AND (SELECT count(*) FROM resources WHERE {these}) < ?3"
    );
    let count = i64::try_from(ids.len()).unwrap_or_default();
    Statement::new(
        sql,
        vec![context.tenant.into(), Value::from_iter(ids.iter().copied()).to_string().into(), count.into()],
    )
}

/// None is created. Each is told its own reason; RFC 7644 s3.7.1: those without one, that the cycle cannot be closed.
pub(super) fn refused(reasons: Vec<Option<ScimError>>) -> Vec<Result<Done, Failure>> {
    let other = || ScimError::new(409, "a group that this one is in a circle with could not be created");
    reasons.into_iter().map(|reason| Err(reason.unwrap_or_else(other).into())).collect()
}
