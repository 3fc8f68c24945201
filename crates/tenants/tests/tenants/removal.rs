//! Deleting a tenant.

use database::{Failure, Sqlite};
use directory::empty;
use pollster::block_on;
use scim::Instant;
use serde_json::{Value, json};
use tenants::{GRACE, Removal, TABLES, create, remove};

use crate::filling::{Directory, group, run, user};
use crate::support::{new_tenant, opens, refused, token, with_tenants};

/// Returns all tables that hold rows of tenants.
fn tables() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    TABLES.iter().chain(&directory::TABLES)
}

#[test]
fn every_table_that_names_a_tenant_is_emptied_with_it() {
    let database = with_tenants(&[]);
    let sql = "SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c \
        WHERE m.type = 'table' AND c.name = 'tenant' ORDER BY m.name";
    let found: Vec<String> =
        run(&database, sql).iter().map(|row| row["name"].as_str().unwrap().to_string()).collect();
    let mut known: Vec<&str> = tables().map(|(table, _)| *table).collect();
    known.sort();
    assert_eq!(found, known);
}

/// Goes on with the removal of `acme`.
fn remove_acme(database: &Sqlite, now: i64) -> Result<Removal, Failure> {
    block_on(remove(database, "acme", None, empty("acme"), Instant(now)))
}

#[track_caller]
fn holds_nothing_of_acme_and_all_of_the_other(database: &Sqlite) {
    for (table, _) in tables() {
        let left = run(database, &format!("SELECT 1 FROM {table} WHERE tenant = 'acme'"));
        assert_eq!(left, Vec::<Value>::new(), "{table}");
    }
    let others = "SELECT (SELECT count(*) FROM memberships) AS m, (SELECT count(*) FROM resources) AS r, \
        (SELECT sum(total) FROM totals WHERE type <> 'Membership') AS t, \
        (SELECT sum(total) FROM totals WHERE type = 'Membership') AS tm, (SELECT count(*) FROM emails) AS e, (SELECT count(*) FROM tokens) AS k";
    assert_eq!(
        run(database, others),
        [json!({"m": 1_500, "r": 1_801, "t": 1_801, "tm": 1_500, "e": 1_800, "k": 1})]
    );
}

#[test]
fn a_tenant_is_removed_in_bounded_parts_and_its_name_is_free_once_no_request_can_write() {
    let database = with_tenants(&["acme", "other"]);
    let directory = Directory::of(&database);
    for tenant in ["acme", "other"] {
        for from in [0, 900] {
            directory.import(tenant, &(from..from + 900).map(user).collect::<String>());
        }
        directory.import(tenant, &group("g", &(0..1_500).map(|n| format!("u{n:06}")).collect::<Vec<_>>()));
    }
    token(&database, "acme", 1);
    token(&database, "other", 2);
    let now = 1_000_000;
    assert!(matches!(remove_acme(&database, now), Ok(Removal::Left(1_801))));
    assert!(!opens(&database, 1, "acme", now));
    refused(
        block_on(create(&database, new_tenant("acme"), Instant(now))),
        409,
        "the tenant `acme` is still being deleted",
    );
    let mut calls = 1;
    while matches!(remove_acme(&database, now).unwrap(), Removal::Left(_)) {
        calls += 1;
        assert!(calls < 10);
    }
    // A request that was accepted before the removal writes once more.
    directory.import("acme", &user(5));
    let last = now + GRACE - 1;
    assert_eq!(remove_acme(&database, last).unwrap(), Removal::Waiting(Instant(now + GRACE)));
    directory.import("acme", &user(6));
    assert_eq!(remove_acme(&database, now + GRACE).unwrap(), Removal::Done);
    refused(remove_acme(&database, now + GRACE), 404, "there is no tenant `acme`");
    holds_nothing_of_acme_and_all_of_the_other(&database);
    assert!(opens(&database, 2, "other", now));
    block_on(create(&database, new_tenant("acme"), Instant(now))).unwrap();
    let usage = block_on(directory::usage(&database, "acme")).unwrap();
    assert!(usage.iter().all(|usage| usage.used == 0 && usage.is_default), "{usage:?}");
}

#[test]
fn the_default_tenant_is_not_removed_and_keeps_every_row() {
    let database = with_tenants(&["acme"]);
    let directory = Directory::of(&database);
    directory.import("default", &(user(1) + &group("g", &["u000001".to_string()])));
    let rows = || -> Vec<Value> {
        tables()
            .map(|(table, _)| {
                run(&database, &format!("SELECT count(*) AS n FROM {table} WHERE tenant = 'default'"))[0]
                    .clone()
            })
            .collect()
    };
    let before = rows();
    assert!(before.contains(&json!({"n": 2})), "{before:?}");
    let removed = block_on(remove(&database, "default", None, empty("default"), Instant(1_000_000)));
    refused(removed, 404, "there is no tenant `default`");
    assert_eq!(rows(), before);
}
