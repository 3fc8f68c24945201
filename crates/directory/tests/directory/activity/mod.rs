//! The activity of a tenant: what is written of requests, and how it is read together with the change log.

mod erasing;
mod pages;
mod trimming;

use database::{Database, Row, Statement};
use directory::activity::{self, Buffer, Cycle, Marks, Observed, Refusal};
use scim::Instant;

use crate::harness::Directory;

pub const START: i64 = 1_767_225_600_000;

fn request(tenant: &str, at: i64) -> Observed<'_> {
    Observed {
        tenant,
        is_authenticated: true,
        operation: "GET Users",
        status: 200,
        at: Instant(at),
        tests_connection: false,
    }
}

pub fn refusal(at: i64, detail: &str) -> Refusal {
    Refusal {
        tenant: "default".into(),
        at: Instant(at),
        actor: "token1".into(),
        operation: "POST Users".into(),
        resource: None,
        holder: None,
        status: 400,
        scim_type: Some("invalidValue"),
        detail: detail.into(),
        correlation_id: "request1".into(),
    }
}

pub fn write(directory: &Directory, refusals: &[Refusal]) {
    pollster::block_on(activity::write_refusals(&*directory.database, refusals)).unwrap();
}

pub fn rows(directory: &Directory, sql: &str) -> Vec<Row> {
    let statement = Statement::new(sql.to_string(), Vec::new());
    pollster::block_on(directory.database.sqlite.run(vec![statement])).unwrap().remove(0)
}

pub fn count(directory: &Directory, table: &str) -> i64 {
    rows(directory, &format!("SELECT count(*) AS n FROM {table}"))[0].integer("n").unwrap()
}

fn flush(directory: &Directory, requests: &[Observed<'_>]) {
    let mut buffer = Buffer::default();
    requests.iter().for_each(|request| buffer.count(request));
    let counts = buffer.take_counts().unwrap();
    pollster::block_on(activity::write_counts(&*directory.database, counts)).unwrap();
}

fn marks(directory: &Directory, tenant: &str) -> Marks {
    pollster::block_on(activity::marks(&*directory.database, tenant)).unwrap()
}

fn counted(directory: &Directory, tenant: &str, from: i64, to: i64) -> Vec<(String, u16, i64)> {
    let range = (Instant(from), Instant(to));
    let counted = pollster::block_on(activity::counted(&*directory.database, tenant, range, false)).unwrap();
    counted.into_iter().map(|one| (one.operation, one.status, one.requests)).collect()
}

#[test]
fn counts_of_several_instances_add_up_and_those_of_no_tenant_are_not_kept_apart() {
    let directory = Directory::new();
    let refused = Observed { status: 400, ..request("default", START) };
    for _ in 0..2 {
        let stranger = |tenant| Observed { is_authenticated: false, status: 401, ..request(tenant, START) };
        flush(
            &directory,
            &[
                request("default", START),
                request("default", START + 1),
                Observed { ..request("default", START + 60_000) },
                Observed { ..refused },
                stranger("none"),
                stranger("void"),
                stranger("default"),
            ],
        );
    }
    assert_eq!(
        counted(&directory, "default", START, START + 60_000),
        [("GET Users".into(), 200, 4), ("GET Users".into(), 400, 2), ("unauthenticated".into(), 401, 2)]
    );
    assert_eq!(
        counted(&directory, "default", START + 60_000, START + 120_000),
        [("GET Users".into(), 200, 2)]
    );
    assert_eq!(counted(&directory, "", 0, START * 2), [("unauthenticated".into(), 401, 4)]);
    assert_eq!((count(&directory, "counters"), count(&directory, "marks")), (5, 1));
}

#[test]
fn a_pause_of_five_minutes_ends_a_cycle_and_a_test_of_the_connection_is_not_one() {
    let directory = Directory::new();
    let test = Observed { tests_connection: true, ..request("default", START) };
    flush(&directory, &[test]);
    let tested = Marks {
        last_request: Some(Instant(START)),
        test_connection: Some(Instant(START)),
        ..Marks::default()
    };
    assert_eq!(marks(&directory, "default"), tested);
    directory.at_second(7);
    directory.user("ada");
    directory.group("Engines", &[]);
    let minute = |minutes: i64| Instant(START + minutes * 60_000);
    flush(&directory, &[request("default", minute(1).0), request("default", minute(3).0)]);
    flush(&directory, &[request("default", minute(8).0)]);
    let cycle = |began, ended| Some(Cycle { began: minute(began), ended: minute(ended) });
    let first = Marks {
        last_request: Some(minute(8)),
        first_user: Some(Instant(START + 7_000)),
        first_group: Some(Instant(START + 8_000)),
        cycles: [cycle(1, 8), None],
        ..tested
    };
    assert_eq!(marks(&directory, "default"), first);
    flush(&directory, &[Observed { tests_connection: true, ..request("default", minute(30).0) }]);
    flush(&directory, &[request("default", minute(40).0)]);
    let second = Marks {
        last_request: Some(minute(40)),
        test_connection: Some(minute(30)),
        cycles: [cycle(40, 40), cycle(1, 8)],
        ..first
    };
    assert_eq!(marks(&directory, "default"), second);
    // Another instance writes later what came before.
    flush(&directory, &[request("default", minute(39).0)]);
    assert_eq!(marks(&directory, "default"), second);
    assert_eq!(marks(&directory, "other"), Marks::default());
}

#[test]
fn a_tenant_has_sixty_refusals_a_minute_however_many_instances_write_them() {
    let directory = Directory::new();
    for _ in 0..3 {
        write(&directory, &(0..50).map(|at| refusal(START + at, "no")).collect::<Vec<_>>());
    }
    assert_eq!(count(&directory, "refusals"), 60);
    write(
        &directory,
        &[
            refusal(START + 60_000, "no"),
            refusal(START - 1, "no"),
            Refusal { tenant: "none".into(), ..refusal(START, "no") },
        ],
    );
    assert_eq!(count(&directory, "refusals"), 62);
}

#[test]
fn a_refusal_keeps_the_resource_by_its_id_and_no_text_that_the_client_made_up() {
    let directory = Directory::new();
    let ada = directory.user("ada");
    directory.user("bob");
    let user = |id: &str| Some(("User".to_string(), id.to_string()));
    let foreign = "10000000-0000-7000-8000-000000000000";
    write(
        &directory,
        &[
            Refusal { resource: user(&ada), ..refusal(START, "a") },
            Refusal { resource: user(foreign), ..refusal(START + 1, "b") },
            Refusal { resource: user("ada@example.com"), ..refusal(START + 2, "c") },
            Refusal { holder: user("ada"), ..refusal(START + 3, "d") },
            Refusal { holder: user("nobody"), ..refusal(START + 4, "e") },
        ],
    );
    let kept: Vec<(String, Option<String>)> = rows(&directory, "SELECT * FROM refusals ORDER BY id")
        .iter()
        .map(|row| {
            (row.text("resource_type").unwrap().into(), row.optional_text("resource_id").map(str::to_string))
        })
        .collect();
    let user = |id: Option<&str>| ("User".to_string(), id.map(str::to_string));
    assert_eq!(kept, [user(Some(&ada)), user(Some(foreign)), user(None), user(Some(&ada)), user(None)]);
}
