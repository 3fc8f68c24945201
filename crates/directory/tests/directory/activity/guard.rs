//! The guard against mass deprovisioning: when it says so, how often, and what readers of the log get.

use database::Database;
use directory::activity::{self, Departures};
use directory::{Event, Wanted, is_event_type, overviews, set_guard_of_tenant};
use scim::{Instant, Registry};
use serde_json::{Value, json};

use super::{START, flush, request};
use crate::harness::Directory;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Runs the job at that time. Returns for which tenants it has raised the event.
fn guard(directory: &Directory, now: i64) -> Vec<String> {
    pollster::block_on(activity::guard(&*directory.database, Instant(now), "job1")).unwrap()
}

fn read(directory: &Directory, wanted: &Wanted) -> Vec<Event> {
    let wanted = Wanted { limit: 1_000, bytes: 1 << 20, ..wanted.clone() };
    let page = directory.run(async |database, context| {
        directory::events(database, context.registry, context.tenant, None, &wanted).await
    });
    page.unwrap().events
}

/// Returns the events of the guard.
fn raised(directory: &Directory) -> Vec<Value> {
    let wanted = Wanted { types: vec!["directory.*".to_string()], ..Wanted::default() };
    read(directory, &wanted).into_iter().map(|event| event.body).collect()
}

fn warning(directory: &Directory, now: i64) -> Option<Departures> {
    let warning = activity::warning(&*directory.database, "default", Instant(now));
    let warning = pollster::block_on(warning).unwrap();
    let shown = pollster::block_on(overviews(&*directory.database, "", 10, Instant(now))).unwrap();
    assert_eq!(shown[0].warning, warning, "the list of tenants shows the same");
    warning
}

fn users(directory: &Directory, name: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| directory.user(&format!("{name}{at}"))).collect()
}

fn delete(directory: &Directory, ids: &[String]) {
    ids.iter().for_each(|id| assert_eq!(directory.delete(&format!("/Users/{id}")).0, 204));
}

fn position(directory: &Directory) -> Option<String> {
    let rows = directory.sql("SELECT position FROM progress WHERE job = 'guard'");
    rows.first().map(|row| row.text("position").unwrap().to_string())
}

#[test]
fn more_than_the_threshold_is_one_event_in_the_order_of_the_log_and_has_no_token() {
    let directory = Directory::new();
    let ids = users(&directory, "u", 30);
    delete(&directory, &ids[..20]);
    let now = START + 60_000;
    assert_eq!(guard(&directory, now), [""; 0], "20 of 30 are not more than 20");
    delete(&directory, &ids[20..21]);
    assert_eq!(guard(&directory, now), ["default"]);
    assert_eq!(guard(&directory, now + 1), [""; 0], "it was said");
    directory.user("after");
    let all = read(&directory, &Wanted::default());
    let types: Vec<&str> = all.iter().skip(50).map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["user.deleted", "directory.mass_deprovisioning", "user.created"]);
    let data = json!({"users": 21, "of": 30, "since": Instant(now - HOUR).to_rfc3339(), "threshold": 20});
    let expected = json!({
        "id": "evt_default_52_0", "type": "directory.mass_deprovisioning", "timestamp": Instant(now).to_rfc3339(),
        "tenant": "default", "sequence": 52, "data": data, "actor": {"id": "guard"}, "correlationId": "job1",
    });
    assert_eq!(raised(&directory), std::slice::from_ref(&expected));
    let thin =
        read(&directory, &Wanted { thin: true, resource: Some("default".to_string()), ..Wanted::default() });
    assert_eq!(thin.into_iter().map(|event| event.body).collect::<Vec<_>>(), [expected]);
    let tokens = read(&directory, &Wanted { security: true, ..Wanted::default() });
    assert_eq!(tokens.len(), all.len() - 1);
    assert!(tokens.iter().all(|event| event.event_type.starts_with("user.")));
}

#[test]
fn it_is_said_once_a_cycle_and_again_when_ten_times_as_many_went() {
    let directory = Directory::new();
    let ids = users(&directory, "u", 300);
    let minute = |minutes: i64| START + minutes * 60_000;
    flush(&directory, &[request("default", minute(9))]);
    directory.at_second(600);
    delete(&directory, &ids[..31]);
    assert_eq!(guard(&directory, minute(11)), ["default"]);
    delete(&directory, &ids[31..60]);
    assert_eq!(guard(&directory, minute(12)), [""; 0], "in the same cycle");
    // Of the next cycle its own departures count alone, although those of the cycle before are not an hour ago.
    flush(&directory, &[request("default", minute(50))]);
    directory.at_second(3_060);
    delete(&directory, &ids[60..80]);
    assert_eq!(guard(&directory, minute(52)), [""; 0]);
    delete(&directory, &ids[80..91]);
    assert_eq!(guard(&directory, minute(53)), ["default"]);
    let others = users(&directory, "o", 300);
    delete(&directory, &others[..278]);
    assert_eq!(guard(&directory, minute(54)), [""; 0], "309 are not ten times 31");
    delete(&directory, &others[278..279]);
    assert_eq!(guard(&directory, minute(55)), ["default"]);
    let numbers: Vec<Value> = raised(&directory).iter().map(|event| event["data"]["users"].clone()).collect();
    assert_eq!(numbers, [31, 31, 310]);
}

#[test]
fn two_that_look_at_once_raise_it_once() {
    let directory = Directory::new();
    delete(&directory, &users(&directory, "u", 21));
    let other = directory.clone();
    let is_first = std::cell::Cell::new(true);
    directory.database.before_calls(move |call, _| {
        // Between the look of the one and its write comes the whole of the other.
        if call == 1 && is_first.replace(false) {
            let inner = activity::guard(&other.database.sqlite, Instant(START + 60_000), "job2");
            assert_eq!(pollster::block_on(inner).unwrap(), ["default"]);
        }
    });
    assert_eq!(guard(&directory, START + 60_000), [""; 0]);
    assert_eq!(raised(&directory).len(), 1);
}

#[test]
fn a_tenant_may_have_a_number_of_its_own() {
    let directory = Directory::new();
    let set = |most: Option<i64>| {
        let statement = set_guard_of_tenant("default", most);
        pollster::block_on(directory.database.sqlite.run(vec![statement])).unwrap();
        pollster::block_on(activity::settings(&*directory.database, "default")).unwrap().1
    };
    assert_eq!(set(Some(2)), Some(2));
    let ids = users(&directory, "u", 40);
    let other = directory.of_tenant("other");
    delete(&other, &users(&other, "u", 5));
    delete(&directory, &ids[..2]);
    assert_eq!(guard(&directory, START + 60_000), [""; 0]);
    delete(&directory, &ids[2..3]);
    assert_eq!(guard(&directory, START + 60_000), ["default"]);
    assert_eq!(raised(&directory)[0]["data"]["threshold"], 2);
    assert_eq!(set(None), None);
    let missing = set_guard_of_tenant("missing", Some(1));
    pollster::block_on(directory.database.sqlite.run(vec![missing])).unwrap();
    assert_eq!(directory.sql("SELECT 1 FROM guards WHERE tenant = 'missing'").len(), 0);
}

#[test]
fn rows_are_looked_at_once_they_have_settled_and_then_no_more() {
    let directory = Directory::new();
    guard(&directory, START);
    assert_eq!(position(&directory), None, "an empty log");
    let ids = users(&directory, "u", 10);
    guard(&directory, START + 15_000);
    assert_eq!(position(&directory), None, "all are younger than twenty seconds");
    guard(&directory, START + 25_000);
    assert_eq!(position(&directory).as_deref(), Some("6"));
    delete(&directory, &ids);
    guard(&directory, START + 120_000);
    assert_eq!(position(&directory).as_deref(), Some("20"));
    let before = directory.database.sqlite.round_trips();
    guard(&directory, START + 180_000);
    assert_eq!(directory.database.sqlite.round_trips() - before, 1, "nothing is new");
}

/// Logs so many rows of users (SQL of their tenant by `n`), each with that change.
fn log(directory: &Directory, rows: i64, tenant: &str, change: &str) {
    let sql = format!(
        "WITH RECURSIVE u (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM u WHERE n < {rows} - 1) \
         INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         SELECT {tenant}, {START}, 'User', n, 2, '{change}', 'x', 'r' FROM u"
    );
    directory.sql(sql);
}

const CREATED: &str = r#"{"op":"created"}"#;
const DELETED: &str = r#"{"op":"deleted"}"#;

#[test]
fn a_call_counts_a_bounded_number_of_tenants_and_the_next_one_goes_on() {
    let directory = Directory::new();
    log(&directory, 60 * 21, "'t' || (n / 21)", DELETED);
    let counts = [1, 2, 3].map(|minutes| guard(&directory, START + minutes * 60_000).len());
    assert_eq!(counts, [50, 10, 0]);
}

#[test]
fn the_bound_of_tenants_holds_for_all_pages_of_a_call() {
    let directory = Directory::new();
    log(&directory, 1, "'big'", CREATED);
    guard(&directory, START + 60_000);
    log(&directory, 40 * 21, "'t' || (n / 21)", DELETED);
    log(&directory, 10_000, "'big'", CREATED);
    // Ten of the tenants again, and twenty others.
    log(&directory, 30 * 21, "'t' || (30 + n / 21)", DELETED);
    let counts = [2, 3, 4].map(|minutes| guard(&directory, START + minutes * 60_000).len());
    assert_eq!(counts, [50, 10, 0]);
}

#[test]
fn a_tenant_that_imports_very_many_users_does_not_delay_the_guard_of_the_others() {
    let directory = Directory::new();
    log(&directory, 1, "'big'", CREATED);
    guard(&directory, START + 60_000);
    log(&directory, 90_000, "'big'", CREATED);
    log(&directory, 21, "'small'", DELETED);
    log(&directory, 100_000, "'big'", CREATED);
    log(&directory, 21, "'later'", DELETED);
    let before = directory.database.sqlite.round_trips();
    assert_eq!(guard(&directory, START + 120_000), ["small"]);
    assert_eq!(directory.database.sqlite.round_trips() - before, 12, "ten looks, a count, and the place");
    assert_eq!(position(&directory).as_deref(), Some("100001"));
    assert_eq!(guard(&directory, START + 180_000), ["later"]);
    assert_eq!(guard(&directory, START + 240_000), [""; 0]);
}

#[test]
fn a_warning_stands_until_a_day_after_the_end_of_its_cycle() {
    let directory = Directory::new();
    let minute = |minutes: i64| START + minutes * 60_000;
    assert_eq!(warning(&directory, START), None);
    let ids = users(&directory, "u", 30);
    flush(&directory, &[request("default", minute(1))]);
    delete(&directory, &ids);
    guard(&directory, minute(2));
    let departures = Departures { users: 30, of: 30, since: Instant(minute(2) - HOUR), threshold: 20 };
    assert_eq!(warning(&directory, minute(2)), Some(departures));
    assert!(departures.is_mass());
    assert_eq!(warning(&directory, minute(2) + DAY - 1), Some(departures));
    assert_eq!(warning(&directory, minute(2) + DAY), None);
    flush(&directory, &[request("default", minute(4))]);
    assert_eq!(warning(&directory, minute(4) + DAY - 1), Some(departures), "its cycle went on until then");
    assert_eq!(warning(&directory, minute(4) + DAY), None);
    flush(&directory, &[request("default", minute(40))]);
    assert_eq!(warning(&directory, minute(2) + DAY), None, "another cycle does not prolong it");
}

#[test]
fn an_event_of_the_directory_can_be_asked_for_by_its_type() {
    let registry = Registry::load().unwrap();
    for (name, expected) in [
        ("directory.mass_deprovisioning", true),
        ("directory.*", true),
        ("directory.created", false),
        ("user.mass_deprovisioning", false),
        ("Directory.*", false),
    ] {
        assert_eq!(is_event_type(&registry, name), expected, "{name}");
    }
}
