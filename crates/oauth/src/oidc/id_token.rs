//! What an ID token must say (OpenID Connect Core s3.1.3.7), once its signature is verified, and who the person is.

use crate::trust::{IssuerPolicy, Rejection, Use};
use crate::{Claims, Jwt};

/// The longest name that is kept, in characters: OpenID Connect Core s2 allows 255 of `sub`.
const LONGEST: usize = 255;

/// A person, as the provider knows that person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The e-mail address, or `sub`: what the console shows.
    pub name: String,
    /// The e-mail address, unless the provider says that it is not verified.
    pub email: Option<String>,
    /// The values of `groups` and `roles`.
    pub groups: Vec<String>,
}

impl Identity {
    /// Reads the person whom claims are about. None if they name no subject.
    pub fn of(claims: &Claims) -> Option<Identity> {
        let subject = claims.text("sub").filter(|subject| !subject.is_empty())?;
        let is_unverified = claims.has("email_verified") && !claims.is_true("email_verified");
        let email = claims.text("email").filter(|email| !is_unverified && email.contains('@'));
        let groups = ["groups", "roles"].into_iter().flat_map(|name| claims.texts(name));
        Some(Identity {
            name: email.unwrap_or(subject).chars().take(LONGEST).collect(),
            email: email.map(str::to_string),
            groups: groups.map(str::to_string).collect(),
        })
    }

    /// Returns whether the person is on a list: of e-mail addresses, whose letter case does not count, and of names of groups.
    pub fn is_among(&self, list: &[&str]) -> bool {
        list.iter().any(|entry| match entry.contains('@') {
            true => self.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(entry)),
            false => self.groups.iter().any(|group| group == entry),
        })
    }
}

/// Checks the claims of an ID token: that it comes from the issuer, is for this client, answers this attempt, and is valid now.
///
/// # Errors
/// The reason, as text for the operator.
pub fn verify_claims(
    jwt: &Jwt,
    issuer: &str,
    client: &str,
    nonce: &str,
    now: i64,
) -> Result<Identity, String> {
    let policy = IssuerPolicy {
        issuers: vec![issuer.to_string()],
        audiences: vec![client.to_string()],
        directory: None,
        subject: None,
    };
    let claims = &jwt.claims;
    policy.check(claims, Use::Bearer, now).map_err(|rejection: Rejection| rejection.to_string())?;
    // s3.1.3.7, 4 and 5: another client must not be the one that the token was issued to.
    let party = claims.text("azp");
    let is_for_another = party.is_some_and(|party| party != client);
    if is_for_another || (claims.audiences().len() > 1 && party.is_none()) {
        return Err("it was issued to another client (`azp`)".to_string());
    }
    if claims.text("nonce") != Some(nonce) {
        return Err("it belongs to another sign-in (`nonce`)".to_string());
    }
    Identity::of(claims).ok_or_else(|| "it names no subject (`sub`)".to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Identity, verify_claims};
    use crate::Jwt;
    use crate::jwt::{encode, seal};

    const NOW: i64 = 2_000_000_000_000;

    fn good() -> Value {
        json!({
            "iss": "https://id", "aud": "c", "sub": "s", "nonce": "n", "exp": NOW / 1_000 + 60, "iat": NOW / 1_000,
            "email": "Ada@example.com"
        })
    }

    fn jwt(claims: &Value) -> Jwt {
        Jwt::parse(&seal(&encode(&json!({"alg": "RS256"}), claims), b"x")).unwrap()
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_of_another_issuer_client_attempt_or_time_is_refused() {
        let check = |claims: &Value| verify_claims(&jwt(claims), "https://id", "c", "n", NOW);
        assert_eq!(check(&good()).unwrap().name, "Ada@example.com");
        let mut several = with("aud", json!(["c", "d"]));
        assert!(check(&several).is_err());
        several["azp"] = json!("c");
        assert!(check(&several).is_ok());
        for (name, value) in [
            ("iss", json!("https://id/")),
            ("aud", json!("d")),
            ("azp", json!("d")),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("exp", json!(NOW / 1_000 - 600)),
            ("exp", Value::Null),
            ("iat", json!(NOW / 1_000 + 600)),
            ("sub", Value::Null),
        ] {
            assert!(check(&with(name, value.clone())).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn a_person_is_found_by_a_verified_address_or_by_a_group() {
        let is_among =
            |claims: &Value, list: &[&str]| Identity::of(&jwt(claims).claims).unwrap().is_among(list);
        assert!(is_among(&good(), &["x", "ada@EXAMPLE.com"]));
        assert!(is_among(&with("email_verified", json!(true)), &["ada@example.com"]));
        assert!(!is_among(&with("email_verified", json!(false)), &["ada@example.com"]));
        assert!(!is_among(&with("email_verified", json!("true")), &["ada@example.com"]));
        assert!(is_among(&with("groups", json!(["staff", 7])), &["staff"]));
        assert!(is_among(&with("roles", json!(["admin"])), &["admin"]));
        assert!(!is_among(&with("groups", json!(["eve@example.com"])), &["eve@example.com"]));
        assert!(!is_among(&with("groups", json!("staff")), &["staff"]));
        assert!(!is_among(&good(), &[]) && !is_among(&good(), &["s"]));
        assert_eq!(Identity::of(&jwt(&with("email", json!("no address"))).claims).unwrap().name, "s");
    }
}
