//! OAuth clients, their secrets, and what an access token opens.

use database::Sqlite;
use oauth::AccessToken;
use pollster::block_on;
use scim::{Dialect, Instant};
use tenants::oauth::{
    AuthenticatedClient, Client, NewClient, NewClientSecret, NewSigningKey, create_client, create_secret,
    grant_of, list_clients, list_keys, prove, revoke_client, revoke_key, revoke_secret, rotate_keys,
};
use tenants::{Changes, Secret, update};

use crate::filling::run;
use crate::support::{refused, with_tenants};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn secret(number: u8) -> Secret {
    Secret::of_client(&[number; 32])
}

fn client(database: &Sqlite, tenant: &str, id: &str, number: u8) -> Client {
    let secret = secret(number);
    let first = NewClientSecret { id: &format!("s{number}"), secret: &secret, expires: Instant(10 * DAY) };
    let new = NewClient { id, name: "Entra", scopes: oauth::Scopes::SCIM, token_seconds: 3_600 };
    block_on(create_client(database, tenant, new, Some(first), Instant(1))).unwrap()
}

fn new_key(id: &str) -> NewSigningKey {
    NewSigningKey { id: id.into(), salt: format!("salt of {id}") }
}

fn proven(
    database: &Sqlite,
    tenant: &str,
    id: &str,
    number: u8,
    now: i64,
) -> Option<(AuthenticatedClient, (String, String))> {
    let key = new_key(&format!("k{now}"));
    block_on(prove(database, tenant, id, &secret(number), key, Instant(now))).unwrap()
}

fn token(tenant: &str, client: &str, credential: &str) -> AccessToken {
    AccessToken {
        id: "j".into(),
        tenant: tenant.into(),
        client: client.into(),
        credential: credential.into(),
        scopes: None,
        issued: 0,
        expires: 3_600,
    }
}

fn opens(database: &Sqlite, token: &AccessToken, key: &str, now: i64) -> bool {
    block_on(grant_of(database, token, key, Instant(now))).unwrap().is_some_and(|(_, grant)| grant.is_some())
}

#[test]
fn a_secret_proves_its_own_client_of_its_own_tenant_until_it_expires() {
    let database = with_tenants(&["acme", "other"]);
    let made = client(&database, "acme", "c1", 1);
    client(&database, "other", "c2", 2);
    client(&database, "default", "c3", 3);
    assert_eq!((made.secrets.len(), made.token_seconds, made.revoked), (1, 3_600, None));
    let (acme, (key, salt)) = proven(&database, "acme", "c1", 1, 10).unwrap();
    assert_eq!(
        acme,
        AuthenticatedClient {
            client: "c1".into(),
            credential: "s1".into(),
            scopes: oauth::Scopes::SCIM,
            token_seconds: 3_600
        }
    );
    assert_eq!((key.as_str(), salt.as_str()), ("k10", "salt of k10"));
    assert!(proven(&database, "default", "c3", 3, 11).is_some());
    for (tenant, id, number) in
        [("acme", "c1", 2), ("acme", "c2", 2), ("other", "c1", 1), ("default", "c1", 1), ("acme", "c2", 1)]
    {
        assert_eq!(proven(&database, tenant, id, number, 12), None, "{tenant} {id} {number}");
    }
    assert!(proven(&database, "acme", "c1", 1, 10 * DAY - 1).is_some());
    assert_eq!(proven(&database, "acme", "c1", 1, 10 * DAY), None);
}

#[test]
fn a_client_that_is_not_authenticated_causes_no_write() {
    let database = with_tenants(&["acme"]);
    client(&database, "acme", "c1", 1);
    assert_eq!(proven(&database, "acme", "c1", 2, 10), None);
    assert_eq!(proven(&database, "acme", "c2", 1, 10), None);
    assert_eq!(block_on(list_keys(&database)).unwrap(), []);
    assert_eq!(block_on(list_clients(&database, "acme")).unwrap()[0].secrets[0].last_used, None);
    let trips = database.round_trips();
    assert!(proven(&database, "acme", "c1", 1, 10).is_some());
    assert_eq!(database.round_trips() - trips, 2, "the first makes a key");
    assert!(proven(&database, "acme", "c1", 1, 11).is_some());
    assert_eq!(database.round_trips() - trips, 3);
}

#[test]
fn several_secrets_are_active_at_once_and_each_is_revoked_alone() {
    let database = with_tenants(&["acme", "other"]);
    client(&database, "acme", "c1", 1);
    let second = secret(2);
    let new = |id| NewClientSecret { id, secret: &second, expires: Instant(DAY) };
    refused(
        block_on(create_secret(&database, "other", "c1", new("s2"), Instant(2))),
        404,
        "the tenant `other` has no client `c1`",
    );
    let (made, in_force) = block_on(create_secret(&database, "acme", "c1", new("s2"), Instant(2))).unwrap();
    assert_eq!((made.id.as_str(), in_force), ("s2", 2));
    assert!(
        proven(&database, "acme", "c1", 1, 5).is_some() && proven(&database, "acme", "c1", 2, 5).is_some()
    );
    refused(
        block_on(revoke_secret(&database, "other", "c1", "s1", Instant(6))),
        404,
        "the client `c1` has no secret `s1`",
    );
    let revoked = block_on(revoke_secret(&database, "acme", "c1", "s1", Instant(6))).unwrap();
    assert_eq!((revoked.revoked, revoked.last_used), (Some(Instant(6)), Some(Instant(5))));
    assert!(
        proven(&database, "acme", "c1", 1, 7).is_none() && proven(&database, "acme", "c1", 2, 7).is_some()
    );
    let listed = block_on(list_clients(&database, "acme")).unwrap();
    assert_eq!(listed[0].secrets.iter().map(|secret| secret.id.as_str()).collect::<Vec<_>>(), ["s1", "s2"]);
    assert!(block_on(list_clients(&database, "other")).unwrap().is_empty());
}

#[test]
fn an_access_token_ends_with_its_client_its_credential_and_its_tenant() {
    let database = with_tenants(&["acme", "other"]);
    let revive = "UPDATE clients SET revoked = NULL; UPDATE client_secrets SET revoked = NULL";
    client(&database, "acme", "c1", 1);
    let (proof, (key, _)) = proven(&database, "acme", "c1", 1, 10).unwrap();
    let good = token("acme", &proof.client, &proof.credential);
    let (salt, grant) = block_on(grant_of(&database, &good, &key, Instant(11))).unwrap().unwrap();
    let grant = grant.unwrap();
    let forged = block_on(grant_of(&database, &token("acme", "c1", "s2"), &key, Instant(11))).unwrap();
    assert_eq!(forged, Some((salt.clone(), None)), "the salt tells a forged one the next time");
    assert_eq!(
        (salt.as_str(), grant.dialect, grant.expires),
        ("salt of k10", Dialect::STRICT, Some(Instant(HOUR)))
    );
    for (tenant, client, credential) in
        [("other", "c1", "s1"), ("default", "c1", "s1"), ("acme", "c2", "s1"), ("acme", "c1", "s2")]
    {
        assert!(
            !opens(&database, &token(tenant, client, credential), &key, 11),
            "{tenant} {client} {credential}"
        );
    }
    assert!(!opens(&database, &good, "k9", 11));
    block_on(revoke_secret(&database, "acme", "c1", "s1", Instant(12))).unwrap();
    assert!(!opens(&database, &good, &key, 13));
    revive.split(';').for_each(|sql| drop(run(&database, sql)));
    assert!(opens(&database, &good, &key, 13));
    block_on(revoke_client(&database, "acme", "c1", Instant(12))).unwrap();
    assert!(!opens(&database, &good, &key, 13) && proven(&database, "acme", "c1", 1, 13).is_none());
    revive.split(';').for_each(|sql| drop(run(&database, sql)));
    let suspend = Changes { enabled: Some(false), ..Changes::default() };
    block_on(update(&database, "acme", suspend, Vec::new(), Instant(14))).unwrap();
    assert!(!opens(&database, &good, &key, 15) && proven(&database, "acme", "c1", 1, 15).is_none());
}

#[test]
fn the_newest_key_signs_and_the_one_before_verifies_for_as_long_as_a_token_lives() {
    let database = with_tenants(&["acme"]);
    client(&database, "acme", "c1", 1);
    let key_at = |now: i64| proven(&database, "acme", "c1", 1, now).unwrap().1.0;
    let good = token("acme", "c1", "s1");
    assert_eq!((key_at(10), key_at(20)), ("k10".into(), "k10".into()));
    let keys = block_on(rotate_keys(&database, new_key("k30"), Instant(30))).unwrap();
    assert_eq!(
        keys.iter().map(|key| (key.id.as_str(), key.retired)).collect::<Vec<_>>(),
        [("k30", None), ("k10", Some(Instant(30)))]
    );
    assert_eq!(key_at(40), "k30");
    assert!(opens(&database, &good, "k10", 30 + 6 * HOUR) && opens(&database, &good, "k30", 40));
    assert!(!opens(&database, &good, "k10", 30 + 7 * HOUR));
    block_on(revoke_key(&database, "k30", Instant(50))).unwrap();
    assert!(!opens(&database, &good, "k30", 50));
    assert_eq!(key_at(60), "k60");
    refused(block_on(revoke_key(&database, "k1", Instant(60))), 404, "there is no signing key `k1`");
}

#[test]
fn a_key_of_ninety_days_is_replaced_by_itself_and_forgotten_ninety_days_later() {
    let database = with_tenants(&["acme"]);
    let current = |id: &str, now: i64| {
        block_on(tenants::oauth::current_key(&database, new_key(id), Instant(now))).unwrap().0
    };
    assert_eq!((current("a", 1), current("b", 90 * DAY)), ("a".into(), "a".into()));
    assert_eq!(current("c", 1 + 90 * DAY), "c");
    assert_eq!(block_on(list_keys(&database)).unwrap().len(), 2);
    current("d", 1 + 180 * DAY + 1);
    let left = block_on(list_keys(&database)).unwrap();
    assert_eq!(left.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["d", "c"]);
}

#[test]
fn a_client_cannot_exist_without_its_tenant() {
    let database = with_tenants(&["acme"]);
    let new = || NewClient { id: "c", name: "n", scopes: oauth::Scopes::SCIM, token_seconds: 3_600 };
    for tenant in ["other", "%", ""] {
        let detail = format!("there is no tenant `{tenant}`");
        refused(block_on(create_client(&database, tenant, new(), None, Instant(1))), 404, &detail);
        refused(block_on(list_clients(&database, tenant)), 404, &detail);
    }
    assert_eq!(run(&database, "SELECT * FROM clients").len(), 0);
}
