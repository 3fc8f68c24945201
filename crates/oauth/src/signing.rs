//! Keys that sign the service's own tokens.
//!
//! The database stores a random salt for each key. The key itself is derived from the salt with a secret that is not
//! in the database, so that a copy of the database cannot sign tokens.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::jwt::seal;
use crate::{Algorithm, Jwt};

/// Keeps these keys apart from anything else that may one day be derived from the same secret.
const PURPOSE: &[u8] = b"scim-edge access token\0";

/// A key for HS256.
pub struct SigningKey {
    /// The `kid` of the tokens that it signs.
    pub id: String,
    key: Vec<u8>,
}

impl SigningKey {
    /// Derives the key of that id: HMAC-SHA-256 of its id and salt under the secret. None if the secret is empty.
    pub fn derive(secret: &str, id: &str, salt: &str) -> Option<SigningKey> {
        let secret = secret.trim();
        if secret.is_empty() {
            return None;
        }
        let key = code(secret.as_bytes(), &[PURPOSE, id.as_bytes(), b"\0", salt.as_bytes()])?;
        Some(SigningKey { id: id.to_string(), key: key.finalize().into_bytes().to_vec() })
    }

    /// Returns the text followed by its signature.
    pub(crate) fn sign(&self, signed: &str) -> Option<String> {
        let signature = code(&self.key, &[signed.as_bytes()])?.finalize().into_bytes();
        Some(seal(signed, &signature))
    }

    /// Returns whether this key has signed the token. The comparison takes the same time wherever the two signatures
    /// differ.
    pub fn verifies(&self, jwt: &Jwt) -> bool {
        jwt.algorithm == Algorithm::Hs256
            && jwt.key_id.as_deref() == Some(self.id.as_str())
            && code(&self.key, &[jwt.signed()]).is_some_and(|code| code.verify_slice(jwt.signature()).is_ok())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey(..)")
    }
}

/// Returns the HMAC of the parts. It accepts keys of any length, so this is never None.
fn code(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| code.update(part));
    Some(code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SigningKey;
    use crate::Jwt;
    use crate::jwt::encode;

    fn signed(key: &SigningKey) -> String {
        key.sign(&encode(&json!({"alg": "HS256", "kid": key.id}), &json!({"sub": "s"}))).unwrap()
    }

    #[test]
    fn a_key_verifies_what_it_has_signed_and_nothing_else() {
        let key = SigningKey::derive("secret", "k1", "salt").unwrap();
        let text = signed(&key);
        assert!(key.verifies(&Jwt::parse(&text).unwrap()));
        for (secret, id, salt) in
            [("secret2", "k1", "salt"), ("secret", "k1", "salt2"), ("secret", "k2", "salt")]
        {
            let other = SigningKey::derive(secret, id, salt).unwrap();
            assert!(!other.verifies(&Jwt::parse(&text).unwrap()), "{secret} {id} {salt}");
        }
        let (head, signature) = text.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let forged = format!("{header}.eyJzdWIiOiJyb290In0.{signature}");
        assert!(!key.verifies(&Jwt::parse(&forged).unwrap()));
        assert!(!key.verifies(&Jwt::parse(&format!("{head}.")).unwrap()));
        assert!(!key.verifies(&Jwt::parse(&format!("{head}.{}", signature.get(..40).unwrap())).unwrap()));
    }

    #[test]
    fn the_key_is_hmac_sha_256_of_purpose_id_and_salt() {
        // printf 'scim-edge access token\0k1\0salt' | openssl dgst -sha256 -hmac secret
        let key = SigningKey::derive(" secret\n", "k1", "salt").unwrap();
        let hex: String = key.key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "caafb988ee70627f62f3a0ab10e51d70f0cb881f5be5c781b7798d7aa1c0da35");
        assert!(SigningKey::derive(" \n", "k1", "salt").is_none());
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }
}
