//! What is older than a tenant keeps goes, in bounded steps, and the log says up to where.

use database::{Database, Statement};
use directory::activity::{self, Retention, RetentionChanges, Trimmed};
use scim::{Dialect, Instant};
use serde_json::{Value, json};
use tenants::NewTenant;

use super::{START, count, refusal, write};
use crate::harness::Directory;

const DAY: i64 = 86_400_000;

fn trim(directory: &Directory, day: i64) -> Trimmed {
    pollster::block_on(activity::trim(&*directory.database, Instant(START + day * DAY))).unwrap()
}

fn log(directory: &Directory, tenant: &str, at: i64) {
    let sql = format!(
        "INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         VALUES ('{tenant}', {at}, 'User', 'u', 1, '{{\"op\":\"updated\"}}', 't', 'r')"
    );
    directory.sql(sql);
}

fn left(directory: &Directory, tenant: &str) -> Vec<i64> {
    let rows = directory.sql(format!("SELECT seq FROM changes WHERE tenant = '{tenant}' ORDER BY seq"));
    rows.iter().map(|row| row.integer("seq").unwrap()).collect()
}

fn trimmed(directory: &Directory, tenant: &str) -> Option<i64> {
    let rows = directory.sql(format!("SELECT trimmed FROM logs WHERE tenant = '{tenant}'"));
    rows.first().map(|row| row.integer("trimmed").unwrap())
}

fn tenant(directory: &Directory, id: &str, days: i64) {
    let new =
        NewTenant { id: id.into(), name: id.into(), dialect: Dialect::TOLERANT, log_retention_days: days };
    pollster::block_on(tenants::create(&*directory.database, new, Instant(0))).unwrap();
}

#[test]
fn each_tenant_s_log_is_kept_as_long_as_its_setting_says() {
    let directory = Directory::new();
    tenant(&directory, "acme", 7);
    for day in 0..4 {
        for id in ["default", "acme"] {
            log(&directory, id, START + day * DAY);
        }
    }
    assert_eq!(trim(&directory, 7), Trimmed::default(), "to the day");
    assert_eq!(trim(&directory, 9).batches, 1);
    assert_eq!((left(&directory, "acme"), trimmed(&directory, "acme")), (vec![6, 8], Some(4)));
    assert_eq!((left(&directory, "default"), trimmed(&directory, "default")), (vec![1, 3, 5, 7], None));
    trim(&directory, 92);
    assert_eq!(
        (left(&directory, "acme"), trimmed(&directory, "acme")),
        (vec![8], Some(6)),
        "never the greatest of all"
    );
    assert_eq!((left(&directory, "default"), trimmed(&directory, "default")), (vec![5, 7], Some(3)));
    log(&directory, "default", START);
    trim(&directory, 92);
    assert_eq!((left(&directory, "acme"), trimmed(&directory, "acme")), (vec![], Some(8)));
    let settings = RetentionChanges { log_days: Some(1), activity_days: None };
    pollster::block_on(activity::set_retention(&*directory.database, "default", settings)).unwrap();
    trim(&directory, 92);
    assert_eq!((left(&directory, "default"), trimmed(&directory, "default")), (vec![9], Some(7)));
}

#[test]
fn what_is_trimmed_is_a_beginning_of_the_log_although_times_do_not_quite_ascend() {
    let directory = Directory::new();
    for at in [0, 3, 1, 2, 9] {
        log(&directory, "default", START + at * DAY);
    }
    trim(&directory, 92);
    assert_eq!((left(&directory, "default"), trimmed(&directory, "default")), (vec![2, 3, 4, 5], Some(1)));
    trim(&directory, 94);
    assert_eq!((left(&directory, "default"), trimmed(&directory, "default")), (vec![5], Some(4)));
}

#[test]
fn refusals_and_counters_are_kept_for_thirty_days_or_what_is_set() {
    let directory = Directory::new();
    tenant(&directory, "acme", 30);
    let counter = |tenant: &str, day: i64| {
        format!("INSERT INTO counters VALUES ('{tenant}', {}, 'GET Users', 200, 1)", START + day * DAY)
    };
    let counters = ["default", "acme", ""].iter().flat_map(|tenant| [0, 1].map(|day| counter(tenant, day)));
    let counters = counters.map(|sql| Statement::new(sql, Vec::new())).collect();
    pollster::block_on(directory.database.sqlite.run(counters)).unwrap();
    write(&directory, &[refusal(START, "a"), refusal(START + DAY, "b")]);
    trim(&directory, 30);
    assert_eq!((count(&directory, "refusals"), count(&directory, "counters")), (2, 6));
    let settings = RetentionChanges { log_days: None, activity_days: Some(60) };
    let statements = activity::set_retention_of_tenant("acme", settings);
    pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
    let acme = pollster::block_on(activity::retention(&*directory.database, "acme")).unwrap();
    assert_eq!(acme, Retention { log_days: 30, activity_days: 60 });
    trim(&directory, 31);
    assert_eq!((count(&directory, "refusals"), count(&directory, "counters")), (1, 4));
    let day = Instant(START + 31 * DAY);
    let of = |tenant| {
        pollster::block_on(activity::trimmings(
            &*directory.database,
            tenant,
            (Instant(0), Instant(START * 2)),
        ))
        .unwrap()
    };
    assert_eq!(
        of("default"),
        [
            json!({"kind": "trimming", "at": day.to_rfc3339(), "tenant": "default", "logRows": 0, "refusals": 1, "counters": 1})
        ]
    );
    assert_eq!((of("acme"), of("")), (Vec::<Value>::new(), Vec::<Value>::new()));
}

#[test]
fn one_call_is_bounded_and_the_next_goes_on_with_the_next_tenant() {
    let directory = Directory::new();
    for number in 0..300 {
        tenant(&directory, &format!("t{number:03}"), 1);
    }
    let many = "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 9999) \
        INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
        SELECT 't000', 0, 'User', 'u', 1, '{}', 't', 'r' FROM n";
    pollster::block_on(directory.database.sqlite.run(vec![Statement::new(many, Vec::new())])).unwrap();
    for number in 1..300 {
        log(&directory, &format!("t{number:03}"), 0);
    }
    log(&directory, "default", START + 10 * DAY);
    let trips = directory.database.sqlite.round_trips();
    assert_eq!(trim(&directory, 10), Trimmed { batches: 20, is_cut_short: true });
    assert_eq!(directory.database.sqlite.round_trips() - trips, 22);
    assert_eq!((left(&directory, "t000").len(), trimmed(&directory, "t000")), (7_500, Some(2_500)));
    assert_eq!((left(&directory, "t015"), left(&directory, "t016")), (vec![], vec![10_016]));
    assert_eq!(directory.sql("SELECT position FROM progress")[0].text("position").unwrap(), "t016");
    let mut calls = 1;
    while count(&directory, "changes") > 1 {
        trim(&directory, 10);
        calls += 1;
        assert!(calls < 60);
    }
    assert_eq!(trimmed(&directory, "t299"), Some(10_299));
    // A call that has nothing to do reads a few rows a tenant, and writes at most its position.
    let trips = directory.database.sqlite.round_trips();
    assert_eq!(trim(&directory, 10), Trimmed::default());
    assert!(directory.database.sqlite.round_trips() - trips <= 2);
}

#[test]
fn a_call_looks_at_no_more_rows_of_a_long_log() {
    let steps = |rows: i64| {
        let directory = Directory::new();
        let sql = format!(
            "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) \
             INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
             SELECT 'default', {START}, 'User', 'u', 1, '{{}}', 't', 'r' FROM n"
        );
        directory.sql(sql);
        let before = directory.database.sqlite.steps();
        assert_eq!(trim(&directory, 1), Trimmed::default());
        directory.database.sqlite.steps() - before
    };
    assert_eq!(steps(10), steps(20_000));
}

#[test]
fn the_row_that_a_removed_tenant_has_left_goes_once_it_is_not_the_last() {
    let directory = Directory::new();
    log(&directory, "", 0);
    trim(&directory, 1);
    assert_eq!(left(&directory, ""), [1]);
    log(&directory, "default", START);
    trim(&directory, 1);
    assert_eq!((left(&directory, ""), trimmed(&directory, "")), (vec![], None));
    assert_eq!(count(&directory, "trimmings"), 0);
}
