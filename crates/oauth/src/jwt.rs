//! The form of a JSON Web Token: a JWS in compact serialization whose payload is a claims set (RFC 7515 s7.1, RFC
//! 7519).
//!
//! Parsing a token does not verify it: before a caller relies on its claims, it must verify the signature.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The longest token that is parsed, in bytes. Entra's tokens have about 2,000.
const LONGEST: usize = 16 << 10;

/// How a token is signed. `none` is not among them, so that an unsigned token is refused (RFC 8725 s3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256, which only this service's own tokens use.
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: what Entra signs with.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// A token of the right form. Its claims are not verified.
pub struct Jwt {
    /// `alg`.
    pub algorithm: Algorithm,
    /// `typ`, as it is written.
    pub typ: Option<String>,
    /// `kid`: which of the issuer's keys has signed.
    pub key_id: Option<String>,
    /// The claims.
    pub claims: Claims,
    signed: String,
    signature: Vec<u8>,
}

impl Jwt {
    /// Returns whether a text may be a token: it has three parts, and is not too long. This is cheaper than parsing
    /// it.
    pub fn has_form(text: &str) -> bool {
        text.len() <= LONGEST && text.split('.').count() == 3
    }

    /// Parses a token. None if the text is not a token, or asks for what is not understood (`crit`, RFC 7515
    /// s4.1.11).
    pub fn parse(text: &str) -> Option<Jwt> {
        if !Jwt::has_form(text) {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return None;
        }
        let word = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = match word("alg")? {
            "HS256" => Algorithm::Hs256,
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            _ => return None,
        };
        Some(Jwt {
            algorithm,
            typ: word("typ").map(str::to_string),
            key_id: word("kid").map(str::to_string),
            claims: Claims(object(payload)?),
            signed: signed.to_string(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Returns the bytes that are signed.
    pub fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// Returns the signature over them.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// Leaves the claims and the signature out, since a log must not hold a token that opens a directory.
impl fmt::Debug for Jwt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Jwt(..)")
    }
}

fn object(encoded: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    match serde_json::from_str(std::str::from_utf8(&bytes).ok()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// A claims set (RFC 7519 s4). A claim that does not have the type of its definition counts as missing.
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Returns a claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Returns a NumericDate (RFC 7519 s2) in milliseconds since 1970.
    pub fn time(&self, name: &str) -> Option<i64> {
        let seconds = self.0.get(name)?.as_f64()?;
        // The year 9999 and later is not a real expiry, and could not be represented exactly.
        (0.0..2.5e11).contains(&seconds).then_some((seconds * 1_000.0) as i64)
    }

    /// Returns whether the token was issued to that subject: `sub`, or in Entra's tokens `appid` (v1) or `azp` (v2).
    pub fn are_of(&self, subject: &str) -> bool {
        ["sub", "appid", "azp"].iter().any(|name| self.text(name) == Some(subject))
    }

    /// Returns whether the claim is present, whatever its type.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns whether the claim is the boolean `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// Returns the texts in a claim that is a list.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Returns the values of `aud`, which is one text or a list of them (RFC 7519 s4.1.3).
    pub fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Returns the text of header and payload, ready to be signed.
pub fn encode(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(payload))
}

/// Adds the signature.
pub fn seal(signed: &str, signature: &[u8]) -> String {
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Algorithm, Jwt, encode, seal};

    fn token(header: &Value, payload: &Value) -> String {
        seal(&encode(header, payload), b"signature")
    }

    #[test]
    fn a_token_is_three_parts_of_base64url_two_of_them_json_objects() {
        let text = token(&json!({"alg": "RS256", "kid": "k", "typ": "JWT"}), &json!({"sub": "s"}));
        let jwt = Jwt::parse(&text).unwrap();
        assert_eq!((jwt.algorithm, jwt.key_id.as_deref()), (Algorithm::Rs256, Some("k")));
        assert_eq!((jwt.claims.text("sub"), jwt.signature()), (Some("s"), &b"signature"[..]));
        assert_eq!(format!("{}.{}", std::str::from_utf8(jwt.signed()).unwrap(), "c2lnbmF0dXJl"), text);
        assert_eq!(format!("{jwt:?}"), "Jwt(..)");
        for none in [
            "",
            ".",
            "..",
            "a.b.c",
            "e30.e30.",
            &format!("{text}."),
            &format!("{text}="),
            text.get(1..).unwrap(),
        ] {
            assert!(Jwt::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn an_unsigned_token_and_one_that_asks_for_more_than_is_understood_is_none() {
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "None"}),
            json!({"alg": "HS512"}),
            json!({"alg": ["RS256"]}),
            json!({"kid": "k"}),
            json!({"alg": "RS256", "crit": ["exp"], "exp": 1}),
            json!({"alg": "RS256", "crit": []}),
            json!([]),
        ] {
            assert!(Jwt::parse(&token(&header, &json!({}))).is_none(), "{header}");
        }
        assert!(Jwt::parse(&token(&json!({"alg": "RS256"}), &json!({"a": "x".repeat(20_000)}))).is_none());
    }

    #[test]
    fn claims_of_the_wrong_type_are_as_good_as_none() {
        let payload =
            json!({"sub": 7, "exp": "1", "nbf": -1, "iat": 1.5, "huge": 1e300, "aud": ["a", 7, "b"]});
        let claims = Jwt::parse(&token(&json!({"alg": "ES256"}), &payload)).unwrap().claims;
        assert_eq!((claims.text("sub"), claims.time("exp"), claims.time("nbf")), (None, None, None));
        assert_eq!((claims.time("iat"), claims.time("huge")), (Some(1_500), None));
        assert_eq!((claims.audiences(), claims.has("exp"), claims.has("x")), (vec!["a", "b"], true, false));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fall(text in ".{0,200}", parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}") {
            let _ = (Jwt::parse(&text), Jwt::parse(&parts));
        }
    }
}
