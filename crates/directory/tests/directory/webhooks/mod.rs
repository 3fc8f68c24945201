//! Endpoints of webhooks in the database: who may deliver, and who moves the cursor.

use directory::webhooks::{
    CursorTarget, Endpoint, NewEndpoint, Progress, State, active_endpoints, claim, create_endpoint, due,
    list_endpoints, move_cursor, pause, record, resume,
};
use directory::{Cursor, is_event_type};
use scim::{Instant, Registry};

use crate::harness::Directory;
use crate::instrumented::InstrumentedDatabase;

const NOW: Instant = Instant(1_000_000);
/// After the end of a lease.
const LATER: Instant = Instant(1_000_000 + 60_001);

/// Runs a function that does not fail.
fn run<T>(
    directory: &Directory,
    work: impl AsyncFnOnce(&InstrumentedDatabase, &directory::Context<'_>) -> T,
) -> T {
    directory.run(async |database, context| Ok(work(database, context).await)).unwrap()
}

fn with_endpoint(id: &str) -> Directory {
    let directory = Directory::new();
    add(&directory, id);
    directory
}

fn add(directory: &Directory, id: &str) {
    run(directory, async |database, context| {
        let new = NewEndpoint {
            id: id.to_string(),
            url: "https://app.example.com",
            types: &[],
            batch: 1,
            thin: false,
            salt: "salt".to_string(),
        };
        create_endpoint(database, context.tenant, new, NOW).await.unwrap()
    });
}

fn take(directory: &Directory, holder: &str, now: Instant) -> Option<Endpoint> {
    run(directory, async |database, _| claim(database, "e", holder, now, now).await.unwrap())
}

fn progress(cursor: Cursor, is_last: bool) -> Progress {
    Progress {
        cursor,
        tried: None,
        deliveries: 1,
        attempted: Some(NOW),
        delivered: Some(NOW),
        status: Some(200),
        error: None,
        failures: 0,
        due: NOW,
        disabled: None,
        is_last,
    }
}

fn note(directory: &Directory, holder: &str, progress: &Progress, now: Instant) -> bool {
    run(directory, async |database, _| record(database, "e", holder, progress, now).await.unwrap())
}

#[test]
fn an_endpoint_is_claimed_by_one_delivery_and_only_if_there_is_something_to_deliver() {
    let directory = with_endpoint("e");
    assert_eq!(take(&directory, "a", NOW), None, "nothing has happened yet");
    directory.user("ada");
    let claimed = take(&directory, "a", NOW).unwrap();
    assert_eq!((claimed.cursor, claimed.state), (Cursor::after(0), State::Active));
    assert_eq!(take(&directory, "b", NOW), None, "it is held");
    assert!(note(&directory, "a", &progress(Cursor::after(1), true), NOW));
    assert_eq!(take(&directory, "b", NOW), None, "all was delivered");
    directory.user("bob");
    assert_eq!(take(&directory, "b", NOW).unwrap().cursor, Cursor::after(1));
}

#[test]
fn a_delivery_that_has_lost_its_lease_does_not_move_the_cursor() {
    let directory = with_endpoint("e");
    directory.user("ada");
    assert!(take(&directory, "lost", NOW).is_some());
    assert!(take(&directory, "next", LATER).is_some(), "the lease has ended");
    assert!(!note(&directory, "lost", &progress(Cursor::after(1), true), LATER));
    assert!(note(&directory, "next", &progress(Cursor::after(0), true), LATER));
    assert_eq!(take(&directory, "third", LATER).unwrap().cursor, Cursor::after(0));
}

#[test]
fn what_is_recorded_in_between_renews_the_lease() {
    let directory = with_endpoint("e");
    directory.user("ada");
    directory.user("bob");
    assert!(take(&directory, "a", NOW).is_some());
    let half = Instant(NOW.0 + 40_000);
    assert!(note(&directory, "a", &progress(Cursor::after(1), false), half));
    assert_eq!(take(&directory, "b", LATER), None);
    assert!(take(&directory, "b", Instant(half.0 + 60_001)).is_some());
}

#[test]
fn an_administrator_moves_the_cursor_also_of_a_delivery_under_way() {
    let directory = with_endpoint("e");
    directory.user("ada");
    directory.user("bob");
    assert!(take(&directory, "a", NOW).is_some());
    let moved = run(&directory, async |database, context| {
        move_cursor(database, context.tenant, "e", CursorTarget::Sequence(2), NOW).await.unwrap()
    });
    assert_eq!(moved.cursor, Cursor::after(1));
    assert!(!note(&directory, "a", &progress(Cursor { sequence: 1, index: 0 }, false), NOW));
    assert_eq!(take(&directory, "b", NOW).unwrap().cursor, Cursor::after(1));
}

#[test]
fn a_cursor_may_stand_within_a_row_and_then_the_row_is_still_to_be_read() {
    let directory = with_endpoint("e");
    let ada = directory.user("ada");
    directory.group("Sales", &[&ada]);
    assert!(take(&directory, "a", NOW).is_some());
    let within = Cursor { sequence: 2, index: 0 };
    assert!(note(&directory, "a", &progress(within, true), NOW));
    assert_eq!(take(&directory, "b", NOW).unwrap().cursor, within);
}

#[test]
fn a_paused_endpoint_is_not_claimed_and_its_delivery_stops_with_what_it_has_delivered() {
    let directory = with_endpoint("e");
    directory.user("ada");
    directory.user("bob");
    assert!(take(&directory, "a", NOW).is_some());
    run(&directory, async |database, context| pause(database, context.tenant, "e").await.unwrap());
    assert!(!note(&directory, "a", &progress(Cursor::after(1), false), NOW), "it may not go on");
    assert_eq!(take(&directory, "b", LATER), None);
    run(&directory, async |database, context| resume(database, context.tenant, "e", LATER).await.unwrap());
    assert_eq!(take(&directory, "b", LATER).unwrap().cursor, Cursor::after(1), "what it delivered counts");
}

#[test]
fn a_time_is_found_in_the_log_and_one_before_it_is_its_beginning() {
    let directory = with_endpoint("e");
    for second in 10..20 {
        directory.at_second(second);
        directory.user(&format!("u{second}"));
    }
    let ats: Vec<i64> = run(&directory, async |database, _| {
        use database::{Database, Statement};
        let sql = "SELECT at FROM changes ORDER BY seq";
        let rows = database.run(vec![Statement::new(sql, Vec::new())]).await.unwrap();
        rows[0].iter().map(|row| row.integer("at").unwrap()).collect()
    });
    let place = |time: i64| {
        run(&directory, async |database, context| {
            move_cursor(database, context.tenant, "e", CursorTarget::Time(Instant(time)), NOW)
                .await
                .unwrap()
                .cursor
        })
    };
    for (index, at) in ats.iter().enumerate() {
        let before = Cursor::after(i64::try_from(index).unwrap());
        assert_eq!((place(*at), place(at - 1)), (before, before), "{index}");
    }
    assert_eq!((place(0), place(i64::from(i32::MAX) * 1_000)), (Cursor::after(0), Cursor::after(10)));
}

#[test]
fn those_that_have_not_failed_come_first_and_those_whose_time_has_not_come_not_at_all() {
    let directory = with_endpoint("e");
    for id in ["f", "g", "h"] {
        add(&directory, id);
    }
    directory.user("ada");
    for (id, failures, wait) in [("e", 2, 0), ("g", 1, 1)] {
        run(&directory, async |database, _| {
            claim(database, id, "a", NOW, NOW).await.unwrap().unwrap();
            let failed =
                Progress { failures, due: Instant(NOW.0 + wait), ..progress(Cursor::after(0), true) };
            assert!(record(database, id, "a", &failed, NOW).await.unwrap());
        });
    }
    run(&directory, async |database, context| pause(database, context.tenant, "h").await.unwrap());
    let ids = |at: Instant| -> Vec<String> {
        let found = run(&directory, async |database, _| due(database, at, 10).await.unwrap());
        found.into_iter().map(|(id, _)| id).collect()
    };
    assert_eq!(
        (ids(NOW), ids(LATER)),
        (vec!["f".into(), "e".into()], vec!["f".into(), "g".into(), "e".into()])
    );
    let active =
        run(&directory, async |database, context| active_endpoints(database, context.tenant).await.unwrap());
    assert_eq!(active, ["e", "f", "g"]);
}

#[test]
fn types_of_events_are_those_of_the_resource_types_of_this_build() {
    let registry = Registry::load().unwrap();
    for name in ["user.created", "user.*", "group.member_added", "group.deleted", "user.erased"] {
        assert!(is_event_type(&registry, name), "{name}");
    }
    for name in [
        "",
        "user",
        "user.",
        "User.created",
        "*",
        "*.created",
        "user.exploded",
        "robot.created",
        "user.created ",
    ] {
        assert!(!is_event_type(&registry, name), "{name}");
    }
}

#[test]
fn the_time_of_an_attempt_that_failed_is_not_that_of_the_last_delivery() {
    let directory = with_endpoint("e");
    let soon = Instant(NOW.0 + 1_000);
    directory.user("ada");
    directory.user("bob");
    take(&directory, "a", NOW).unwrap();
    assert!(note(&directory, "a", &progress(Cursor { sequence: 1, index: 0 }, false), NOW));
    let failed = Progress {
        attempted: Some(soon),
        delivered: None,
        status: Some(500),
        failures: 1,
        ..progress(Cursor { sequence: 1, index: 0 }, true)
    };
    assert!(note(&directory, "a", &failed, soon));
    let shown = run(&directory, async |database, context| {
        list_endpoints(database, context.tenant).await.unwrap().swap_remove(0)
    });
    assert_eq!((shown.attempted, shown.delivered, shown.status), (Some(soon), Some(NOW), Some(500)));
}
