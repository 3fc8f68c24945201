//! The public keys of an issuer: a JWK Set (RFC 7517 s5), cut down to what can verify a signature here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::Algorithm;

/// The longest JWK Set that is read, in bytes. Entra's has about 20,000.
pub const JWKS_BYTES: usize = 128 << 10;

/// How many keys are kept. Entra publishes about ten.
const MOST: usize = 50;
/// The bytes of an RSA modulus: RFC 7518 s3.3 demands 2048 bits or more, and beyond 8192 bits verifying would take
/// too long.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// The type of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// RSA, for RS256.
    Rsa,
    /// The elliptic curve P-256, for ES256.
    P256,
}

impl KeyType {
    fn of(algorithm: Algorithm) -> Option<KeyType> {
        match algorithm {
            Algorithm::Rs256 => Some(KeyType::Rsa),
            Algorithm::Es256 => Some(KeyType::P256),
            // A shared secret is not a public key, and a token must not turn one into the other (RFC 8725 s2.1).
            Algorithm::Hs256 => None,
        }
    }

    /// Returns the only `alg` that such a key may name: a key is for one algorithm (RFC 8725 s3.1).
    fn algorithm(self) -> &'static str {
        match self {
            KeyType::Rsa => "RS256",
            KeyType::P256 => "ES256",
        }
    }

    fn members(self) -> &'static [&'static str] {
        match self {
            KeyType::Rsa => &["kty", "n", "e"],
            KeyType::P256 => &["kty", "crv", "x", "y"],
        }
    }
}

/// Keys that can verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwks(Vec<Value>);

impl Jwks {
    /// Parses a JWK Set. Keys of other types or for other uses are left out (RFC 7517 s5: "Implementations SHOULD
    /// ignore JWKs within a JWK Set that use "kty" (key type) values that are not understood by them"), and of the
    /// others everything but their public numbers.
    ///
    /// ```
    /// use oauth::{Algorithm, Jwks};
    ///
    /// let number = "A".repeat(43);
    /// let text = format!(r#"{{"keys": [{{"kty": "EC", "crv": "P-256", "kid": "k1", "x": "{number}", "y": "{number}"}}]}}"#);
    /// let keys = Jwks::parse(&text).unwrap();
    /// assert!(keys.find(Algorithm::Es256, Some("k1")).is_some());
    /// assert!(keys.find(Algorithm::Rs256, Some("k1")).is_none());
    /// ```
    ///
    /// # Errors
    /// If it is not a JWK Set, or none of its keys can verify a signature here.
    pub fn parse(text: &str) -> Result<Jwks, &'static str> {
        let Ok(Value::Object(set)) = serde_json::from_str(text) else {
            return Err("it is not a JSON object");
        };
        let Some(Value::Array(keys)) = set.get("keys") else { return Err("it has no list `keys`") };
        let keys: Vec<Value> =
            keys.iter().filter_map(Value::as_object).filter_map(verifying).take(MOST).collect();
        if keys.is_empty() {
            Err("it has no RSA key of 2048 bits or more and no P-256 key")
        } else {
            Ok(Jwks(keys))
        }
    }

    /// Returns the set as text, which [`Jwks::parse`] can parse again.
    pub fn to_text(&self) -> String {
        serde_json::json!({"keys": self.0}).to_string()
    }

    /// Returns the key for a token's `alg` and `kid`, as a JWK. A token without `kid` finds a key only if exactly one
    /// has the right type.
    pub fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Option<&Value> {
        let key_type = KeyType::of(algorithm)?;
        let of_type = |key: &&Value| key.as_object().and_then(key_type_of) == Some(key_type);
        let mut fitting = self.0.iter().filter(of_type);
        match id {
            Some(_) => fitting.find(|key| key.get("kid").and_then(Value::as_str) == id),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

fn key_type_of(key: &Map<String, Value>) -> Option<KeyType> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    match (text("kty")?, text("crv")) {
        ("RSA", _) => Some(KeyType::Rsa),
        ("EC", Some("P-256")) => Some(KeyType::P256),
        _ => None,
    }
}

/// Returns the key with its public numbers alone, if it can verify a signature here.
fn verifying(key: &Map<String, Value>) -> Option<Value> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let key_type = key_type_of(key)?;
    let bytes =
        |name: &str| text(name).and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok()).map(|all| all.len());
    let is_sound = match key_type {
        KeyType::Rsa => MODULUS.contains(&bytes("n")?) && bytes("e")? <= 8,
        KeyType::P256 => bytes("x")? == 32 && bytes("y")? == 32,
    };
    let is_for = |name: &str, what: &str| text(name).is_none_or(|said| said == what);
    if !is_sound || !is_for("use", "sig") || !is_for("alg", key_type.algorithm()) {
        return None;
    }
    let mut kept: Map<String, Value> = Map::new();
    for name in key_type.members().iter().chain(&["kid"]) {
        kept.extend(text(name).map(|value| ((*name).to_string(), value.into())));
    }
    Some(Value::Object(kept))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::{Algorithm, Jwks};

    fn number(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![7; bytes])
    }

    fn rsa(id: &str) -> Value {
        json!({"kty": "RSA", "use": "sig", "kid": id, "n": number(256), "e": "AQAB", "x5c": ["long"], "d": "secret"})
    }

    fn ec(id: &str) -> Value {
        json!({"kty": "EC", "crv": "P-256", "kid": id, "x": number(32), "y": number(32)})
    }

    fn set(keys: &[Value]) -> Result<Jwks, &'static str> {
        Jwks::parse(&json!({"keys": keys}).to_string())
    }

    #[test]
    fn only_public_numbers_are_kept_and_they_can_be_read_again() {
        let jwks = set(&[rsa("a"), ec("b")]).unwrap();
        let kept = json!({"kty": "RSA", "kid": "a", "n": number(256), "e": "AQAB"});
        assert_eq!(jwks.find(Algorithm::Rs256, Some("a")), Some(&kept));
        assert_eq!(Jwks::parse(&jwks.to_text()), Ok(jwks));
    }

    #[test]
    fn a_key_is_found_by_its_id_and_its_kind() {
        let jwks = set(&[rsa("a"), ec("b"), rsa("c")]).unwrap();
        let id = |algorithm, id| jwks.find(algorithm, id).map(|key| key["kid"].as_str().unwrap());
        assert_eq!(id(Algorithm::Rs256, Some("c")), Some("c"));
        assert_eq!(id(Algorithm::Es256, Some("b")), Some("b"));
        assert_eq!(id(Algorithm::Es256, None), Some("b"));
        for (algorithm, of) in [
            (Algorithm::Rs256, Some("b")),
            (Algorithm::Es256, Some("a")),
            (Algorithm::Hs256, Some("a")),
            (Algorithm::Hs256, None),
            (Algorithm::Rs256, Some("x")),
            (Algorithm::Rs256, None),
        ] {
            assert_eq!(id(algorithm, of), None, "{algorithm:?} {of:?}");
        }
    }

    #[test]
    fn keys_that_are_too_short_or_for_something_else_are_left_out() {
        let with = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            key
        };
        for unfit in [
            with(rsa("a"), "n", json!(number(255))),
            with(rsa("a"), "n", json!(number(1025))),
            with(rsa("a"), "n", json!("!")),
            with(rsa("a"), "e", json!(null)),
            with(rsa("a"), "use", json!("enc")),
            with(rsa("a"), "alg", json!("PS256")),
            with(ec("b"), "alg", json!("ECDH-ES")),
            with(rsa("a"), "kty", json!("oct")),
            with(ec("b"), "crv", json!("P-521")),
            with(ec("b"), "x", json!(number(31))),
            json!(7),
        ] {
            assert!(
                set(std::slice::from_ref(&unfit)).unwrap_err().starts_with("it has no RSA key"),
                "{unfit}"
            );
            assert_eq!(set(&[unfit, ec("c")]), set(&[ec("c")]));
        }
        assert_eq!(set(&[with(rsa("a"), "alg", json!("RS256"))]), set(&[rsa("a")]));
        assert_eq!(Jwks::parse("<html>"), Err("it is not a JSON object"));
        assert_eq!(Jwks::parse("{}"), Err("it has no list `keys`"));
    }
}
