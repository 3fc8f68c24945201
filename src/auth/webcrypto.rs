//! Signatures of other issuers' tokens, verified by the runtime's WebCrypto: RSA and elliptic curves would be the
//! larger part of this Worker, and this project does not implement cryptography.

use oauth::{Algorithm, Jwt};
use serde_json::Value;
use worker::js_sys::{self, Array, JSON, Object, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// Returns the parameters of an algorithm for WebCrypto: for the key, and for the signature.
fn parameters(algorithm: Algorithm) -> Option<(&'static str, &'static str)> {
    match algorithm {
        Algorithm::Rs256 => {
            let rsa = r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#;
            Some((rsa, rsa))
        }
        Algorithm::Es256 => {
            Some((r#"{"name":"ECDSA","namedCurve":"P-256"}"#, r#"{"name":"ECDSA","hash":"SHA-256"}"#))
        }
        Algorithm::Hs256 => None,
    }
}

/// Returns whether the key, a public JWK, has signed the token. A key that WebCrypto does not accept has signed
/// nothing.
pub async fn has_signed(key: &Value, jwt: &Jwt) -> bool {
    verify(key, jwt).await.is_ok_and(|verified| verified.is_truthy())
}

async fn verify(key: &Value, jwt: &Jwt) -> Result<JsValue, JsValue> {
    let (of_key, of_signature) = parameters(jwt.algorithm).ok_or(JsValue::NULL)?;
    let subtle = subtle()?;
    let usages = Array::of1(&"verify".into());
    let imported =
        subtle.import_key_with_object("jwk", &object(&key.to_string())?, &object(of_key)?, false, &usages)?;
    let key: web_sys::CryptoKey = JsFuture::from(imported).await?.unchecked_into();
    let (signature, signed) = (Uint8Array::from(jwt.signature()), Uint8Array::from(jwt.signed()));
    let verified = subtle.verify_with_object_and_buffer_source_and_buffer_source(
        &object(of_signature)?,
        &key,
        &signature,
        &signed,
    )?;
    JsFuture::from(verified).await
}

/// Returns the runtime's WebCrypto.
pub(super) fn subtle() -> Result<web_sys::SubtleCrypto, JsValue> {
    Ok(js_sys::global().unchecked_into::<web_sys::WorkerGlobalScope>().crypto()?.subtle())
}

/// Returns parameters of WebCrypto.
pub(super) fn object(json: &str) -> Result<Object, JsValue> {
    JSON::parse(json).map(JsCast::unchecked_into)
}
