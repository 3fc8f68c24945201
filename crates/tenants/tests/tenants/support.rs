//! What the tests share: tenants in a database of their own, and tokens that are derived from a number.

use database::{Failure, Sqlite};
use pollster::block_on;
use scim::{Dialect, Instant};
use tenants::{NewTenant, NewToken, Secret, create, create_token, look_up};

pub(crate) fn new_tenant(id: &str) -> NewTenant {
    NewTenant { id: id.into(), name: "Acme".into(), dialect: Dialect::STRICT, log_retention_days: 30 }
}

pub(crate) fn with_tenants(ids: &[&str]) -> Sqlite {
    let database = Sqlite::new().unwrap();
    for id in ids {
        block_on(create(&database, new_tenant(id), Instant(1))).unwrap();
    }
    database
}

pub(crate) fn secret(number: u8) -> Secret {
    Secret::new(&[number; 32])
}

pub(crate) fn token(database: &Sqlite, tenant: &str, number: u8) -> String {
    let secret = secret(number);
    let new = NewToken {
        id: format!("id{number}"),
        name: Some("first"),
        scopes: None,
        secret: &secret,
        expires: None,
    };
    block_on(create_token(database, tenant, new, Instant(1))).unwrap().0.id
}

pub(crate) fn opens(database: &Sqlite, number: u8, tenant: &str, now: i64) -> bool {
    let grant = block_on(look_up(database, secret(number).hash())).unwrap();
    grant.is_some_and(|grant| grant.opens(tenant, Instant(now)))
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Failure>, status: u16, detail: &str) {
    let refusal = result.unwrap_err().into_refusal().unwrap();
    assert_eq!((refusal.status, refusal.detail.as_str()), (status, detail));
}
