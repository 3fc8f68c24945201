//! The access tokens that this service gives out at its token endpoint: JWTs after RFC 9068, for this service alone.

use serde_json::{Value, json};

use crate::jwt::encode;
use crate::{Algorithm, Jwt, Scopes, SigningKey};

/// RFC 9068 s2.1: distinguishes an access token from every other JWT that the same key might have signed.
const TYP: &str = "at+jwt";
/// `iss`. The service may have any number of host names, so this is a fixed name instead of one of them.
const ISSUER: &str = "scim-edge";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// `jti`.
    pub id: String,
    /// `aud`: the tenant whose directory it opens.
    pub tenant: String,
    /// `client_id` and `sub`.
    pub client: String,
    /// What the client authenticated with: the id of one of its secrets or of a trusted issuer. When that is revoked,
    /// so is this token.
    pub credential: String,
    /// `scope` (RFC 9068 s2.2.3), if the client has asked for less than it has; None if the token may do what the client may.
    pub scopes: Option<Scopes>,
    /// `iat`, in seconds since 1970.
    pub issued: i64,
    /// `exp`, in seconds since 1970.
    pub expires: i64,
}

impl AccessToken {
    /// Returns the token as it is sent.
    ///
    /// ```
    /// use oauth::{AccessToken, Jwt, SigningKey};
    ///
    /// let key = SigningKey::derive("a secret of the Worker", "key-1", "a salt").unwrap();
    /// let token = AccessToken {
    ///     id: "token-1".into(),
    ///     tenant: "acme".into(),
    ///     client: "client-1".into(),
    ///     credential: "secret-1".into(),
    ///     scopes: None,
    ///     issued: 1_700_000_000,
    ///     expires: 1_700_003_600,
    /// };
    /// let sent = Jwt::parse(&token.sign(&key).unwrap()).unwrap();
    /// assert!(key.verifies(&sent));
    /// assert_eq!(AccessToken::claimed(&sent).unwrap().0.tenant, "acme");
    /// ```
    pub fn sign(&self, key: &SigningKey) -> Option<String> {
        let header = json!({"alg": "HS256", "typ": TYP, "kid": key.id});
        let mut payload = json!({
            "iss": ISSUER,
            "aud": self.tenant,
            "sub": self.client,
            "client_id": self.client,
            "jti": self.id,
            "iat": self.issued,
            "exp": self.expires,
            "credential": self.credential,
        });
        if let (Some(scopes), Value::Object(claims)) = (self.scopes, &mut payload) {
            claims.insert("scope".to_string(), scopes.to_string().into());
        }
        key.sign(&encode(&header, &payload))
    }

    /// Returns when it ends, in milliseconds since 1970.
    pub fn ends(&self) -> i64 {
        self.expires.saturating_mul(1_000)
    }

    /// Returns what a token claims to be, and the id of the key that is said to have signed it; None if it does not
    /// claim to be issued by this service. None of the claims may be relied on before [`SigningKey::verifies`] has
    /// confirmed the signature.
    pub fn claimed(jwt: &Jwt) -> Option<(AccessToken, &str)> {
        let is_ours = jwt.algorithm == Algorithm::Hs256
            && jwt.typ.as_deref() == Some(TYP)
            && jwt.claims.text("iss") == Some(ISSUER);
        let text = |name: &str| jwt.claims.text(name).map(str::to_string);
        let seconds = |name: &str| jwt.claims.time(name).map(|time| time.div_euclid(1_000));
        let token = AccessToken {
            id: text("jti")?,
            tenant: text("aud")?,
            client: text("client_id")?,
            credential: text("credential")?,
            scopes: jwt.claims.text("scope").map(Scopes::from_stored),
            issued: seconds("iat")?,
            expires: seconds("exp")?,
        };
        is_ours.then_some((token, jwt.key_id.as_deref()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::AccessToken;
    use crate::jwt::encode;
    use crate::{Jwt, Scopes, SigningKey};

    #[test]
    fn what_was_signed_is_read_again() {
        let key = SigningKey::derive("secret", "k1", "salt").unwrap();
        for scopes in [None, Some(Scopes::SCIM), Some(Scopes::from_stored("scim:read"))] {
            let token = AccessToken {
                id: "j".into(),
                tenant: "acme".into(),
                client: "c".into(),
                credential: "s".into(),
                scopes,
                issued: 1_000,
                expires: 4_600,
            };
            let jwt = Jwt::parse(&token.sign(&key).unwrap()).unwrap();
            assert!(key.verifies(&jwt));
            assert_eq!(AccessToken::claimed(&jwt), Some((token, "k1")));
        }
    }

    #[test]
    fn a_jwt_of_another_type_is_not_an_access_token() {
        let key = SigningKey::derive("secret", "k1", "salt").unwrap();
        let good = json!({"alg": "HS256", "typ": "at+jwt", "kid": "k1"});
        let payload = json!({
            "iss": "scim-edge", "aud": "a", "client_id": "c", "jti": "j", "credential": "s", "iat": 1, "exp": 2,
        });
        let claimed = |header: &Value, payload: &Value| {
            AccessToken::claimed(&Jwt::parse(&key.sign(&encode(header, payload)).unwrap()).unwrap()).is_some()
        };
        assert!(claimed(&good, &payload));
        for (name, value) in [("typ", json!("JWT")), ("alg", json!("RS256")), ("kid", json!(null))] {
            let mut header = good.clone();
            header[name] = value;
            assert!(!claimed(&header, &payload), "{name}");
        }
        for name in ["iss", "aud", "client_id", "jti", "credential", "iat", "exp"] {
            let mut payload = payload.clone();
            payload[name] = json!(["x"]);
            assert!(!claimed(&good, &payload), "{name}");
        }
    }
}
