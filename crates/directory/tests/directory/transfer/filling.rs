//! A directory that is filled by lines as an import takes them; the tests of `tenants` use this file too.

use std::cell::Cell;

use database::{Database, Sqlite, Statement};
use directory::{Context, Imported, import};
use pollster::block_on;
use scim::{Instant, Registry};
use serde_json::{Value, json};

pub(crate) fn run(database: &Sqlite, sql: &str) -> Vec<Value> {
    let rows = block_on(database.run(vec![Statement::new(sql.to_string(), Vec::new())])).unwrap();
    let value =
        |row: &database::Row| row.cells().map(|(name, value)| (name.to_string(), value.clone())).collect();
    rows.iter().flatten().map(value).collect()
}

pub(crate) struct Directory<'d> {
    pub(crate) database: &'d Sqlite,
    pub(crate) registry: Registry,
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
