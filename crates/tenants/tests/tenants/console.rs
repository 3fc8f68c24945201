//! Links and sessions of the console.

use database::{Database, Sqlite, Statement};
use pollster::block_on;
use scim::Instant;
use tenants::console::{
    Link, NewLink, NewSession, ONE_TIME, Role, SESSION, SET_UP, Session, create_link, end, find_session,
    list_links, list_sign_ins, offer, redeem, revoke_link, revoke_session, sign_in, trim,
};
use tenants::{Changes, GRACE, Removal, Secret, remove, update};

use crate::filling::run;
use crate::support::{refused, with_tenants};

const NOW: i64 = 1_000_000;
const DAY: i64 = 86_400_000;

fn code(number: u8) -> Secret {
    Secret::of_link(&[number; 32])
}

fn cookie(number: u8) -> Secret {
    Secret::of_session(&[number; 32])
}

fn link(database: &Sqlite, number: u8, role: Role) -> Link {
    let new = NewLink {
        id: format!("link{number}"),
        code: &code(number),
        role,
        person: "Ada of Acme",
        maker: "an administrator",
    };
    block_on(create_link(database, new, Instant(NOW))).unwrap()
}

fn enter(database: &Sqlite, link: u8, session: u8, previous: Option<u8>, now: i64) -> Option<Session> {
    let new = NewSession { id: format!("session{session}"), hash: cookie(session).hash() };
    let previous = previous.map(|number| cookie(number).hash());
    block_on(redeem(database, code(link).hash(), new, previous, Instant(now))).unwrap()
}

fn session(database: &Sqlite, number: u8, now: i64) -> Option<Session> {
    block_on(find_session(database, cookie(number).hash(), Instant(now))).unwrap()
}

#[test]
fn a_one_time_link_works_once_within_five_minutes() {
    let database = with_tenants(&[]);
    let made = link(&database, 1, Role::Viewer);
    assert_eq!((made.expires, made.uses, made.used), (Instant(NOW + ONE_TIME), 0, None));
    for _ in 0..3 {
        let offered = block_on(offer(&database, code(1).hash(), Instant(NOW))).unwrap().unwrap();
        assert_eq!((offered.role, offered.tenant), (Role::Viewer, None));
    }
    let entered = enter(&database, 1, 1, None, NOW).unwrap();
    assert_eq!((&entered.role, entered.person.as_str()), (&Role::Viewer, "Ada of Acme"));
    assert_eq!(entered.expires, Instant(NOW + SESSION));
    assert_eq!(enter(&database, 1, 2, None, NOW), None);
    assert_eq!(block_on(offer(&database, code(1).hash(), Instant(NOW))).unwrap(), None);
    assert_eq!(session(&database, 1, NOW), Some(entered));
    assert_eq!(session(&database, 2, NOW), None);

    link(&database, 2, Role::Admin);
    assert_eq!(enter(&database, 2, 3, None, NOW + ONE_TIME), None);
    assert!(enter(&database, 2, 3, None, NOW + ONE_TIME - 1).is_some());
    assert_eq!(enter(&database, 9, 4, None, NOW), None);
}

#[test]
fn a_batch_that_is_repeated_makes_the_same_session() {
    let database = with_tenants(&[]);
    link(&database, 1, Role::Admin);
    let first = enter(&database, 1, 1, None, NOW);
    assert!(first.is_some());
    assert_eq!(enter(&database, 1, 1, None, NOW), first);
}

#[test]
fn a_set_up_link_opens_its_tenant_until_it_is_revoked_and_its_sessions_end_with_it() {
    let database = with_tenants(&["acme", "other"]);
    let acme = Role::Customer("acme".into());
    let made = link(&database, 1, acme.clone());
    assert_eq!(made.expires, Instant(NOW + SET_UP));
    let offered = block_on(offer(&database, code(1).hash(), Instant(NOW))).unwrap().unwrap();
    assert_eq!((offered.role, offered.tenant.as_deref()), (acme.clone(), Some("Acme")));
    for number in [1, 2] {
        assert_eq!(enter(&database, 1, number, None, NOW + DAY).unwrap().role, acme);
    }
    let listed = block_on(list_links(&database, "acme")).unwrap();
    assert_eq!((listed.len(), listed[0].uses, listed[0].used), (1, 2, Some(Instant(NOW + DAY))));
    assert_eq!(block_on(list_links(&database, "other")).unwrap(), []);
    refused(block_on(list_links(&database, "none")), 404, "there is no tenant `none`");

    let revoke = |tenant| block_on(revoke_link(&database, tenant, "link1", Instant(NOW + DAY)));
    refused(revoke("other"), 404, "the tenant `other` has no set-up link `link1`");
    assert!(session(&database, 1, NOW + DAY).is_some());
    assert_eq!(revoke("acme").unwrap().revoked, Some(Instant(NOW + DAY)));
    assert_eq!((session(&database, 1, NOW + DAY), session(&database, 2, NOW + DAY)), (None, None));
    assert_eq!(enter(&database, 1, 3, None, NOW + DAY), None);

    link(&database, 2, acme);
    assert_eq!(enter(&database, 2, 4, None, NOW + SET_UP), None);
    let new = NewLink {
        id: "x".into(),
        code: &code(3),
        role: Role::Customer("none".into()),
        person: "",
        maker: "",
    };
    refused(block_on(create_link(&database, new, Instant(NOW))), 404, "there is no tenant `none`");
    assert!(enter(&database, 2, 5, None, NOW + SET_UP - 1).is_some());
}

#[test]
fn a_session_ends_after_eight_hours_by_sign_out_by_the_next_sign_in_and_by_revocation() {
    let database = with_tenants(&["acme"]);
    link(&database, 1, Role::Customer("acme".into()));
    for number in 1..=4 {
        enter(&database, 1, number, None, NOW).unwrap();
    }
    assert!(session(&database, 1, NOW + SESSION - 1).is_some());
    assert_eq!(session(&database, 1, NOW + SESSION), None);
    block_on(end(&database, cookie(1).hash(), Instant(NOW + 1))).unwrap();
    assert_eq!(session(&database, 1, NOW + 1), None);
    enter(&database, 1, 5, Some(2), NOW + 1).unwrap();
    assert_eq!(session(&database, 2, NOW + 1), None);
    // A code that does not work ends no session.
    assert_eq!(enter(&database, 9, 6, Some(3), NOW + 1), None);
    assert!(session(&database, 3, NOW + 1).is_some());
    let revoked = block_on(revoke_session(&database, "session3", Instant(NOW + 2))).unwrap();
    assert_eq!(revoked.ended, Some(Instant(NOW + 2)));
    assert_eq!(session(&database, 3, NOW + 2), None);
    assert!(session(&database, 4, NOW + 2).is_some());
    refused(
        block_on(revoke_session(&database, "none", Instant(NOW))),
        404,
        "there is no session `none` of the console",
    );
}

#[test]
fn a_person_of_the_identity_provider_signs_in_without_a_link() {
    let database = with_tenants(&["acme"]);
    let new = NewSession { id: "s".into(), hash: cookie(1).hash() };
    let entered =
        block_on(sign_in(&database, new, &Role::Admin, "ada@example.com", None, Instant(NOW))).unwrap();
    assert_eq!(session(&database, 1, NOW), entered);
    link(&database, 1, Role::Customer("acme".into()));
    enter(&database, 1, 2, None, NOW).unwrap();
    let all = block_on(list_sign_ins(&database, None)).unwrap();
    let told: Vec<_> = all.iter().map(|each| (each.session.person.as_str(), each.link.as_deref())).collect();
    assert_eq!(told, [("Ada of Acme", Some("link1")), ("ada@example.com", None)]);
    assert_eq!(block_on(list_sign_ins(&database, Some("acme"))).unwrap(), all[..1]);
}

#[test]
fn a_tenant_that_is_suspended_or_removed_lets_no_administrator_in() {
    let database = with_tenants(&["acme", "other"]);
    link(&database, 1, Role::Customer("acme".into()));
    link(&database, 2, Role::Customer("other".into()));
    enter(&database, 1, 1, None, NOW).unwrap();
    enter(&database, 2, 2, None, NOW).unwrap();
    let enabled = |enabled| {
        let changes = Changes { enabled: Some(enabled), ..Changes::default() };
        block_on(update(&database, "acme", changes, Vec::new(), Instant(NOW))).unwrap();
    };
    enabled(false);
    assert_eq!((session(&database, 1, NOW), enter(&database, 1, 3, None, NOW)), (None, None));
    enabled(true);
    assert!(session(&database, 1, NOW).is_some());
    let removed =
        |now| block_on(remove(&database, "acme", None, directory::empty("acme"), Instant(now))).unwrap();
    removed(NOW);
    assert_eq!(session(&database, 1, NOW), None);
    for _ in 0..10 {
        if matches!(removed(NOW), Removal::Waiting(_)) {
            break;
        }
    }
    assert_eq!(removed(NOW + GRACE), Removal::Done);
    let count =
        "SELECT (SELECT count(*) FROM console_links) AS l, (SELECT count(*) FROM console_sessions) AS s";
    assert_eq!(run(&database, count), [serde_json::json!({"l": 1, "s": 1})]);
    assert!(session(&database, 2, NOW).is_some());
}

#[test]
fn what_has_expired_is_kept_for_the_audit_and_then_trimmed_by_an_index() {
    let database = with_tenants(&[]);
    link(&database, 1, Role::Admin);
    enter(&database, 1, 1, None, NOW).unwrap();
    let left = |now: i64| {
        block_on(trim(&database, Instant(now))).unwrap();
        let count =
            "SELECT (SELECT count(*) FROM console_links) AS l, (SELECT count(*) FROM console_sessions) AS s";
        run(&database, count)[0].clone()
    };
    assert_eq!(left(NOW + ONE_TIME + 90 * DAY), serde_json::json!({"l": 1, "s": 1}));
    assert_eq!(left(NOW + ONE_TIME + 90 * DAY + 1), serde_json::json!({"l": 0, "s": 1}));
    assert_eq!(left(NOW + SESSION + 90 * DAY + 1), serde_json::json!({"l": 0, "s": 0}));
    let plan =
        Statement::new("EXPLAIN QUERY PLAN SELECT hash FROM console_sessions WHERE expires < 1", vec![]);
    let plan = block_on(database.query(vec![plan])).unwrap();
    assert!(format!("{plan:?}").contains("console_sessions_by_expiry"), "{plan:?}");
}

#[test]
fn what_is_stored_opens_nothing() {
    let database = with_tenants(&[]);
    link(&database, 1, Role::Admin);
    enter(&database, 1, 1, None, NOW).unwrap();
    let stored = format!(
        "{:?}{:?}",
        run(&database, "SELECT * FROM console_links"),
        run(&database, "SELECT * FROM console_sessions")
    );
    for secret in [code(1), cookie(1)] {
        assert!(!stored.contains(secret.reveal()) && stored.contains(&secret.hash().to_hex()));
        assert!(Secret::parse(secret.reveal()).is_none());
    }
    assert!(Secret::parse_of_link(code(1).reveal()).is_some());
    assert!(Secret::parse_of_link(cookie(1).reveal()).is_none());
    assert!(Secret::parse_of_session(cookie(1).reveal()).is_some());
    assert!(Secret::parse_of_session(code(1).reveal()).is_none());
}
