//! Pages of the activity: order, filters, and what they cost.

use database::{Database, Statement};
use directory::activity::{self, ActivityQuery, Correlation, Direction, Outcome, Page, Position};
use proptest::prelude::*;
use scim::Instant;
use serde_json::{Value, json};

use super::{START, refusal, write};
use crate::harness::{Directory, members};

const ALL: ActivityQuery<'static> = ActivityQuery {
    from: None,
    to: None,
    outcome: None,
    resource: None,
    actor: None,
    correlation: None,
    operation: None,
    direction: Direction::Backward,
    after: None,
    limit: 100,
};

fn read(directory: &Directory, asked: &ActivityQuery<'_>) -> Page {
    pollster::block_on(activity::read(&*directory.database, "default", asked)).unwrap()
}

/// Returns all pages as one list.
fn read_all(directory: &Directory, asked: &ActivityQuery<'_>) -> Vec<Value> {
    let (mut all, mut asked) = (Vec::new(), asked.clone());
    loop {
        let page = read(directory, &asked);
        assert!(page.entries.len() <= asked.limit);
        all.extend(page.entries);
        let Some(next) = page.next else { return all };
        asked.after = Some(Position::parse(&next.to_text()).unwrap());
    }
}

fn at(entries: &[Value]) -> Vec<i64> {
    entries.iter().map(|entry| Instant::parse(entry["at"].as_str().unwrap()).unwrap().0 - START).collect()
}

#[test]
fn changes_and_refusals_come_together_the_newest_first() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.group("Engines", &[&ada]);
    let id =
        directory.patch(&format!("/Users/{ada}"), json!([{"op": "add", "path": "title", "value": "x"}])).1;
    assert_eq!(id["id"], ada.as_str());
    let about = directory::activity::Refusal {
        resource: Some(("User".into(), ada.clone())),
        ..refusal(START + 500, "`title` is not")
    };
    write(&directory, &[about, refusal(START + 2_500, "later")]);
    let entries = read_all(&directory, &ALL);
    assert_eq!(at(&entries), [2_500, 2_000, 1_000, 500, 0]);
    assert_eq!(
        entries[1],
        json!({
            "kind": "change", "at": "2026-01-01T00:00:02.000Z", "operation": "updated", "sequence": 3, "version": 2,
            "resource": {"type": "User", "id": ada, "name": "ada"},
            "changes": [{"path": "title", "old": null, "new": "x"}], "actor": {"id": "token1"}, "tenant": "default", "correlationId": "request1",
        })
    );
    assert_eq!(
        (&entries[2]["operation"], &entries[2]["came"], &entries[2]["resource"]["name"]),
        (&json!("created"), &json!(1), &json!("Engines"))
    );
    assert_eq!(
        entries[3],
        json!({
            "kind": "refusal", "at": "2026-01-01T00:00:00.500Z", "operation": "POST Users", "status": 400,
            "resource": {"type": "User", "id": ada, "name": "ada"}, "scimType": "invalidValue",
            "detail": "`title` is not", "number": 1, "actor": {"id": "token1"}, "tenant": "default", "correlationId": "request1",
        })
    );
    assert_eq!(entries[0].get("resource"), None);
    directory.delete(&format!("/Users/{ada}"));
    let refusals = read_all(&directory, &ActivityQuery { outcome: Some(Outcome::Refused), ..ALL });
    assert_eq!(
        refusals[1]["resource"],
        json!({"type": "User", "id": ada}),
        "a person who is gone has no name"
    );
}

#[test]
fn a_filter_leaves_exactly_what_it_says() {
    let directory = Directory::new();
    let ids: Vec<String> = (0..10).map(|number| directory.user(&format!("u{number}"))).collect();
    for second in 0..10 {
        let resource = Some(("User".to_string(), ids[second % 3].clone()));
        write(
            &directory,
            &[activity::Refusal {
                resource,
                actor: format!("t{}", second % 2),
                ..refusal(START + 1_000 * second as i64 + 500, "no")
            }],
        );
    }
    let seen = |asked: ActivityQuery<'_>| at(&read_all(&directory, &asked));
    let time = |second: i64| Some(Instant(START + 1_000 * second));
    assert_eq!(seen(ActivityQuery { from: time(8), ..ALL }), [9_500, 9_000, 8_500, 8_000]);
    assert_eq!(seen(ActivityQuery { to: time(1), ..ALL }), [500, 0]);
    assert_eq!(seen(ActivityQuery { from: time(3), to: time(4), limit: 1, ..ALL }), [3_500, 3_000]);
    assert_eq!(
        seen(ActivityQuery { outcome: Some(Outcome::Changed), from: time(7), ..ALL }),
        [9_000, 8_000, 7_000]
    );
    assert_eq!(
        seen(ActivityQuery { resource: Some(&ids[2]), limit: 2, ..ALL }),
        [8_500, 5_500, 2_500, 2_000]
    );
    assert_eq!(
        seen(ActivityQuery { actor: Some("t1"), limit: 2, ..ALL }),
        [9_500, 7_500, 5_500, 3_500, 1_500]
    );
    assert_eq!(seen(ActivityQuery { actor: Some("none"), ..ALL }), Vec::<i64>::new());
    directory.delete(&format!("/Users/{}", ids[9]));
    assert_eq!(seen(ActivityQuery { operation: Some("deleted"), limit: 2, ..ALL }), [10_000]);
    assert_eq!(seen(ActivityQuery { operation: Some("updated"), ..ALL }), Vec::<i64>::new());
    assert_eq!(
        seen(ActivityQuery { operation: Some("created"), from: time(7), ..ALL }),
        [9_000, 8_000, 7_000]
    );
    let forward = ActivityQuery { direction: Direction::Forward, limit: 3, ..ALL };
    let mut backward = seen(ALL);
    backward.reverse();
    assert_eq!(seen(forward), backward);
    assert_eq!(
        Position::parse("1_2").unwrap_err().detail,
        "the cursor was not issued by a page of the activity"
    );
}

#[test]
fn what_came_with_one_request_is_found_by_its_id_at_the_cost_of_some_seconds() {
    let steps = |rows: i64| {
        let directory = Directory::new();
        fill(&directory, rows);
        let now = START + 1_000 * (rows / 2);
        let id = format!("{:08x}-{:04x}-7000-8000-000000000001", now >> 16, now & 0xffff);
        // The last one is of a time at which the request cannot have come.
        for (table, at) in [("changes", now), ("refusals", now - 1_000), ("refusals", now - 11_000)] {
            let sql = format!("UPDATE {table} SET correlation_id = '{id}' WHERE at = {at}");
            directory.sql(sql);
        }
        let asked = ActivityQuery { correlation: Some(Correlation::parse(&id).unwrap()), ..ALL };
        let before = directory.database.sqlite.steps();
        let found = read_all(&directory, &asked);
        assert_eq!(at(&found), [now - START, now - START - 1_000]);
        assert!(found.iter().all(|entry| entry["correlationId"] == id.as_str()));
        directory.database.sqlite.steps() - before
    };
    let (few, many) = (steps(20_000), steps(200_000));
    assert!(many <= few + few / 10 + 1_500, "{few} and {many} steps");
}

/// Fills both tables with that many rows, a second apart.
pub fn fill(directory: &Directory, rows: i64) {
    let numbers =
        format!("WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {})", rows - 1);
    let change = r#"{"op":"updated","resource":{"userName":"u"},"lastModified":0}"#;
    let changes = format!(
        "{numbers} INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
         SELECT CASE n % 2 WHEN 0 THEN 'default' ELSE 'other' END, {START} + 1000 * n, 'User', n % 50, 1, '{change}', 't' || (n % 10), 'r' FROM n"
    );
    let refusals = format!(
        "{numbers} INSERT INTO refusals (tenant, at, actor, operation, resource_type, resource_id, status, detail, correlation_id) \
         SELECT 'default', {START} + 1000 * n, 't' || (n % 10), 'GET Users', 'User', n % 50, 400, '', 'r' FROM n"
    );
    let statements = [changes, refusals].map(|sql| Statement::new(sql, Vec::new())).to_vec();
    pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
}

#[test]
fn a_page_costs_the_same_however_many_rows_there_are() {
    let steps = |rows: i64| {
        let directory = Directory::new();
        fill(&directory, rows);
        let middle = Some(Instant(START + 500 * rows));
        let asked = [
            ALL,
            ActivityQuery { from: middle, limit: 20, ..ALL },
            ActivityQuery { to: middle, ..ALL },
            ActivityQuery { resource: Some("8"), limit: 5, ..ALL },
            ActivityQuery { actor: Some("t4"), ..ALL },
            ActivityQuery { actor: Some("nobody"), ..ALL },
            ActivityQuery { operation: Some("deleted"), ..ALL },
            ActivityQuery { direction: Direction::Forward, from: middle, ..ALL },
        ];
        asked.map(|asked| {
            let before = directory.database.sqlite.steps();
            read(&directory, &asked);
            directory.database.sqlite.steps() - before
        })
    };
    let (few, many) = (steps(4_000), steps(400_000));
    for (place, (few, many)) in few.into_iter().zip(many).enumerate() {
        // A hundred times the rows are seven more halvings for each time that is named.
        assert!(many <= few + few / 10 + 1_500, "{place}: {few} and {many} steps");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Pages of any size and filter have together what one large page has, each entry once and in the same order, although the times
    /// of the log do not quite ascend.
    #[test]
    fn pages_lose_nothing_and_repeat_nothing(
        changes in proptest::collection::vec(0..60_i64, 0..40),
        refused in proptest::collection::vec(0..60_i64, 0..40),
        limit in 1..7_usize,
        (from, to) in (proptest::option::of(0..60_i64), proptest::option::of(0..60_i64)),
        actor in proptest::option::of(Just("t1")),
        backward in any::<bool>(),
    ) {
        let directory = Directory::new();
        let mut statements = Vec::new();
        for (number, at) in changes.iter().enumerate() {
            // At most a minute before the one before it.
            let at = START + 60_000 * number as i64 / 20 + 1_000 * at;
            let sql = format!("INSERT INTO changes (tenant, at, resource_type, resource_id, version, change, actor, correlation_id) \
                VALUES ('default', {at}, 'User', 'u{number}', 1, '{{\"op\":\"created\"}}', 't{}', 'c{number}')", number % 3);
            statements.push(Statement::new(sql, Vec::new()));
        }
        for (number, at) in refused.iter().enumerate() {
            let sql = format!("INSERT INTO refusals (tenant, at, actor, operation, status, detail, correlation_id) \
                VALUES ('default', {}, 't{}', 'GET', 400, '', 'r{number}')", START + 1_000 * at, number % 3);
            statements.push(Statement::new(sql, Vec::new()));
        }
        pollster::block_on(directory.database.sqlite.run(statements)).unwrap();
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let time = |second: Option<i64>| second.map(|second| Instant(START + 1_000 * second));
        let asked = ActivityQuery { from: time(from), to: time(to), actor, direction, limit, ..ALL };
        let pages = read_all(&directory, &asked);
        let mut whole = read_all(&directory, &ActivityQuery { limit: 1_000, direction, ..ALL });
        prop_assert_eq!(whole.len(), changes.len() + refused.len());
        whole.retain(|entry| {
            let at = at(std::slice::from_ref(entry))[0];
            from.is_none_or(|from| at >= 1_000 * from) && to.is_none_or(|to| at < 1_000 * to)
                && actor.is_none_or(|actor| entry["actor"]["id"] == actor)
        });
        let ids = |entries: &[Value]| -> Vec<String> { entries.iter().map(|entry| entry["correlationId"].to_string()).collect() };
        let (mut pages, mut whole) = (ids(&pages), ids(&whole));
        if from.is_none() && to.is_none() && actor.is_none() {
            prop_assert_eq!(&pages, &whole);
        }
        pages.sort();
        whole.sort();
        prop_assert_eq!(pages, whole);
    }
}

#[test]
fn members_that_came_and_went_are_counted() {
    let directory = Directory::new();
    let (ada, bob) = (directory.user("ada"), directory.user("bob"));
    let group = directory.group("g", &[&ada]);
    directory.patch(
        &format!("/Groups/{group}"),
        json!([{"op": "replace", "path": "members", "value": members(&[&bob])}]),
    );
    let entry = read(&directory, &ActivityQuery { limit: 1, ..ALL }).entries.remove(0);
    assert_eq!((&entry["came"], &entry["went"], entry.get("changes")), (&json!(1), &json!(1), None));
}
