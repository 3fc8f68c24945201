//! Secrets of endpoints, and signatures.
//!
//! The database stores a random salt for each endpoint. The secret is derived from the salt with a secret that is not
//! in the database, so that a copy of the database cannot sign webhooks.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Keeps these secrets apart from anything else that is derived from the same secret.
const PURPOSE: &[u8] = b"scim-edge webhook\0";

/// The secret of an endpoint: 32 bytes.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Derives the secret of the endpoint of that id: HMAC-SHA-256 of its id and salt. None if `secret` is empty.
    pub fn derive(secret: &str, endpoint: &str, salt: &str) -> Option<Secret> {
        let secret = secret.trim();
        if secret.is_empty() {
            return None;
        }
        code(secret.as_bytes(), &[PURPOSE, endpoint.as_bytes(), b"\0", salt.as_bytes()]).map(Secret)
    }

    /// Returns the text that the receiver is given: `whsec_` and base64.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(&self.0))
    }

    /// Returns the signature of a message: `v1,` and base64. `seconds` are those of the attempt since 1970.
    ///
    /// ```
    /// let secret = webhooks::Secret::derive("a secret of the Worker", "endpoint-1", "salt").unwrap();
    /// assert!(secret.sign("evt_acme_1_0", 1_700_000_000, "{}").unwrap().starts_with("v1,"));
    /// ```
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> Option<String> {
        let signed = format!("{id}.{seconds}.");
        let code = code(&self.0, &[signed.as_bytes(), body.as_bytes()])?;
        Some(format!("v1,{}", BASE64_STANDARD.encode(code)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

/// Returns the HMAC of the parts. It accepts keys of any length, so this is never None.
fn code(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut code = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| code.update(part));
    Some(code.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::Secret;

    #[test]
    fn the_published_vector_is_signed_as_published() {
        let secret = Secret(BASE64_STANDARD.decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap());
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = secret.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(signature.as_deref(), Some("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
        assert_eq!(secret.reveal(), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    }

    #[test]
    fn a_secret_depends_on_everything_that_it_is_derived_from_and_is_never_printed() {
        let derive = |secret: &str, id: &str, salt: &str| Secret::derive(secret, id, salt).unwrap();
        let one = derive("secret", "id", "salt");
        assert_eq!(one.reveal(), derive(" secret\n", "id", "salt").reveal());
        for other in [
            derive("secret2", "id", "salt"),
            derive("secret", "id2", "salt"),
            derive("secret", "id", "salt2"),
        ] {
            assert_ne!(one.reveal(), other.reveal());
        }
        assert_eq!(one.reveal().len(), "whsec_".len() + 44);
        assert_eq!(format!("{one:?}"), "Secret(..)");
        assert!(Secret::derive(" ", "id", "salt").is_none());
    }
}
