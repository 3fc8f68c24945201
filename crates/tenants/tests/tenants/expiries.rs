//! Which credentials expire, the first at the top.

use database::{Database, Sqlite, Statement};
use pollster::block_on;
use scim::Instant;
use tenants::{NewToken, create_token, expiring, revoke};

use crate::support::{secret, with_tenants};

fn run(database: &Sqlite, sql: &str) {
    block_on(database.run(vec![Statement::new(sql.to_string(), Vec::new())])).unwrap();
}

fn named(database: &Sqlite, tenant: &str, since: i64, most: i64) -> Vec<(String, bool, Option<i64>)> {
    let found = block_on(expiring(database, tenant, (Instant(since), Instant(1_000)), most)).unwrap();
    found.into_iter().map(|one| (one.name, one.is_client, one.expires.map(|at| at.0))).collect()
}

#[test]
fn tokens_and_clients_come_by_their_expiry_without_those_that_were_revoked() {
    let database = with_tenants(&["acme", "other"]);
    let expiries = [
        ("ever", None),
        ("far", Some(9_000)),
        ("old", Some(900)),
        ("ancient", Some(10)),
        ("gone", Some(2_000)),
    ];
    for (number, (name, expires)) in (1..).zip(expiries) {
        let (secret, expires) = (secret(number), expires.map(Instant));
        let new = NewToken { id: name.into(), name: Some(name), scopes: None, secret: &secret, expires };
        block_on(create_token(&database, "acme", new, Instant(1))).unwrap();
    }
    block_on(revoke(&database, "acme", "gone", Instant(500))).unwrap();
    for (client, revoked) in [("okta", "NULL"), ("ended", "700")] {
        run(
            &database,
            &format!(
                "INSERT INTO clients (id, tenant, name, scopes, token_seconds, created, revoked) \
                 VALUES ('{client}', 'acme', '{client}', 'scim', 3600, 1, {revoked})"
            ),
        );
        for (secret, expires, revoked) in [("a", 3_000, "NULL"), ("b", 4_000, "NULL"), ("c", 5_000, "600")] {
            run(
                &database,
                &format!(
                    "INSERT INTO client_secrets (id, client, tenant, hash, created, expires, revoked) \
                     VALUES ('{client}{secret}', '{client}', 'acme', '{client}{secret}', 1, {expires}, {revoked})"
                ),
            );
        }
    }
    let all = [
        ("old", false, Some(900)),
        ("okta", true, Some(4_000)),
        ("far", false, Some(9_000)),
        ("ever", false, None),
    ];
    let all = all.map(|(name, is_client, expires)| (name.to_string(), is_client, expires));
    assert_eq!(named(&database, "acme", 800, 20), all);
    assert_eq!(named(&database, "acme", 800, 2), all[..2]);
    assert_eq!(named(&database, "acme", 900, 20), all[1..], "what has expired before is left out");
    assert_eq!(named(&database, "other", 0, 20), []);
}
