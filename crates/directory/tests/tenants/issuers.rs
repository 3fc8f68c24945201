//! Trusted issuers, and how often one of them is asked for its keys.

use directory::Sqlite;
use directory::clients::{
    Fetch, NewClient, NewIssuer, create_client, create_issuer, keep_keys, list_issuers, may_fetch, note_use,
    revoke_client, revoke_issuer, trusted,
};
use directory::tenants::{Changes, update};
use oauth::Trust;
use pollster::block_on;
use scim::Instant;

use crate::support::{refused, with_tenants};

const MINUTE: i64 = 60_000;

fn issuer(database: &Sqlite, tenant: &str, id: &str, client: Option<&str>) -> Result<(), directory::Failure> {
    let trust = Trust {
        issuers: vec!["https://a/".into(), "https://b".into()],
        audiences: vec!["x".into()],
        directory: Some("d".into()),
        subject: None,
    };
    let new = NewIssuer { id, name: "Entra", client, trust: &trust, jwks_uri: "https://a/keys", keys: "{}" };
    block_on(create_issuer(database, tenant, new, Instant(1))).map(drop)
}

fn found(database: &Sqlite, tenant: &str, named: &str, for_clients: bool) -> Vec<String> {
    let found = block_on(trusted(database, tenant, named, for_clients)).unwrap();
    found.into_iter().map(|trusted| trusted.issuer.id).collect()
}

#[test]
fn an_issuer_is_found_by_each_of_its_names_in_its_own_tenant_and_for_its_own_use() {
    let database = with_tenants(&["acme", "other"]);
    let new = NewClient { id: "c", name: "n", token_seconds: 7_200 };
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
    block_on(update(&database, "acme", Changes { enabled: Some(false), ..Changes::default() }, Instant(2)))
        .unwrap();
    assert!(found(&database, "acme", "https://a/", false).is_empty());
}

#[test]
fn an_issuer_belongs_to_a_tenant_and_a_client_that_are_there() {
    let database = with_tenants(&["acme", "other"]);
    let new = NewClient { id: "c", name: "n", token_seconds: 7_200 };
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

#[test]
fn an_issuer_is_asked_once_a_minute_and_in_between_it_is_known_whether_it_has_answered() {
    let database = with_tenants(&["acme"]);
    issuer(&database, "acme", "i", None).unwrap();
    let may = |now: i64| block_on(may_fetch(&database, "i", Instant(now))).unwrap();
    assert_eq!(may(MINUTE), Fetch::Done, "the keys came with the issuer");
    assert_eq!(may(1 + MINUTE), Fetch::Yours);
    assert_eq!((may(2 + MINUTE), may(2 * MINUTE)), (Fetch::Unanswered, Fetch::Unanswered));
    assert_eq!(may(1 + 2 * MINUTE), Fetch::Yours);
    block_on(keep_keys(&database, "i", "{\"keys\":[]}", Instant(500 + 2 * MINUTE))).unwrap();
    assert_eq!(may(501 + 2 * MINUTE), Fetch::Done);
    assert_eq!(block_on(list_issuers(&database, "acme")).unwrap()[0].fetched, Instant(500 + 2 * MINUTE));
}
