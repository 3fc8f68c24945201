//! What this instance remembers of credentials: what each opens, and which are not valid (`tenants::GrantCache`); and
//! the salts of keys that have signed access tokens of ours, by which a forged one is known without a look-up.
//!
//! No entry is used for more than a minute after the question was asked, so what is revoked ends within that time.

use std::cell::RefCell;

use oauth::AccessToken;
use scim::Instant;
use tenants::{Cached, Grant, GrantCache, Hash, USABLE};

/// How many salts are remembered. Two or three keys verify at a time.
const MOST_SALTS: usize = 8;

thread_local! {
    /// Borrowed for moments without an await in them.
    static GRANTS: RefCell<GrantCache> = RefCell::default();
    /// Likewise; the oldest stands first.
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

/// Inserts the answer to a question that was asked at that time; None if the credential is not valid.
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

/// Returns what an access token of ours was given for. As long as it is remembered to be in force, the next token
/// that was given for it proves itself by its signature.
pub fn of_credential(token: &AccessToken) -> Hash {
    of(&["credential", &token.tenant, &token.client, &token.credential])
}

/// Returns what a client has sent to the token endpoint of a tenant to prove itself.
pub fn of_proof(tenant: &str, client: &str, proof: &str) -> Hash {
    of(&["proof", tenant, client, proof])
}

/// No header that holds a token has a NUL in it, so no client can send what this is made of.
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
