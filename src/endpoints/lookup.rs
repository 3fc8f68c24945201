//! `GET /lookup`: one person at sign-in, by userName, externalId or id. The answer comes from the edge copy if the tenant
//! has one that knows the person, and from the database otherwise: so that a person who is not found does not exist.

use database::Failure;
use directory::edge::{Asked, GroupName, MOST_GROUPS, name_key};
use scim::{Query, ScimError};
use serde_json::{Value, json};
use web_sys::Request;

use crate::admission::{self, Admission};
use crate::context::RequestContext;
use crate::edge::{self, Found, Who};
use crate::http::Response;
use crate::log;
use crate::registry::registry;

/// The parameters.
const KNOWN: [&str; 4] = ["userName", "externalId", "id", "fresh"];

/// Answers a look-up.
///
/// # Errors
/// 405 for a method other than GET, 400 for parameters that do not name one person, and every refusal after
/// authentication.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    tenant: &str,
    query: &str,
) -> Result<Response, Failure> {
    let principal = match admission::admit(request, context, tenant, admission::LOOK_UP).await? {
        Admission::Granted(principal) => principal,
        Admission::Refused(response) => return Ok(response),
    };
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET, HEAD").into());
    }
    let (who, is_fresh) = read(query)?;
    if !is_fresh && let Some(found) = copied(context, &principal.tenant, &who).await {
        return Ok(Response::json(200, &of_copy(found)));
    }
    stored(context, &principal.tenant, who).await
}

/// Finds the person in the copy. A copy that cannot be read is not a reason to refuse anyone: the database is asked.
async fn copied(context: &RequestContext, tenant: &str, who: &Who) -> Option<Found> {
    let found = async {
        if !edge::is_on(context, tenant).await? {
            return Ok(None);
        }
        edge::find(&edge::open(&context.env)?, tenant, who, context.now).await
    };
    found.await.unwrap_or_else(|failure: Failure| {
        log::warn(&format!("the edge copy was not read: {failure}"), context.correlation_id());
        None
    })
}

fn of_copy(Found { copied, groups }: Found) -> Value {
    let mut answer = json!({
        "found": true, "id": copied.id, "active": copied.active, "userName": copied.user_name,
        "externalId": copied.external_id, "displayName": copied.display_name, "groups": shown(&groups),
        "roles": copied.roles, "asOf": copied.as_of, "sequence": copied.seq, "source": "kv",
    });
    note_more(&mut answer, copied.more_groups);
    answer
}

/// Asks the database.
async fn stored(context: &RequestContext, tenant: &str, who: Who) -> Result<Response, Failure> {
    let mut asked = Asked { with_names: true, ..Asked::default() };
    match who {
        Who::Id(id) => asked.ids.push(id),
        Who::Name(name) => asked.names.push(name),
        Who::ExternalId(external_id) => asked.externals.push(external_id),
    }
    let read = directory::edge::people(context.directory(), tenant, &asked).await?;
    let as_of = context.now.to_rfc3339();
    let mut answer = match read.people.first() {
        None => json!({"found": false, "asOf": as_of, "sequence": read.sequence, "source": "database"}),
        Some(person) => json!({
            "found": true, "id": person.id, "active": person.active, "userName": person.user_name,
            "externalId": person.external_id, "displayName": person.display_name, "groups": shown(&person.groups),
            "roles": person.roles, "asOf": as_of, "sequence": read.sequence, "source": "database",
        }),
    };
    note_more(&mut answer, read.people.first().is_some_and(|person| person.more_groups));
    Ok(Response::json(200, &answer))
}

fn shown(groups: &[GroupName]) -> Value {
    groups.iter().map(|group| json!({"id": group.id, "displayName": group.display_name})).collect()
}

/// Says that the list of groups ends after [`MOST_GROUPS`].
fn note_more(answer: &mut Value, more_groups: bool) {
    if let (true, Value::Object(members)) = (more_groups, answer) {
        members.insert("moreGroups".to_string(), true.into());
        members.insert("mostGroups".to_string(), MOST_GROUPS.into());
    }
}

/// Reads whom the parameters name, and whether the database must be asked.
fn read(query: &str) -> Result<(Who, bool), Failure> {
    let parameters = Query::parse(query)?;
    if let Some(unknown) = parameters.names().find(|name| !KNOWN.contains(name)) {
        let detail = format!("`{unknown}` is not a parameter here; known are `{}`", KNOWN.join("`, `"));
        return Err(ScimError::invalid_value(detail).into());
    }
    let is_twice = |known: &&str| parameters.names().filter(|name| name == known).count() > 1;
    if let Some(twice) = KNOWN.iter().find(|known| is_twice(known)) {
        return Err(ScimError::invalid_value(format!("`{twice}` was sent more than once")).into());
    }
    let is_fresh = match parameters.get("fresh") {
        None | Some("0") => false,
        Some("1") => true,
        Some(other) => {
            return Err(ScimError::invalid_value(format!("`fresh` is `1` or `0`, not `{other}`")).into());
        }
    };
    Ok((who(&parameters)?, is_fresh))
}

fn who(parameters: &Query) -> Result<Who, Failure> {
    let names = ["userName", "externalId", "id"];
    let mut named = names.into_iter().filter_map(|name| Some((name, parameters.get(name)?)));
    let refused = |detail: String| Err(ScimError::invalid_value(detail).into());
    let Some((name, value)) = named.next() else {
        return refused("one of `userName`, `externalId` and `id` is needed".to_string());
    };
    if let Some((other, _)) = named.next() {
        return refused(format!("`{name}` and `{other}` were sent; a person is looked up by one of them"));
    }
    if value.trim().is_empty() {
        return refused(format!("`{name}` is empty"));
    }
    Ok(match name {
        "userName" => Who::Name(name_key(registry()?, value)),
        "externalId" => Who::ExternalId(value.to_string()),
        _ => Who::Id(value.to_string()),
    })
}
