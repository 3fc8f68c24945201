//! The activity of a tenant: what is written of requests, and how it is read together with the change log.

mod erasing;
mod guard;
mod health;
mod one;
mod pages;
mod trimming;

use directory::activity::{self, Buffer, Observed, Refusal};
use proptest::prelude::*;
use scim::Instant;
use serde_json::{Value, json};

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

pub fn count(directory: &Directory, table: &str) -> i64 {
    directory.sql(format!("SELECT count(*) AS n FROM {table}"))[0].integer("n").unwrap()
}

fn flush(directory: &Directory, requests: &[Observed<'_>]) {
    let mut buffer = Buffer::default();
    requests.iter().for_each(|request| buffer.count(request));
    let counts = buffer.take_counts().unwrap();
    pollster::block_on(activity::write_counts(&*directory.database, counts)).unwrap();
}

fn summary(directory: &Directory, tenant: &str, (from, to): (i64, i64), now: i64) -> Value {
    let range = (Instant(from), Instant(to));
    let summary = activity::summary(&*directory.database, tenant, range, false, Instant(now));
    pollster::block_on(summary).unwrap()
}

fn marks(directory: &Directory, tenant: &str, now: i64) -> Value {
    summary(directory, tenant, (0, 1), now)["marks"].take()
}

fn counted(directory: &Directory, tenant: &str, from: i64, to: i64) -> Value {
    let counts = summary(directory, tenant, (from, to), 0)["requests"]["counts"].take();
    let one = |count: &Value| json!([count["operation"], count["status"], count["requests"]]);
    counts.as_array().unwrap().iter().map(one).collect()
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
        json!([["GET Users", 200, 4], ["GET Users", 400, 2], ["unauthenticated", 401, 2]])
    );
    let sums = summary(&directory, "default", (START, START + 120_000), 0)["requests"]["sums"].take();
    assert_eq!(sums, json!({"read": 6, "refused": 2, "unauthenticated": 2}));
    let next = counted(&directory, "default", START + 60_000, START + 120_000);
    assert_eq!(next, json!([["GET Users", 200, 2]]));
    assert_eq!(counted(&directory, "", 0, START * 2), json!([["unauthenticated", 401, 4]]));
    assert_eq!((count(&directory, "counters"), count(&directory, "marks")), (5, 1));
}

#[test]
fn a_pause_of_five_minutes_ends_a_cycle_and_a_test_of_the_connection_is_not_one() {
    let directory = Directory::new();
    let none = json!({
        "lastRequest": null, "testConnection": null, "firstUser": null, "firstGroup": null, "cycle": null, "previousCycle": null,
    });
    let minute = |minutes: i64| Instant(START + minutes * 60_000);
    let at = |minutes: i64| Value::from(minute(minutes).to_rfc3339());
    let test = |minutes: i64| Observed { tests_connection: true, ..request("default", minute(minutes).0) };
    let with = |before: &Value, changes: Value| {
        let mut after = before.clone();
        after.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        after
    };
    let now = |minutes: i64| marks(&directory, "default", minute(minutes).0);
    flush(&directory, &[test(0)]);
    let tested = with(&none, json!({"lastRequest": at(0), "testConnection": at(0)}));
    assert_eq!(now(0), tested);
    directory.at_second(7);
    directory.user("ada");
    directory.group("Engines", &[]);
    flush(&directory, &[request("default", minute(1).0), request("default", minute(3).0)]);
    flush(&directory, &[request("default", minute(8).0)]);
    let cycle =
        |began, ended, is_over| json!({"began": at(began), "lastRequest": at(ended), "isOver": is_over});
    let first = with(
        &tested,
        json!({
            "lastRequest": at(8), "cycle": cycle(1, 8, false),
            "firstUser": crate::harness::second(7), "firstGroup": crate::harness::second(8),
        }),
    );
    assert_eq!(now(13), first);
    assert_eq!(now(14), with(&first, json!({"cycle": cycle(1, 8, true)})));
    flush(&directory, &[test(30)]);
    flush(&directory, &[request("default", minute(40).0)]);
    let second = with(
        &first,
        json!({
            "lastRequest": at(40), "testConnection": at(30),
            "cycle": cycle(40, 40, false), "previousCycle": cycle(1, 8, true),
        }),
    );
    assert_eq!(now(40), second);
    // Another instance writes later what came before.
    flush(&directory, &[request("default", minute(39).0)]);
    assert_eq!(now(40), second);
    assert_eq!(marks(&directory, "other", 0), none);
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
    let kept: Vec<(String, Option<String>)> = directory
        .sql("SELECT * FROM refusals ORDER BY id")
        .iter()
        .map(|row| {
            (row.text("resource_type").unwrap().into(), row.optional_text("resource_id").map(str::to_string))
        })
        .collect();
    let user = |id: Option<&str>| ("User".to_string(), id.map(str::to_string));
    assert_eq!(kept, [user(Some(&ada)), user(Some(foreign)), user(None), user(Some(&ada)), user(None)]);
}

proptest! {
    /// Whatever a client has sent stands between backticks, and goes, unless all of it is words of SCIM. A sentence that may quote
    /// a backtick of the client ends at the first.
    #[test]
    fn no_sentence_keeps_what_a_client_sent(
        sentence in "[a-p ,:.]{0,20}",
        quotes in proptest::collection::vec(("[^`]{0,12}", "[^`]{0,12}", "[a-p ,:.]{0,12}"), 0..5),
        rest in ".{0,40}",
    ) {
        let registry = scim::Registry::load().unwrap();
        let mut detail = sentence.clone();
        for (before, after, between) in &quotes {
            detail += &format!("`{before}zq{after}`{between}");
        }
        let kept = activity::kept(&detail, &registry, true);
        prop_assert!(!kept.contains("zq"), "{kept}");
        prop_assert_eq!(kept.matches("`…`").count(), quotes.len());
        let kept = activity::kept(&format!("{sentence}`zq{rest}"), &registry, false);
        prop_assert_eq!(kept, format!("{sentence}…"));
    }
}
