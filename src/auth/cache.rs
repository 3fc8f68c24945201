//! What this instance remembers of credentials: what each grants, and which are not valid (`tenants::GrantCache`);
//! and the salts of the keys that have signed this service's access tokens, by which a forged one is recognised
//! without a look-up.
//!
//! An entry is used for a minute at most after the question was asked, so that a revoked credential ends within that
//! time.

use std::cell::RefCell;

use oauth::AccessToken;
use scim::Instant;
use tenants::{Cached, Grant, GrantCache, Hash, USABLE};

/// How many salts are remembered. Two or three keys verify at a time.
const MOST_SALTS: usize = 8;

thread_local! {
    /// Never borrowed across an await.
    static GRANTS: RefCell<GrantCache> = RefCell::default();
    /// Never borrowed across an await; the oldest stands first.
    static SALTS: RefCell<Vec<Salt>> = RefCell::default();
}

struct Salt {
    key: String,
    salt: String,
    asked: Instant,
}

/// Returns what the cache holds of a credential.
pub fn get(hash: Hash, now: Instant) -> Cached {
    GRANTS.with_borrow_mut(|grants| grants.get(hash, now))
}

/// Inserts the result of a question that was asked at that time; None if the credential is not valid.
pub fn insert(hash: Hash, grant: Option<Grant>, asked: Instant) {
    GRANTS.with_borrow_mut(|grants| grants.insert(hash, grant, asked));
}

/// Returns the salt of the key of that id.
pub fn salt(key: &str, now: Instant) -> Option<String> {
    SALTS.with_borrow(|salts| {
        let known = salts.iter().find(|known| known.key == key);
        known.filter(|known| (0..USABLE).contains(&(now.0 - known.asked.0))).map(|known| known.salt.clone())
    })
}

/// Inserts the salt of a key that verifies.
pub fn insert_salt(key: &str, salt: &str, asked: Instant) {
    SALTS.with_borrow_mut(|salts| {
        salts.retain(|known| known.key != key);
        if salts.len() >= MOST_SALTS {
            salts.remove(0);
        }
        salts.push(Salt { key: key.to_string(), salt: salt.to_string(), asked });
    });
}

/// Clears the cache, so that a change made through this instance holds here at once.
pub fn clear() {
    GRANTS.with_borrow_mut(GrantCache::clear);
    SALTS.with_borrow_mut(Vec::clear);
}

/// Returns the key of the credential that an access token was issued for. While the cache holds it as valid, the next
/// token that was issued for it is verified by its signature alone.
pub fn of_credential(token: &AccessToken) -> Hash {
    of(&["credential", &token.tenant, &token.client, &token.credential])
}

/// Returns the key of what a client sent to the token endpoint of a tenant to authenticate.
pub fn of_proof(tenant: &str, client: &str, proof: &str) -> Hash {
    of(&["proof", tenant, client, proof])
}

/// Returns a key of several parts. A header with a token cannot contain a NUL, so a client cannot send a text with
/// the same hash.
fn of(parts: &[&str]) -> Hash {
    Hash::of(&parts.join("\0"))
}

#[cfg(test)]
mod tests {
    use scim::Instant;
    use tenants::USABLE;

    use super::{MOST_SALTS, SALTS, clear, insert_salt, salt};

    #[test]
    fn a_salt_is_good_for_a_minute_and_few_are_remembered() {
        insert_salt("k", "old", Instant(0));
        insert_salt("k", "s", Instant(1_000));
        assert_eq!(salt("k", Instant(1_000)).as_deref(), Some("s"));
        assert_eq!(salt("k", Instant(999 + USABLE)).as_deref(), Some("s"));
        assert_eq!((salt("k", Instant(1_000 + USABLE)), salt("k", Instant(999))), (None, None));
        (0..MOST_SALTS).for_each(|number| insert_salt(&number.to_string(), "s", Instant(2_000)));
        assert_eq!((salt("k", Instant(2_000)), SALTS.with_borrow(Vec::len)), (None, MOST_SALTS));
        clear();
        assert_eq!(salt("0", Instant(2_000)), None);
    }
}
