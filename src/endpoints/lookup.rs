//! `GET /lookup`: one person at sign-in, by userName, externalId or id. The answer comes from the edge copy if the tenant
//! has one that knows the person, and from the database otherwise: so that a person who is not found does not exist.

use database::Failure;
use directory::edge::{GroupName, MOST_GROUPS, PeopleQuery, all_roles, name_key};
use scim::{Query, ScimError};
use serde::Serialize;
use web_sys::Request;

use crate::admission::{self, Admission};
use crate::context::RequestContext;
use crate::edge::{self, Found, Who};
use crate::http::Response;
use crate::log;
use crate::registry::registry;

/// The parameters.
const KNOWN: [&str; 4] = ["userName", "externalId", "id", "fresh"];

/// The answer, as it is written. Texts are not copied for it: this is the most frequent of all requests.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    found: bool,
    #[serde(flatten)]
    person: Option<Person<'a>>,
    as_of: Option<&'a str>,
    sequence: i64,
    source: &'static str,
    /// Whether the list of groups ends after [`MOST_GROUPS`], and that number.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_groups: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_groups: Option<usize>,
}

/// The person who was found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person<'a> {
    id: &'a str,
    active: bool,
    user_name: &'a str,
    external_id: Option<&'a str>,
    display_name: Option<&'a str>,
    groups: Vec<Group<'a>>,
    roles: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    id: &'a str,
    display_name: Option<&'a str>,
}

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
        context.entry.note(|facts| facts.is_one_of_many = true);
        return render(&of_copy(&found));
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

fn of_copy(Found { copied, groups }: &Found) -> Answer<'_> {
    Answer {
        found: true,
        person: Some(Person {
            id: &copied.id,
            active: copied.active,
            user_name: &copied.user_name,
            external_id: copied.external_id.as_deref(),
            display_name: copied.display_name.as_deref(),
            groups: shown(groups),
            roles: all_roles(&copied.roles, groups),
        }),
        as_of: copied.as_of.as_deref(),
        sequence: copied.seq,
        source: "kv",
        most_groups: copied.more_groups.then_some(MOST_GROUPS),
        more_groups: copied.more_groups.then_some(true),
    }
}

/// Asks the database.
async fn stored(context: &RequestContext, tenant: &str, who: Who) -> Result<Response, Failure> {
    let mut asked = PeopleQuery { with_names: true, ..PeopleQuery::default() };
    match who {
        Who::Id(id) => asked.ids.push(id),
        Who::Name(name) => asked.names.push(name),
        Who::ExternalId(external_id) => asked.externals.push(external_id),
    }
    let read = directory::edge::people(context.directory(), tenant, &asked).await?;
    let found = read.people.first();
    let is_cut = found.is_some_and(|person| person.more_groups);
    render(&Answer {
        found: found.is_some(),
        person: found.map(of_person),
        as_of: Some(&context.now.to_rfc3339()),
        sequence: read.sequence,
        source: "database",
        most_groups: is_cut.then_some(MOST_GROUPS),
        more_groups: is_cut.then_some(true),
    })
}
fn of_person(person: &directory::edge::Person) -> Person<'_> {
    Person {
        id: &person.id,
        active: person.active,
        user_name: &person.user_name,
        external_id: person.external_id.as_deref(),
        display_name: person.display_name.as_deref(),
        groups: shown(&person.groups),
        roles: all_roles(&person.roles, &person.groups),
    }
}

fn shown(groups: &[GroupName]) -> Vec<Group<'_>> {
    groups.iter().map(|group| Group { id: &group.id, display_name: group.display_name.as_deref() }).collect()
}

fn render(answer: &Answer<'_>) -> Result<Response, Failure> {
    let body = serde_json::to_string(answer).map_err(|error| Failure::corrupt(error.to_string()))?;
    Ok(Response::of_type(200, "application/json", body))
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
