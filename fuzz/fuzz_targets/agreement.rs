//! The input chooses a small directory and a filter: SQL finds the users and groups for which the filter holds in
//! memory, and no others.

#![no_main]

use std::cell::Cell;
use std::rc::Rc;
use std::sync::LazyLock;

use database::Sqlite;
use directory::{Context, execute};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use scim::{Dialect, HttpRequest, Instant, Kind, Operation, Outcome, Projection, Registry, Request};
use scim_edge_fuzz::empty_directory;
use serde_json::{Map, Value, json};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

fn user_kind() -> Kind {
    REGISTRY.kind("User").unwrap()
}

fn group_kind() -> Kind {
    REGISTRY.kind("Group").unwrap()
}

/// Fields of users; one with another dot is not declared by a schema.
const FIELDS: [&str; 33] = [
    "userName",
    "displayName",
    "title",
    "active",
    "name.givenName",
    "name",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "roles",
    "roles.display",
    "x509Certificates.value",
    "externalId",
    "id",
    "schemas",
    "meta.created",
    "meta.lastModified",
    "meta.version",
    "meta.resourceType",
    "manager",
    "manager.displayName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:x:2.0:User:badge",
    "urn:x:2.0:User:badge.floor",
    "urn:x:2.0:User:Tag",
    "urn:x:app:1.0:user:custom:a",
    "urn:ietf:params:scim:schemas:core:2.0:User.title",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager:value",
    "groups",
    "groups.display",
    "groups.type",
    "members.value",
];

const SUBS: [&str; 4] = ["value", "type", "primary", "display"];

const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

const TEXTS: [&str; 24] = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "ba",
    "ß",
    "SS",
    "ss",
    "é",
    "E\u{301}",
    "İ",
    "work",
    "Work",
    "0001",
    "true",
    "1",
    "%",
    "_",
    "\u{0}a",
    "\"",
    "\\",
    "User",
    "1970-01-01T00:00:00Z",
];

fn text(of: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    for _ in 0..of.int_in_range(1..=2)? {
        text += of.choose(&TEXTS)?;
    }
    Ok(text)
}

fn scalar(of: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match of.int_in_range(0..=9)? {
        0 => Value::Bool(of.arbitrary()?),
        1 => of.int_in_range(-2..=2)?.into(),
        2 => json!(0.5),
        3 => Value::Null,
        _ => text(of)?.into(),
    })
}

fn elements(of: &mut Unstructured<'_>) -> Result<Value> {
    let mut elements = Vec::new();
    for _ in 0..of.int_in_range(0..=3)? {
        let mut element = Map::new();
        for sub in SUBS {
            if of.ratio(1, 2)? {
                let value = if sub == "primary" { json!(elements.is_empty()) } else { text(of)?.into() };
                element.insert(sub.to_string(), value);
            }
        }
        elements.push(Value::Object(element));
    }
    Ok(Value::Array(elements))
}

fn undeclared(of: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match of.int_in_range(0..=3)? {
        0 => json!([scalar(of)?, {"floor": scalar(of)?}]),
        1 => json!({"Floor": scalar(of)?}),
        _ => scalar(of)?,
    })
}

fn user(of: &mut Unstructured<'_>, at: usize) -> Result<Value> {
    Ok(json!({
        "userName": format!("{}{at}", text(of)?), "displayName": text(of)?, "title": text(of)?, "externalId": text(of)?,
        "active": of.choose(&[json!(true), json!(false), json!(null)])?, "name": {"givenName": text(of)?},
        "emails": elements(of)?, "roles": elements(of)?, "manager": text(of)?,
        "x509Certificates": [{"value": of.choose(&["YQ==", "Yg=="])?}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": text(of)?},
        "urn:x:2.0:User": {"badge": undeclared(of)?, "tag": scalar(of)?},
        "urn:x:app:1.0:user:custom": {"a": undeclared(of)?}
    }))
}

fn comparison(of: &mut Unstructured<'_>, field: &str) -> Result<String> {
    if of.ratio(1, 8)? {
        return Ok(format!("{field} pr"));
    }
    Ok(format!("{field} {} {}", of.choose(&OPERATORS)?, scalar(of)?))
}

fn filter(of: &mut Unstructured<'_>, fields: &[&str], depth: usize) -> Result<String> {
    if depth == 0 {
        let field = *of.choose(fields)?;
        return comparison(of, field);
    }
    Ok(match of.int_in_range(0..=5)? {
        0 => format!("({}) and ({})", filter(of, fields, depth - 1)?, filter(of, fields, depth - 1)?),
        1 => format!("{} or {}", filter(of, fields, depth - 1)?, filter(of, fields, depth - 1)?),
        2 => format!("not ({})", filter(of, fields, depth - 1)?),
        3 if fields.len() > SUBS.len() => {
            let name = of.choose(&["emails", "roles", "groups", "members"])?;
            format!("{name}[{}]", filter(of, &SUBS, depth - 1)?)
        }
        _ => filter(of, fields, 0)?,
    })
}

struct Directory {
    database: Rc<Sqlite>,
    tenant: String,
    ids: Cell<u32>,
}

impl Directory {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Outcome> {
        let new_id = || {
            self.ids.set(self.ids.get() + 1);
            format!("{:04}", self.ids.get())
        };
        let now = Instant(i64::from(self.ids.get()) * 1_000);
        let context = Context {
            tenant: &self.tenant,
            now,
            actor: "",
            correlation_id: "",
            new_id: &new_id,
            new_revision: &new_id,
            registry: &REGISTRY,
        };
        let body = body.to_string();
        let request = HttpRequest { method, path, body: body.as_bytes(), ..HttpRequest::default() };
        let operation = scim::parse(&REGISTRY, Dialect::TOLERANT, &request).ok()?.operation()?;
        match pollster::block_on(execute(&*self.database, &context, operation)) {
            Ok(outcome) => Some(outcome),
            Err(failure) => {
                failure.into_refusal().unwrap();
                None
            }
        }
    }

    fn found(&self, kind: Kind, filter: Option<&str>) -> Option<Vec<scim::Resource>> {
        let path = format!("/{}/.search", kind.endpoint());
        match self.ask("POST", &path, &filter.map_or(json!({}), |filter| json!({"filter": filter})))? {
            Outcome::Page(page) => Some(page.resources),
            other => panic!("{other:?}"),
        }
    }
}

fn run(of: &mut Unstructured<'_>) -> Result<()> {
    let filter = filter(of, &FIELDS, 2)?;
    let kind = if of.ratio(1, 4)? { group_kind() } else { user_kind() };
    let (database, tenant) = empty_directory();
    let directory = Directory { database, tenant, ids: Cell::new(0) };
    let users = of.int_in_range(1..=3)?;
    for at in 0..users {
        directory.ask("POST", "/Users", &user(of, at)?);
    }
    for at in 0..of.int_in_range(0..=2)? {
        let member = format!("{:04}", of.int_in_range(1..=4)?);
        directory.ask(
            "POST",
            "/Groups",
            &json!({"displayName": format!("{}{at}", text(of)?), "members": [member]}),
        );
    }
    let Some(found) = directory.found(kind, Some(&filter)) else { return Ok(()) };
    let body = json!({"filter": filter}).to_string();
    let path = format!("/{}/.search", kind.endpoint());
    let request =
        HttpRequest { method: "POST", path: &path, body: body.as_bytes(), ..HttpRequest::default() };
    let Ok(Request::Operate(Operation::Search(search))) = scim::parse(&REGISTRY, Dialect::TOLERANT, &request)
    else {
        return Ok(());
    };
    let predicate = search.branches[0].filter.as_ref().unwrap();
    for resource in directory.found(kind, None).unwrap() {
        let in_sql = found.iter().any(|found| found.id == resource.id);
        let shown =
            scim::render(&Outcome::Found(resource), &Projection::Default, &REGISTRY, "").body.unwrap();
        let in_memory = predicate.matches(&serde_json::from_str(&shown).unwrap());
        assert_eq!(in_sql, in_memory, "in SQL and in memory: {filter} of {shown}");
    }
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    // An input with too few bytes to choose by is not a finding.
    let _ = run(&mut Unstructured::new(data));
});
