//! The form of a token, and the hash, which is all that is stored of it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The prefix of a token, so that people and secret scanners recognise one.
const TOKEN: &str = "scim_";
/// The prefix of the secret of an OAuth client.
const CLIENT_SECRET: &str = "scims_";
/// The prefix of the code of a link that opens the console.
const LINK: &str = "scimlink_";
/// The prefix of the value of a session's cookie.
const SESSION: &str = "scimsession_";
/// 32 bytes in base64url.
const ENCODED: usize = 43;

/// A token, the secret of an OAuth client, the code of a link or the value of a session's cookie, in clear. It is shown once and never
/// stored; `Debug` does not show it.
pub struct Secret(String);

impl Secret {
    /// Returns the token of these random bytes.
    pub fn new(random: &[u8; 32]) -> Secret {
        Secret(format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Returns the secret of an OAuth client of these random bytes.
    pub fn of_client(random: &[u8; 32]) -> Secret {
        Secret(format!("{CLIENT_SECRET}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Returns the code of a link of these random bytes.
    pub fn of_link(random: &[u8; 32]) -> Secret {
        Secret(format!("{LINK}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Returns the value of a session's cookie of these random bytes.
    pub fn of_session(random: &[u8; 32]) -> Secret {
        Secret(format!("{SESSION}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Parses a token. None if the text is not formatted as a token; no look-up is needed then.
    pub fn parse(text: &str) -> Option<Secret> {
        with_prefix(TOKEN, text)
    }

    /// Parses the secret of an OAuth client. None if the text is not formatted as one.
    pub fn parse_of_client(text: &str) -> Option<Secret> {
        with_prefix(CLIENT_SECRET, text)
    }

    /// Parses the code of a link. None if the text is not formatted as one.
    pub fn parse_of_link(text: &str) -> Option<Secret> {
        with_prefix(LINK, text)
    }

    /// Parses the value of a session's cookie. None if the text is not formatted as one.
    pub fn parse_of_session(text: &str) -> Option<Secret> {
        with_prefix(SESSION, text)
    }

    /// Returns the secret, to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns what is stored of it.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

fn with_prefix(prefix: &str, text: &str) -> Option<Secret> {
    let encoded = text.strip_prefix(prefix)?;
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (encoded.len() == ENCODED && encoded.bytes().all(is_taken)).then(|| Secret(text.to_string()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

/// The SHA-256 of a token, by which it is looked up. An attacker who tries tokens cannot choose the beginning of a
/// hash, so the time of the look-up reveals nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Returns the hash of what a client sends as its token.
    pub fn of(text: &str) -> Hash {
        Hash(Sha256::digest(text.as_bytes()).into())
    }

    /// Returns the hash in hexadecimal, as it is stored.
    pub fn to_hex(self) -> String {
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// Returns whether a stored hash is this one, in constant time.
    pub fn is(self, hex: &str) -> bool {
        self.to_hex().as_bytes().ct_eq(hex.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_token_is_its_prefix_and_43_characters_of_base64url() {
        let secret = Secret::new(&[255; 32]);
        assert_eq!(secret.reveal(), format!("scim_{}8", "_".repeat(42)));
        assert_eq!(secret.reveal().len(), 5 + 43);
        assert!(Secret::parse(secret.reveal()).is_some());
    }

    #[test]
    fn only_its_sha_256_is_stored() {
        let secret = Secret::parse("scim_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let hex = secret.hash().to_hex();
        // printf %s scim_AAA... | sha256sum
        assert_eq!(hex, "3538b36493838958c3d4cbc61f5134621e4e732fa092250741b7db70416d069f");
        assert!(secret.hash().is(&hex));
        assert!(!secret.hash().is(&hex.replace('a', "b")));
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn a_text_that_is_not_formatted_as_a_token_is_none() {
        for text in [
            "",
            "scim_",
            "test-token",
            &format!("scim_{}", "a".repeat(42)),
            &format!("scim_{}", "a".repeat(44)),
        ] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
        assert!(Secret::parse(&format!("scim_{}", "%".repeat(43))).is_none());
        assert!(Secret::parse(&format!("SCIM_{}", "a".repeat(43))).is_none());
    }
}
