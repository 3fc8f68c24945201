//! What people did to a tenant: credentials and sign-ins, the newest first, page by page.

use database::Sqlite;
use pollster::block_on;
use scim::Instant;
use tenants::console::{
    Deed, DeedCursor, NewLink, NewSession, Role, create_link, deeds, end, redeem, sign_in,
};
use tenants::{NewToken, Secret, create_token, revoke};

use crate::support::{secret, with_tenants};

fn all(database: &Sqlite, tenant: &str, with_staff: bool, limit: usize, now: i64) -> Vec<Deed> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = deeds(database, tenant, with_staff, (after, limit), Instant(now));
        let page = block_on(page).unwrap();
        assert!(page.deeds.len() <= limit);
        found.extend(page.deeds);
        let Some(next) = page.next else { return found };
        after = Some(DeedCursor::parse(&next.to_text()).unwrap());
    }
}

fn token(database: &Sqlite, number: u8, name: &str, at: i64, expires: Option<i64>) {
    let secret = secret(number);
    let id = format!("token{number}");
    let new = NewToken { id, name: Some(name), scopes: None, secret: &secret, expires: expires.map(Instant) };
    block_on(create_token(database, "acme", new, Instant(at))).unwrap();
}

/// Makes a tenant with two tokens, a set-up link, its session, and a session of the vendor's staff.
fn filled() -> Sqlite {
    let database = with_tenants(&["acme", "other"]);
    token(&database, 1, "first", 100, Some(500));
    token(&database, 2, "second", 200, Some(900));
    block_on(revoke(&database, "acme", "token2", Instant(600))).unwrap();
    let code = Secret::of_link(&[3; 32]);
    let role = Role::Customer("acme".into());
    let new = NewLink { id: "link3".into(), code: &code, role, person: "Ada", maker: "Grace" };
    block_on(create_link(&database, new, Instant(300))).unwrap();
    let cookie = Secret::of_session(&[4; 32]).hash();
    let session = NewSession { id: "session4".into(), hash: cookie };
    block_on(redeem(&database, code.hash(), session, None, Instant(400))).unwrap();
    block_on(end(&database, cookie, Instant(450))).unwrap();
    let session = NewSession { id: "session5".into(), hash: Secret::of_session(&[5; 32]).hash() };
    block_on(sign_in(&database, session, &Role::Viewer, "Eve", None, Instant(400))).unwrap();
    database
}

#[test]
fn what_was_done_comes_the_newest_first_and_not_what_is_still_to_come() {
    let database = filled();
    let told = |with_staff, now| -> Vec<String> {
        let all = all(&database, "acme", with_staff, 100, now);
        let words = |deed: &Deed| {
            let person = deed.person.as_deref().unwrap_or("-");
            format!("{} {} {} {} {person}", deed.at.0, deed.what, deed.kind, deed.name)
        };
        all.iter().map(words).collect()
    };
    let customer = [
        "600 revoked token second -",
        "500 expired token first -",
        "450 signed out session customer Ada",
        "400 signed in session customer Ada",
        "300 created set-up link Ada -",
        "200 created token second -",
        "100 created token first -",
    ];
    assert_eq!(told(false, 10_000), customer);
    let mut with_staff = customer.to_vec();
    with_staff[4] = "300 created set-up link Ada Grace";
    with_staff.insert(3, "400 signed in session viewer Eve");
    assert_eq!(told(true, 10_000), with_staff);
    assert_eq!(told(false, 499), customer[2..]);
    assert_eq!(all(&database, "other", false, 100, 10_000), []);
}

#[test]
fn pages_of_any_size_have_each_deed_once() {
    let database = filled();
    let whole = all(&database, "acme", true, 100, 10_000);
    for limit in 1..=9 {
        assert_eq!(all(&database, "acme", true, limit, 10_000), whole, "{limit}");
    }
}
