//! Tenants, their settings, and when a token opens one.

use database::{Param, Statement};
use pollster::block_on;
use scim::{Dialect, Instant};
use serde_json::Value;
use tenants::{Changes, NewToken, create, create_token, refresh, revoke, rotate, show, update};

use crate::filling::run;
use crate::support::{new_tenant, opens, refused, secret, token, with_tenants};

#[test]
fn a_name_is_taken_once_and_settings_are_changed_one_by_one() {
    let database = with_tenants(&["acme"]);
    refused(
        block_on(create(&database, new_tenant("acme"), Instant(2))),
        409,
        "the tenant `acme` exists already",
    );
    refused(
        block_on(create(&database, new_tenant("admin"), Instant(2))),
        400,
        "the tenant name `admin` is reserved",
    );
    let changes = Changes { dialect: Some(Dialect::TOLERANT), enabled: Some(false), ..Changes::default() };
    let changed = block_on(update(&database, "acme", changes, Vec::new(), Instant(5))).unwrap();
    assert_eq!(
        (changed.dialect, changed.suspended, changed.name.as_str()),
        (Dialect::TOLERANT, Some(Instant(5)), "Acme")
    );
    let again = Changes { enabled: Some(false), ..Changes::default() };
    let again = block_on(update(&database, "acme", again, Vec::new(), Instant(9))).unwrap();
    assert_eq!(again.suspended, Some(Instant(5)), "suspended since the first time");
    refused(block_on(show(&database, "other")), 404, "there is no tenant `other`");
}

#[test]
fn a_token_opens_its_own_tenant_until_it_expires_is_revoked_or_its_tenant_suspended() {
    let database = with_tenants(&["acme", "other"]);
    token(&database, "acme", 1);
    assert!(opens(&database, 1, "acme", 10));
    assert!(!opens(&database, 1, "other", 10));
    assert!(!opens(&database, 2, "acme", 10));
    let suspend = |enabled| Changes { enabled: Some(enabled), ..Changes::default() };
    block_on(update(&database, "acme", suspend(false), Vec::new(), Instant(2))).unwrap();
    assert!(!opens(&database, 1, "acme", 10));
    block_on(update(&database, "acme", suspend(true), Vec::new(), Instant(3))).unwrap();
    assert!(opens(&database, 1, "acme", 10));
    refused(
        block_on(revoke(&database, "other", "id1", Instant(4))),
        404,
        "the tenant `other` has no token `id1`",
    );
    assert!(opens(&database, 1, "acme", 10));
    block_on(revoke(&database, "acme", "id1", Instant(4))).unwrap();
    assert!(!opens(&database, 1, "acme", 10));
}

#[test]
fn a_token_is_refused_from_the_very_millisecond_at_which_it_expires() {
    let database = with_tenants(&["acme"]);
    let secret = secret(1);
    let new =
        NewToken { id: "t".into(), name: None, secret: &secret, scopes: None, expires: Some(Instant(100)) };
    block_on(create_token(&database, "acme", new, Instant(1))).unwrap();
    assert!(opens(&database, 1, "acme", 99));
    assert!(!opens(&database, 1, "acme", 100));
}

#[test]
fn a_rotated_token_ends_with_the_overlap_and_never_later_than_it_would_have() {
    let database = with_tenants(&["acme"]);
    token(&database, "acme", 1);
    let turn = |old: &str, number: u8, until: i64| {
        let secret = secret(number);
        let new =
            NewToken { id: format!("id{number}"), name: None, scopes: None, secret: &secret, expires: None };
        block_on(rotate(&database, "acme", old, new, Instant(until), Instant(10)))
    };
    let (made, in_force) = turn("id1", 2, 50).unwrap();
    assert_eq!(
        (made.name.as_str(), in_force),
        ("first", 2),
        "the name is handed on, and the old one is good still"
    );
    assert!(opens(&database, 1, "acme", 49) && opens(&database, 2, "acme", 49));
    assert!(!opens(&database, 1, "acme", 50) && opens(&database, 2, "acme", 50));
    assert_eq!(turn("id1", 3, 10).unwrap().1, 2, "an overlap of nothing ends the old one at once");
    assert!(!opens(&database, 1, "acme", 50));
    block_on(revoke(&database, "acme", "id2", Instant(11))).unwrap();
    refused(turn("id2", 4, 99), 409, "the token `id2` was revoked: create another one");
    refused(turn("none", 5, 99), 404, "the tenant `acme` has no token `none`");
    assert!(!opens(&database, 4, "acme", 12) && !opens(&database, 5, "acme", 12));
}

#[test]
fn a_token_is_stored_as_its_hash_alone_and_found_in_one_round_trip_by_index() {
    let database = with_tenants(&["acme"]);
    token(&database, "acme", 1);
    let stored = Value::from(run(&database, "SELECT * FROM tokens")).to_string();
    assert!(!stored.contains(secret(1).reveal()) && stored.contains(&secret(1).hash().to_hex()));
    let before = database.round_trips();
    assert!(opens(&database, 1, "acme", 1));
    assert_eq!(database.round_trips() - before, 1);
    let find = "SELECT k.id FROM tokens AS k CROSS JOIN tenants AS t ON t.id = k.tenant WHERE k.hash = +?1";
    let plan = database.plan(&Statement::new(find, vec![Param::from("x")])).unwrap().concat();
    assert!(!plan.contains("SCAN"), "{plan}");
}

#[test]
fn the_use_of_a_token_is_written_down_every_few_minutes() {
    let database = with_tenants(&["acme"]);
    token(&database, "acme", 1);
    let used_at = |now: i64| {
        let grant = block_on(refresh(&database, secret(1).hash(), Instant(now))).unwrap().unwrap();
        grant.last_used.unwrap().0
    };
    assert_eq!(used_at(1_000), 1_000);
    assert_eq!(used_at(300_999), 1_000);
    assert_eq!(used_at(301_000), 301_000);
}
