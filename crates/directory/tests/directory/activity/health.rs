//! The health of a tenant as numbers: requests over time, failures of the last cycle, and the guard against mass deprovisioning.

use database::{Database, Statement};
use directory::activity::{Cycle, Departures, Failures, Health, MOST_DEPARTURES, Observed, Span};
use directory::{condition, overviews, set_guard_of_tenant};
use scim::Instant;
use serde_json::json;

use super::{START, flush, pages, request};
use crate::harness::Directory;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn health(directory: &Directory, now: i64) -> Health {
    pollster::block_on(condition(&*directory.database, "default", Instant(now))).unwrap().health
}

fn departures(directory: &Directory, now: i64) -> (i64, i64, bool) {
    let departures = health(directory, now).departures;
    (departures.users, departures.of, departures.is_mass())
}

fn disable(directory: &Directory, id: &str, active: bool) {
    let operations = json!([{"op": "replace", "path": "active", "value": active}]);
    assert_eq!(directory.patch(&format!("/Users/{id}"), operations).0, 200);
}

/// Returns that request with another operation and status.
fn answered(at: i64, operation: &'static str, status: u16) -> Observed<'static> {
    Observed { operation, status, is_authenticated: status != 401, ..request("default", at) }
}

#[test]
fn a_tenant_without_requests_has_no_numbers() {
    let health = health(&Directory::new(), START);
    let departures = Departures { users: 0, of: 0, since: Instant(START - HOUR), threshold: 20 };
    let none = Health {
        last_request: None,
        cycle: None,
        previous: None,
        spans: Vec::new(),
        failures: Failures::default(),
        departures,
    };
    assert_eq!(health, none);
    assert!(!departures.is_mass());
}

#[test]
fn each_user_that_went_is_counted_once_and_no_other_change_is() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..30).map(|at| directory.user(&format!("u{at}"))).collect();
    let group = directory.group("Engines", &[&ids[0], &ids[1]]);
    let other = directory.of_tenant("other");
    disable(&other, &other.user("elsewhere"), false);
    let now = START + 200_000;
    assert_eq!(departures(&directory, now), (0, 30, false));
    for id in &ids[..20] {
        disable(&directory, id, false);
    }
    assert_eq!(departures(&directory, now), (20, 30, false));
    // Neither a second deletion of the same person, nor a change of one who is not active, nor a group counts.
    directory.delete(&format!("/Users/{}", ids[0]));
    directory.patch(&format!("/Users/{}", ids[1]), json!([{"op": "add", "path": "title", "value": "x"}]));
    directory.delete(&format!("/Groups/{group}"));
    disable(&directory, &ids[2], true);
    assert_eq!(departures(&directory, now), (20, 30, false));
    directory.delete(&format!("/Users/{}", ids[29]));
    assert_eq!(departures(&directory, now), (21, 30, true));
}

#[test]
fn more_than_twenty_and_more_than_a_tenth_are_too_many_and_more_than_two_thousand_always() {
    let directory = Directory::new();
    let threshold = |users: i64| {
        set_total(&directory, users);
        health(&directory, START).departures.threshold
    };
    let thresholds = [0, 30, 200, 1_000, 1_009, 20_000, 1_000_000].map(threshold);
    assert_eq!(thresholds, [20, 20, 20, 100, 100, 2_000, 2_000]);
}

#[test]
fn the_last_cycle_is_looked_at_and_at_least_an_hour_and_at_most_a_week() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..25).map(|at| directory.user(&format!("u{at}"))).collect();
    directory.at_second(1_000);
    ids.iter().for_each(|id| disable(&directory, id, false));
    let gone = START + 1_025_000;
    assert!(departures(&directory, gone + HOUR - 60_000).2, "within an hour");
    assert_eq!(departures(&directory, gone + HOUR), (0, 25, false));
    flush(&directory, &[request("default", START + 990_000)]);
    assert_eq!(departures(&directory, gone + DAY), (25, 25, true), "in the last cycle");
    assert_eq!(departures(&directory, gone + 7 * DAY), (0, 25, false));
    flush(&directory, &[request("default", START + 2 * HOUR)]);
    assert_eq!(departures(&directory, gone + DAY), (0, 25, false), "in the cycle before the last one");
}

#[test]
fn requests_are_counted_by_half_hours_and_failures_since_the_last_cycle_began() {
    let directory = Directory::new();
    let at = |minutes: i64| START + minutes * 60_000;
    flush(&directory, &[answered(at(0), "POST Users", 500), answered(at(29), "GET Users", 200)]);
    flush(
        &directory,
        &[
            answered(at(45), "GET Users", 200),
            answered(at(46), "POST Users", 409),
            answered(at(46), "PATCH Groups", 400),
            answered(at(46), "PATCH Users", 429),
            answered(at(47), "unauthenticated", 401),
            answered(at(47), "GET Users", 503),
        ],
    );
    let span =
        |minutes, answered, refused, failed| Span { at: Instant(at(minutes)), answered, refused, failed };
    let first = health(&directory, at(48));
    assert_eq!(first.spans, [span(0, 1, 0, 1), span(30, 1, 4, 1)]);
    let counted = Failures {
        requests: 4,
        others: 2,
        groups: 1,
        last_hour: 3,
        since: Some(Instant(at(46))),
        unauthenticated: 0,
    };
    assert_eq!(first.failures, counted, "the failure of the cycle before is not among them");
    let cycle = |began, ended, is_over| {
        Some(Cycle { began: Instant(at(began)), last_request: Instant(at(ended)), is_over })
    };
    assert_eq!((first.cycle, first.last_request), (cycle(45, 47, false), Some(Instant(at(47)))));
    flush(&directory, &[answered(at(60), "unauthenticated", 401), answered(at(61), "unauthenticated", 401)]);
    let later = health(&directory, at(120));
    assert_eq!((later.failures.unauthenticated, later.failures.last_hour), (2, 0));
    assert_eq!(later.cycle, cycle(45, 47, true));
    assert_eq!(health(&directory, at(59) + DAY).spans, [span(60, 0, 2, 0)], "a day is looked back");
}

#[test]
fn it_costs_the_same_however_long_the_log_is() {
    let steps = |rows: i64| {
        let directory = Directory::new();
        pages::fill(&directory, rows);
        let before = directory.database.sqlite.steps();
        let trips = directory.database.sqlite.round_trips();
        health(&directory, START + 1_000 * rows);
        assert_eq!(directory.database.sqlite.round_trips() - trips, 1);
        directory.database.sqlite.steps() - before
    };
    let (few, many) = (steps(20_000), steps(400_000));
    assert!(many <= few + few / 10 + 1_500, "{few} and {many} steps");
}

/// Logs a row for each `n` from 0 to the last one: of that resource (SQL of its type and its id), and that change.
fn log(directory: &Directory, last: i64, resource: &str, change: &str) {
    let sql = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {last}) \
         INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         SELECT 'default', {START}, {resource}, 2, '{change}', 't', 'r' FROM n"
    );
    directory.sql(sql);
}

fn set_total(directory: &Directory, users: i64) {
    let sql = "INSERT OR REPLACE INTO totals (tenant, type, total) VALUES ('default', 'User', ?1)";
    let statement = Statement::new(sql.to_string(), vec![users.into()]);
    pollster::block_on(directory.database.sqlite.run(vec![statement])).unwrap();
}

#[test]
fn users_who_were_deleted_are_counted_beside_the_rows_of_the_groups_that_they_left() {
    let directory = Directory::new();
    // Of 25,000 users 10,000 were deleted. For each of them the log has the rows of ten groups, and then its own.
    let resource = "CASE n % 11 WHEN 10 THEN 'User' ELSE 'Group' END, CASE n % 11 WHEN 10 THEN n / 11 ELSE 'g' || n % 11 END";
    log(&directory, 109_999, resource, r#"{"op":"deleted"}"#);
    set_total(&directory, 15_000);
    let expected = Departures { users: 10_000, of: 25_000, since: Instant(START - HOUR), threshold: 2_000 };
    assert_eq!(health(&directory, START).departures, expected);
}

#[test]
fn the_greatest_number_that_may_be_set_is_exceeded_though_each_user_was_in_many_groups() {
    let directory = Directory::new();
    let set = set_guard_of_tenant("default", Some(MOST_DEPARTURES));
    pollster::block_on(directory.database.sqlite.run(vec![set])).unwrap();
    // Each of 10,001 users was disabled, left seventeen groups and was deleted.
    let resource = "CASE WHEN n % 19 IN (0, 18) THEN 'User' ELSE 'Group' END, n / 19";
    log(&directory, 190_018, resource, r#"{"op":"deleted"}"#);
    assert_eq!(departures(&directory, START), (10_001, 10_001, true));
}

#[test]
fn of_a_very_long_log_the_newest_rows_are_looked_at() {
    let directory = Directory::new();
    let change = r#"{"op":"updated","resource":{"active":false},"changes":[{"path":"active","old":true,"new":false}]}"#;
    log(&directory, 29_999, "'User', n", change);
    set_total(&directory, 100_000);
    assert_eq!(departures(&directory, START), (25_000, 100_000, true));
    log(&directory, 199_999, "'Group', n", "{}");
    assert_eq!(departures(&directory, START), (0, 100_000, false));
}

/// Returns whether the list of tenants shows `default` as failing after so many requests of each operation and status in a minute, seen so many
/// milliseconds after it began.
fn is_failing(requests: &[(&str, i64, i64)], later: i64) -> bool {
    let directory = Directory::new();
    let sql =
        "INSERT INTO counters (tenant, minute, operation, status, requests) VALUES (?1, ?2, ?3, ?4, ?5)";
    let count = |tenant: &str, operation: &str, status: i64, requests: i64| {
        let params = vec![tenant.into(), START.into(), operation.into(), status.into(), requests.into()];
        Statement::new(sql.to_string(), params)
    };
    let mut statements = vec![count("other", "POST Users", 500, 1_000)];
    statements
        .extend(requests.iter().map(|&(operation, status, many)| count("default", operation, status, many)));
    pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
    let shown = overviews(&*directory.database, "", 10, Instant(START + later));
    pollster::block_on(shown).unwrap()[0].is_failing
}

#[test]
fn a_tenant_fails_if_more_than_forty_percent_and_at_least_ten_of_its_requests_do() {
    let of = |failed, answered| is_failing(&[("POST Users", 400, failed), ("GET Users", 200, answered)], 0);
    assert_eq!([of(9, 0), of(10, 0), of(10, 14), of(10, 15)], [false, true, true, false]);
    assert_eq!([of(400, 600), of(401, 600)], [false, true]);
    assert!(!is_failing(&[], 0), "no request is no failure");
    assert!(
        is_failing(&[("PATCH Groups", 404, 5), ("POST Users", 503, 5)], 0),
        "groups and the service itself count"
    );
}

#[test]
fn strangers_and_too_many_requests_count_neither_as_failed_nor_as_asked() {
    let beside = [("unauthenticated", 401, 500), ("GET Users", 429, 500)];
    assert!(!is_failing(&beside, 0));
    let of = |failed, answered| {
        is_failing(&[&beside[..], &[("POST Users", 400, failed), ("GET Users", 200, answered)]].concat(), 0)
    };
    assert_eq!([of(10, 14), of(10, 15)], [true, false]);
}

#[test]
fn a_tenant_fails_by_the_sixty_minutes_before() {
    let at = |later| is_failing(&[("POST Users", 400, 10)], later);
    assert_eq!([at(HOUR - 1), at(HOUR)], [true, false]);
}
