//! The database calls of OAuth: clients, their secrets, trusted issuers and signing keys.

use database::Failure;
use directory::Context;
use oauth::{AccessToken, IssuerPolicy};
use scim::Instant;
use tenants::Secret;
use tenants::oauth::{self as clients, NewClient, NewClientSecret, NewIssuer, NewSigningKey};

use super::operations::{Operation, admin, another};
use crate::instrumented::InstrumentedDatabase;

const HOUR: i64 = 3_600_000;

fn first() -> Secret {
    Secret::of_client(&[1; 32])
}

fn key(context: &Context<'_>) -> NewSigningKey {
    NewSigningKey { id: (context.new_id)(), salt: "salt".into() }
}

/// Returns a client with a secret, an issuer, and a key.
pub async fn fill(database: &InstrumentedDatabase, context: &Context<'_>) -> Result<(), Failure> {
    let secret = NewClientSecret { id: "s1", secret: &first(), expires: Instant(context.now.0 + HOUR) };
    let client = NewClient { id: "c1", name: "Entra", scopes: oauth::Scopes::SCIM, token_seconds: 3_600 };
    clients::create_client(database, "acme", client, Some(secret), context.now).await?;
    trust(database, context, "i1").await?;
    let key = NewSigningKey { id: "k1".into(), salt: "salt".into() };
    clients::current_key(database, key, context.now).await.map(drop)
}

async fn trust(database: &InstrumentedDatabase, context: &Context<'_>, id: &str) -> Result<(), Failure> {
    let trust = IssuerPolicy {
        issuers: vec!["https://issuer.example".into()],
        audiences: vec!["us".into()],
        directory: None,
        subject: None,
    };
    let new = NewIssuer {
        id,
        name: "Entra",
        client: None,
        trust: &trust,
        jwks_uri: "https://keys.example",
        keys: "{}",
    };
    clients::create_issuer(database, "acme", new, context.now).await.map(drop)
}

/// Returns an operation that adds a row each time.
fn adding(operation: Operation) -> Operation {
    Operation { adds: true, ..operation }
}

pub fn all() -> Vec<Operation> {
    of_clients().into_iter().chain(of_issuers()).chain(of_keys()).collect()
}

fn of_clients() -> Vec<Operation> {
    let token = || AccessToken {
        id: "t1".into(),
        tenant: "acme".into(),
        client: "c1".into(),
        credential: "s1".into(),
        scopes: None,
        issued: 0,
        expires: 1,
    };
    vec![
        admin("list clients", 200, async |database, _| {
            clients::list_clients(database, "acme").await.map(|all| all.len())
        }),
        admin("access token", 200, async move |database, context| {
            clients::grant_of(database, &token(), "k1", context.now).await.map(|grant| grant.is_some())
        }),
        admin("prove", 200, async |database, context| {
            let proven = clients::prove(database, "acme", "c1", &first(), key(context), context.now).await?;
            Ok(proven.is_some())
        }),
        adding(admin("create client", 200, async |database, context| {
            let (id, secret) = ((context.new_id)(), another(context));
            let secret = NewClientSecret {
                id: &secret.id,
                secret: secret.secret,
                expires: Instant(context.now.0 + HOUR),
            };
            let client =
                NewClient { id: &id, name: "Okta", scopes: oauth::Scopes::SCIM, token_seconds: 3_600 };
            clients::create_client(database, "acme", client, Some(secret), context.now).await.map(drop)
        })),
        adding(admin("create secret", 200, async |database, context| {
            let secret = another(context);
            let secret = NewClientSecret {
                id: &secret.id,
                secret: secret.secret,
                expires: Instant(context.now.0 + HOUR),
            };
            clients::create_secret(database, "acme", "c1", secret, context.now).await.map(drop)
        })),
        admin("revoke secret", 200, async |database, context| {
            clients::revoke_secret(database, "acme", "c1", "s1", context.now).await.map(drop)
        }),
        admin("revoke client", 200, async |database, context| {
            clients::revoke_client(database, "acme", "c1", context.now).await.map(drop)
        }),
    ]
}

fn of_issuers() -> Vec<Operation> {
    vec![
        admin("list issuers", 200, async |database, _| {
            clients::list_issuers(database, "acme").await.map(|all| all.len())
        }),
        admin("find issuer", 200, async |database, _| {
            clients::find_issuer(database, "acme", "i1").await.map(drop)
        }),
        admin("claim due", 200, async |database, context| {
            clients::claim_due(database, 9, Instant(context.now.0 + HOUR)).await.map(|due| due.len())
        }),
        admin("trusted", 200, async |database, _| {
            clients::trusted(database, "acme", "https://issuer.example", false).await.map(|all| all.len())
        }),
        adding(admin("create issuer", 200, async |database, context| {
            trust(database, context, &(context.new_id)()).await
        })),
        admin("revoke issuer", 200, async |database, context| {
            clients::revoke_issuer(database, "acme", "i1", context.now).await.map(drop)
        }),
        admin("keep keys", 200, async |database, context| {
            clients::keep_keys(database, &["i1".to_string()], "{\"keys\":[]}", context.now).await
        }),
    ]
}

fn of_keys() -> Vec<Operation> {
    vec![
        admin("list keys", 200, async |database, _| clients::list_keys(database).await.map(|all| all.len())),
        adding(admin("rotate keys", 200, async |database, context| {
            clients::rotate_keys(database, key(context), context.now).await.map(drop)
        })),
        admin("revoke key", 200, async |database, context| {
            clients::revoke_key(database, "k1", context.now).await.map(drop)
        }),
    ]
}
