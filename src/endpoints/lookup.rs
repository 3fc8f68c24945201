//! `GET /lookup`: whether a person may sign in, from the copy in Workers KV if the tenant has one, otherwise from the directory.
//!
//! A miss in the copy asks the directory, so it is never wrong; so does `fresh=1`. Everything else may be as old as
//! `asOf` says, and KV adds up to a minute.

use std::cell::RefCell;
use std::collections::BTreeMap;

use database::Failure;
use scim::{HttpRequest, Outcome, Query, Resource, ScimError, fold};
use serde_json::{Map, Value, json};
use web_sys::Request;
use worker::kv::KvStore;

use crate::address::ReaderTarget;
use crate::admission::{self, Admission};
use crate::context::RequestContext;
use crate::edge::{self, layout};
use crate::http::Response;
use crate::registry::registry;
use crate::{clock, ids};

/// Milliseconds for which an instance remembers the names of groups.
const NAMES: i64 = 30_000;
/// Tenants whose names are remembered at most.
const MOST: usize = 50;

thread_local! {
    /// Names of groups of tenants, and until when they are believed. Never borrowed across an await.
    static GROUPS: RefCell<BTreeMap<String, Known>> = RefCell::default();
}

/// Names by the ids of groups, and until when they are believed.
type Known = (Map<String, Value>, i64);

/// Who is looked up.
struct Wanted {
    /// `userName`, `externalId` or `id`.
    attribute: &'static str,
    value: String,
    fresh: bool,
}

/// Answers a request to look somebody up.
///
/// # Errors
/// 404 if there is no such path, 405 for a method other than GET, 400 if it does not say whom to look up, and every
/// refusal of the admission.
pub async fn handle(
    request: &Request,
    context: &RequestContext,
    method: &str,
    target: &ReaderTarget,
    query: &str,
) -> Result<Response, Failure> {
    let principal = match admission::admit(request, context, &target.tenant, admission::LOOK_UP).await? {
        Admission::Granted(principal) => principal,
        Admission::Refused(response) => return Ok(response),
    };
    if !target.below.is_empty() {
        return Err(ScimError::not_found("there is nothing below `lookup`").into());
    }
    if method != "GET" {
        return Err(ScimError::method_not_allowed(method, "GET").into());
    }
    let wanted = read(&Query::parse(query)?)?;
    let tenant = principal.tenant.as_str();
    let copied = match wanted.fresh || !edge::has_copy(context.directory(), tenant).await? {
        true => None,
        false => from_copy(context, tenant, &wanted).await,
    };
    let found = match copied {
        Some(found) => found,
        None => from_directory(context, tenant, &wanted).await?,
    };
    Ok(Response::json(200, &found))
}

fn read(query: &Query) -> Result<Wanted, ScimError> {
    let given =
        ["userName", "externalId", "id"].into_iter().filter_map(|name| Some((name, query.given(name)?)));
    let given: Vec<(&'static str, &str)> = given.collect();
    let fresh = match query.given("fresh") {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(other) => return Err(ScimError::invalid_value(format!("`fresh` is 0 or 1, not `{other}`"))),
    };
    match given.as_slice() {
        [(attribute, value)] => Ok(Wanted { attribute, value: (*value).to_string(), fresh }),
        [] => Err(ScimError::invalid_value("whom? One of `userName`, `externalId` and `id` is needed")),
        _ => Err(ScimError::invalid_value(
            "one of `userName`, `externalId` and `id` is needed, and not several",
        )),
    }
}

/// Returns what the copy says; None if it says nothing. A store that fails is a miss.
async fn from_copy(context: &RequestContext, tenant: &str, wanted: &Wanted) -> Option<Value> {
    let store = context.env.kv(layout::BINDING).ok()?;
    let key = match wanted.attribute {
        "id" => layout::by_id(tenant, &wanted.value),
        "userName" => layout::by_user_name(tenant, &wanted.value),
        _ => layout::by_external_id(tenant, &wanted.value),
    };
    let value: Value = serde_json::from_str(&store.get(&key).text().await.ok()??).ok()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let is_wanted = match (wanted.attribute, text(wanted.attribute)) {
        ("userName", Some(name)) => fold(name) == fold(&wanted.value),
        (_, text) => text == Some(wanted.value.as_str()),
    };
    if !is_wanted {
        return None;
    }
    let names = names(&store, tenant).await?;
    let groups =
        value.get("groups").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let groups: Vec<Value> = groups.map(|id| json!({"id": id, "displayName": names.get(id)})).collect();
    let mut found = Map::new();
    for name in ["active", "id", "userName", "externalId", "displayName", "roles"] {
        found.insert(name.to_string(), value.get(name).cloned().unwrap_or_default());
    }
    found.insert("found".into(), true.into());
    found.insert("groups".into(), groups.into());
    found.insert("asOf".into(), value.get("at").cloned().unwrap_or_default());
    found.insert("source".into(), "kv".into());
    Some(Value::Object(found))
}

/// Returns the names of a tenant's groups by their ids.
async fn names(store: &KvStore, tenant: &str) -> Option<Map<String, Value>> {
    let now = clock::now().0;
    let known = GROUPS.with_borrow(|groups| groups.get(tenant).filter(|(_, until)| now < *until).cloned());
    if let Some((names, _)) = known {
        return Some(names);
    }
    let mut all = Map::new();
    for part in 0.. {
        let text = store.get(&layout::groups(tenant, part)).text().await.ok()??;
        let Value::Object(mut value) = serde_json::from_str(&text).ok()? else { return None };
        if let Some(Value::Object(names)) = value.remove("groups") {
            all.extend(names);
        }
        if value.get("more") != Some(&Value::Bool(true)) {
            break;
        }
    }
    GROUPS.with_borrow_mut(|groups| {
        if groups.len() >= MOST {
            groups.clear();
        }
        groups.insert(tenant.to_string(), (all.clone(), now + NAMES));
    });
    Some(all)
}

/// Returns what the directory says, by the same search that identity providers use.
async fn from_directory(context: &RequestContext, tenant: &str, wanted: &Wanted) -> Result<Value, Failure> {
    let of_directory = directory::Context {
        tenant,
        now: context.now,
        actor: "lookup",
        correlation_id: context.correlation_id(),
        new_id: &ids::new_id,
        new_revision: &ids::new_id,
        registry: registry()?,
    };
    let filter = format!("{} eq {}", wanted.attribute, Value::from(wanted.value.as_str()));
    let query = format!(
        "count=1&filter={}",
        percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC)
    );
    let request = HttpRequest { method: "GET", path: "/Users", query: &query, ..HttpRequest::default() };
    let scim::Request::Operate(operation) = scim::parse(registry()?, scim::Dialect::TOLERANT, &request)?
    else {
        return Err(Failure::Misconfigured("a search of users is not an operation".to_string()));
    };
    let as_of = clock::now().to_rfc3339();
    match directory::execute(context.directory(), &of_directory, operation).await? {
        Outcome::Page(page) => Ok(match page.resources.first() {
            Some(user) => show(user, as_of),
            None => json!({"found": false, "asOf": as_of, "source": "database"}),
        }),
        _ => Err(Failure::Corrupt("a search has no page".to_string())),
    }
}

fn show(user: &Resource, as_of: String) -> Value {
    let document = &user.document.0;
    let groups =
        user.groups.iter().flatten().map(|group| json!({"id": group.id, "displayName": group.display}));
    let roles = document.get("roles").and_then(Value::as_array).into_iter().flatten();
    let roles: Vec<&Value> = roles.filter_map(|role| role.get("value")).collect();
    json!({
        "found": true, "active": document.get("active").unwrap_or(&Value::Bool(true)), "id": user.id,
        "userName": document.get("userName"), "externalId": document.get("externalId"),
        "displayName": document.get("displayName"), "groups": groups.collect::<Vec<_>>(), "roles": roles,
        "asOf": as_of, "source": "database",
    })
}
