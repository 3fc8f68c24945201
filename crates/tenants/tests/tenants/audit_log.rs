//! What was done in the console and in the administration.

use database::{Database, Sqlite, Statement};
use pollster::block_on;
use scim::Instant;
use serde_json::{Value, json};
use tenants::audit_log::{Entry, deed_lines, note, note_if_done, note_if_tenant, trim};
use tenants::console::deeds;

use crate::support::with_tenants;

const DAY: i64 = 86_400_000;

fn entry<'a>(id: &str, tenant: Option<&'a str>, (person, role): (&'a str, &'a str), at: i64) -> Entry<'a> {
    let (kind, what, target, name) = ("endpoint", "paused", "e1", "https://receiver.example.com");
    let (id, at) = (id.to_string(), Instant(at));
    Entry { id, tenant, at, person, role, kind, what, target, name, detail: &Value::Null }
}

fn write(database: &Sqlite, statements: Vec<Statement>) {
    block_on(database.run(statements)).unwrap();
}

fn ids(database: &Sqlite) -> Vec<String> {
    let all = Statement::new("SELECT id FROM audit_log ORDER BY id", Vec::new());
    let rows = block_on(database.query(vec![all])).unwrap().concat();
    rows.iter().map(|row| row.text("id").unwrap().to_string()).collect()
}

const GRACE: (&str, &str) = ("Grace", "admin");
const ADA: (&str, &str) = ("Ada", "customer");

#[test]
fn a_row_is_written_with_its_deed_and_not_without_it() {
    let database = with_tenants(&["acme"]);
    let rename = |id: &str| Statement::new("UPDATE tenants SET name = 'n' WHERE id = +?1", vec![id.into()]);
    let select = || Statement::new("SELECT 1", Vec::new());
    let noted = |id: &str| note_if_done(entry(id, Some("acme"), GRACE, 1));
    write(&database, vec![rename("acme"), select(), noted("done"), noted("done too")]);
    write(&database, vec![rename("none"), select(), noted("refused"), noted("refused too")]);
    let of = |id: &str, tenant| note_if_tenant(entry(id, Some(tenant), GRACE, 1));
    write(&database, vec![of("there", "acme"), of("default", "default"), of("gone", "none")]);
    assert_eq!(ids(&database), ["default", "done", "done too", "there"]);
}

#[test]
fn the_staff_of_the_vendor_and_where_events_are_sent_are_told_to_the_vendor_alone() {
    let database = with_tenants(&["acme"]);
    let settings = json!({"maxUsers": {"old": null, "new": 5}});
    let changed = |id: &str, who| Entry {
        kind: "settings",
        what: "changed",
        detail: &settings,
        ..entry(id, Some("acme"), who, 5)
    };
    let program = ("administrator", "administrator");
    let rows =
        [entry("1", Some("acme"), GRACE, 4), changed("2", GRACE), changed("3", ADA), changed("4", program)];
    let others = [entry("5", None, GRACE, 6), changed("6", ADA)].map(|row| match row.tenant {
        Some(_) => Entry { tenant: Some("other"), ..row },
        None => Entry { kind: "signing key", ..row },
    });
    write(&database, rows.into_iter().chain(others).map(note).collect());
    let told = |with_staff| {
        let found = block_on(deeds(&database, "acme", with_staff, (None, 10), Instant(10))).unwrap();
        found.deeds.into_iter().map(|deed| (deed.id, deed.person.unwrap_or_default())).collect::<Vec<_>>()
    };
    let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(id, person)| (id.to_string(), person.to_string())).collect()
    };
    assert_eq!(told(true), pairs(&[("5", "Grace"), ("4", ""), ("3", "Ada"), ("2", "Grace"), ("1", "Grace")]));
    assert_eq!(told(false), pairs(&[("4", ""), ("3", "Ada"), ("2", "the vendor")]));
    let by = |with_staff| {
        let lines = block_on(deed_lines(&database, "acme", with_staff, (Instant(0), Instant(10)))).unwrap();
        assert_eq!(lines[1].get("detail"), Some(&settings));
        lines.iter().map(|line| line["by"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(by(true), ["Grace", "Grace", "Ada", "administrator"]);
    assert_eq!(by(false), ["the vendor", "Ada", "administrator"]);
    let later = block_on(deed_lines(&database, "acme", true, (Instant(5), Instant(5)))).unwrap();
    assert!(later.is_empty());
}

#[test]
fn a_row_is_kept_for_400_days() {
    let database = with_tenants(&[]);
    write(&database, vec![note(entry("old", None, GRACE, 99)), note(entry("kept", None, GRACE, 100))]);
    block_on(trim(&database, Instant(400 * DAY + 100))).unwrap();
    assert_eq!(ids(&database), ["kept"]);
}
