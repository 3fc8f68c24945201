//! What the tests share: tenants in a database of their own, tokens that are derived from a number, and a directory
//! to fill and to empty.

use std::cell::Cell;

use database::{Database, Failure, Sqlite, Statement};
use directory::{Context, Imported, import};
use pollster::block_on;
use scim::{Dialect, Instant, Registry};
use serde_json::{Value, json};
use tenants::{NewTenant, NewToken, Secret, create, create_token, look_up};

pub(crate) fn new_tenant(id: &str) -> NewTenant {
    NewTenant { id: id.into(), name: "Acme".into(), dialect: Dialect::STRICT, log_retention_days: 30 }
}

pub(crate) fn with_tenants(ids: &[&str]) -> Sqlite {
    let database = Sqlite::new().unwrap();
    for id in ids {
        block_on(create(&database, new_tenant(id), Instant(1))).unwrap();
    }
    database
}

pub(crate) fn secret(number: u8) -> Secret {
    Secret::new(&[number; 32])
}

pub(crate) fn token(database: &Sqlite, tenant: &str, number: u8) -> String {
    let secret = secret(number);
    let new = NewToken {
        id: format!("id{number}"),
        name: Some("first"),
        scopes: None,
        secret: &secret,
        expires: None,
    };
    block_on(create_token(database, tenant, new, Instant(1))).unwrap().0.id
}

pub(crate) fn opens(database: &Sqlite, number: u8, tenant: &str, now: i64) -> bool {
    let grant = block_on(look_up(database, secret(number).hash())).unwrap();
    grant.is_some_and(|grant| grant.opens(tenant, Instant(now)))
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Failure>, status: u16, detail: &str) {
    match result {
        Err(Failure::Refused(error)) => assert_eq!((error.status, error.detail.as_str()), (status, detail)),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn run(database: &Sqlite, sql: &str) -> Vec<Value> {
    let rows = block_on(database.run(vec![Statement::new(sql.to_string(), Vec::new())])).unwrap();
    rows.into_iter().flatten().map(|row| Value::Object(row.0)).collect()
}

pub(crate) struct Directory<'d> {
    database: &'d Sqlite,
    registry: Registry,
    ids: Cell<u32>,
}

impl<'d> Directory<'d> {
    pub(crate) fn of(database: &'d Sqlite) -> Directory<'d> {
        Directory { database, registry: Registry::load().unwrap(), ids: Cell::new(0) }
    }

    pub(crate) fn import(&self, tenant: &str, text: &str) -> Imported {
        let new_id = || {
            self.ids.set(self.ids.get() + 1);
            format!("new{}", self.ids.get())
        };
        let context = Context {
            tenant,
            now: Instant(7),
            actor: "administrator",
            correlation_id: "request1",
            new_id: &new_id,
            new_revision: &new_id,
            registry: &self.registry,
        };
        block_on(import(self.database, &context, text)).unwrap()
    }
}

pub(crate) fn user(number: usize) -> String {
    let user = json!({"id": format!("u{number:06}"), "userName": format!("user{number}"), "displayName": "Ünï \"x\"",
        "emails": [{"value": format!("u{number}@x.example"), "type": "work"}],
        "urn:ietf:params:scim:schemas:extension:acme:2.0:User": {"shoe": 41},
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-02T00:00:00.000Z", "version": "W/\"7\""}});
    format!("{user}\n")
}

pub(crate) fn group(id: &str, members: &[String]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let group = json!({"id": id, "displayName": format!("group {id}"), "members": members,
        "meta": {"resourceType": "Group"}});
    format!("{group}\n")
}
