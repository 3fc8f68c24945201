//! The issuers that are trusted, and which of them are due to be asked for their keys again.

use database::Sqlite;
use oauth::IssuerPolicy;
use pollster::block_on;
use scim::Instant;
use tenants::oauth::{
    Due, NewClient, NewIssuer, claim_due, create_client, create_issuer, find_issuer, keep_keys, list_issuers,
    note_use, revoke_client, revoke_issuer, trusted,
};
use tenants::{Changes, update};

use crate::support::{refused, with_tenants};

const MINUTE: i64 = 60_000;

fn issuer(database: &Sqlite, tenant: &str, id: &str, client: Option<&str>) -> Result<(), database::Failure> {
    issuer_at(database, tenant, id, client, "https://a/keys", 1)
}

fn issuer_at(
    database: &Sqlite,
    tenant: &str,
    id: &str,
    client: Option<&str>,
    jwks_uri: &str,
    now: i64,
) -> Result<(), database::Failure> {
    let trust = IssuerPolicy {
        issuers: vec!["https://a/".into(), "https://b".into()],
        audiences: vec!["x".into()],
        directory: Some("d".into()),
        subject: None,
    };
    let new = NewIssuer { id, name: "Entra", client, trust: &trust, jwks_uri, keys: "{}" };
    block_on(create_issuer(database, tenant, new, Instant(now))).map(drop)
}

fn found(database: &Sqlite, tenant: &str, named: &str, for_clients: bool) -> Vec<String> {
    let found = block_on(trusted(database, tenant, named, for_clients)).unwrap();
    found.into_iter().map(|trusted| trusted.issuer.id).collect()
}

#[test]
fn an_issuer_is_found_by_each_of_its_names_in_its_own_tenant_and_for_its_own_use() {
    let database = with_tenants(&["acme", "other"]);
    let new = NewClient { id: "c", name: "n", scopes: oauth::Scopes::SCIM, token_seconds: 7_200 };
    block_on(create_client(&database, "acme", new, None, Instant(1))).unwrap();
    issuer(&database, "acme", "i1", None).unwrap();
    issuer(&database, "acme", "i2", Some("c")).unwrap();
    issuer(&database, "default", "i3", None).unwrap();
    assert_eq!(
        (found(&database, "acme", "https://a/", false), found(&database, "acme", "https://b", true)),
        (vec!["i1".to_string()], vec!["i2".to_string()])
    );
    assert_eq!(found(&database, "default", "https://b", false), ["i3"]);
    for (tenant, named) in
        [("other", "https://a/"), ("acme", "https://a"), ("acme", "[\"https://a/\""), ("acme", "")]
    {
        assert!(found(&database, tenant, named, false).is_empty(), "{tenant} {named}");
    }
    let of_client = block_on(trusted(&database, "acme", "https://a/", true)).unwrap();
    assert_eq!((of_client[0].token_seconds, of_client[0].keys.as_str()), (Some(7_200), "{}"));
    block_on(revoke_client(&database, "acme", "c", Instant(2))).unwrap();
    assert!(found(&database, "acme", "https://a/", true).is_empty());
    block_on(update(
        &database,
        "acme",
        Changes { enabled: Some(false), ..Changes::default() },
        Vec::new(),
        Instant(2),
    ))
    .unwrap();
    assert!(found(&database, "acme", "https://a/", false).is_empty());
}

#[test]
fn an_issuer_belongs_to_a_tenant_and_a_client_that_are_there() {
    let database = with_tenants(&["acme", "other"]);
    let new = NewClient { id: "c", name: "n", scopes: oauth::Scopes::SCIM, token_seconds: 7_200 };
    block_on(create_client(&database, "acme", new, None, Instant(1))).unwrap();
    refused(issuer(&database, "nobody", "i", None), 404, "there is no tenant `nobody`");
    refused(issuer(&database, "nobody", "i", Some("c")), 404, "there is no tenant `nobody`");
    refused(issuer(&database, "other", "i", Some("c")), 404, "the tenant `other` has no client `c`");
    issuer(&database, "acme", "i", None).unwrap();
    refused(
        block_on(revoke_issuer(&database, "other", "i", Instant(2))),
        404,
        "the tenant `other` has no issuer `i`",
    );
    block_on(note_use(&database, "i", Instant(2))).unwrap();
    block_on(note_use(&database, "i", Instant(3))).unwrap();
    let revoked = block_on(revoke_issuer(&database, "acme", "i", Instant(4))).unwrap();
    assert_eq!((revoked.revoked, revoked.last_used), (Some(Instant(4)), Some(Instant(2))));
    assert!(found(&database, "acme", "https://a/", false).is_empty());
    assert_eq!(block_on(list_issuers(&database, "acme")).unwrap(), [revoked]);
}

fn due(database: &Sqlite, most: usize, now: i64) -> Vec<Due> {
    block_on(claim_due(database, most, Instant(now))).unwrap()
}

fn at(jwks_uri: &str, issuers: &[&str]) -> Due {
    Due { jwks_uri: jwks_uri.into(), issuers: issuers.iter().map(|id| (*id).into()).collect() }
}

#[test]
fn an_address_is_claimed_once_for_all_tenants_that_trust_it_and_by_one_caller_at_a_time() {
    let database = with_tenants(&["acme", "other"]);
    issuer(&database, "acme", "i1", None).unwrap();
    issuer(&database, "other", "i2", None).unwrap();
    issuer_at(&database, "other", "i3", None, "https://b/keys", 2).unwrap();
    issuer_at(&database, "acme", "gone", None, "https://c/keys", 1).unwrap();
    block_on(revoke_issuer(&database, "acme", "gone", Instant(2))).unwrap();
    assert_eq!(due(&database, 9, 9 * MINUTE), [], "the keys came with the trust");
    let now = 10 * MINUTE;
    assert_eq!(due(&database, 9, now), [at("https://a/keys", &["i1", "i2"]), at("https://b/keys", &["i3"])]);
    assert_eq!(due(&database, 9, now + 9 * MINUTE - 1), [], "whether they were fetched or not");
    assert_eq!(due(&database, 9, now + 9 * MINUTE).len(), 2);
}

#[test]
fn the_address_that_was_asked_longest_ago_comes_first_so_dead_ones_do_not_delay_others() {
    let database = with_tenants(&["acme"]);
    for (id, address, made) in [("i1", "https://z/", 1), ("i2", "https://y/", 2), ("i3", "https://x/", 3)] {
        issuer_at(&database, "acme", id, None, address, made).unwrap();
    }
    let now = 10 * MINUTE;
    let addresses = |now| due(&database, 1, now).into_iter().map(|due| due.jwks_uri).collect::<Vec<_>>();
    assert_eq!((addresses(now), addresses(now)), (vec!["https://z/".into()], vec!["https://y/".into()]));
    assert_eq!((addresses(now), addresses(now)), (vec!["https://x/".into()], Vec::<String>::new()));
    assert_eq!(addresses(now + 10 * MINUTE), ["https://x/"], "of those that were asked at once, by name");
}

#[test]
fn keys_are_kept_for_the_issuers_that_they_were_fetched_for() {
    let database = with_tenants(&["acme", "other"]);
    issuer(&database, "acme", "i1", None).unwrap();
    issuer(&database, "other", "i2", None).unwrap();
    issuer(&database, "acme", "i3", None).unwrap();
    block_on(keep_keys(&database, &["i1".into(), "i2".into()], "{\"keys\":[]}", Instant(500))).unwrap();
    let fetched = |tenant, id| block_on(find_issuer(&database, tenant, id)).unwrap().fetched;
    assert_eq!((fetched("acme", "i1"), fetched("other", "i2")), (Instant(500), Instant(500)));
    assert_eq!(fetched("acme", "i3"), Instant(1));
    let keys = block_on(trusted(&database, "other", "https://b", false)).unwrap().pop().unwrap().keys;
    assert_eq!(keys, "{\"keys\":[]}");
    refused(block_on(find_issuer(&database, "other", "i1")), 404, "the tenant `other` has no issuer `i1`");
}
