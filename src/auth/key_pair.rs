//! The key pairs that sign Security Event Tokens (ES256), made and used by the runtime's WebCrypto. The private key is in the
//! database, sealed with a key that is derived from the Worker's secret SIGNING_SECRET: a copy of the database signs nothing.
//!
//! What lives here: making, sealing, opening and signing, and what an instance remembers of the pair that signs. What does not:
//! which pair signs and for how long (`tenants::key_pair`), and what is signed.

use std::cell::RefCell;

use database::Failure;
use scim::Instant;
use serde_json::{Value, json};
use tenants::NewKeyPair;
use web_sys::{CryptoKey, CryptoKeyPair};
use worker::js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

use super::signing;
use super::webcrypto::{object, subtle};
use crate::context::RequestContext;
use crate::ids;

/// Keeps these keys apart from anything else that is derived from the same secret.
const PURPOSE: &[u8] = b"scim-edge key pair";
/// The algorithm of the pair, and of a signature (RFC 7518 s3.4).
const PAIR: &str = r#"{"name":"ECDSA","namedCurve":"P-256"}"#;
const SIGNATURE: &str = r#"{"name":"ECDSA","hash":"SHA-256"}"#;
/// Bytes of the initialization vector of AES-GCM (NIST SP 800-38D s5.2.1.1), which stand before the sealed text.
const VECTOR: usize = 12;
/// Milliseconds for which an instance uses a pair before it asks which one signs.
const FRESH: i64 = 60_000;

/// What signs a token.
#[derive(Clone)]
pub struct Signer {
    id: String,
    key: CryptoKey,
}

thread_local! {
    /// The pair that signs, and until when it is not asked for again. A key is not an I/O object: it works in later requests.
    static SIGNER: RefCell<Option<(Signer, Instant)>> = const { RefCell::new(None) };
}

impl Signer {
    /// Returns a token of these claims.
    ///
    /// # Errors
    /// [`Failure::misconfigured`] if the runtime does not sign.
    pub async fn sign(&self, typ: &str, claims: &Value) -> Result<String, Failure> {
        let signed = oauth::encode(&json!({"alg": "ES256", "typ": typ, "kid": self.id}), claims);
        let signature = self.signature(signed.as_bytes()).await.map_err(|_| failed("sign"))?;
        Ok(oauth::seal(&signed, &signature))
    }

    /// Signs a text, and returns r and s one after the other: WebCrypto has them as JWS wants them (RFC 7518 s3.4).
    async fn signature(&self, signed: &[u8]) -> Result<Vec<u8>, JsValue> {
        let promise = subtle()?.sign_with_object_and_buffer_source(
            &object(SIGNATURE)?,
            &self.key,
            &Uint8Array::from(signed),
        )?;
        Ok(bytes(&JsFuture::from(promise).await?))
    }
}

/// Returns the pair that signs. It is made if there is none, and replaced if it is old or was sealed with another secret.
///
/// # Errors
/// [`Failure::misconfigured`] if SIGNING_SECRET is not set or too short. Also if the database fails.
pub async fn signer(context: &RequestContext) -> Result<Signer, Failure> {
    let known = SIGNER.with_borrow(|known| known.clone().filter(|(_, until)| context.now < *until));
    if let Some((signer, _)) = known {
        return Ok(signer);
    }
    let secret = signing::secret(context, "Security Event Tokens are not signed")?;
    let sealing = sealing_key(&secret).await.map_err(|_| failed("derive"))?;
    let mut signer = opened(context, &sealing, true).await?;
    if signer.is_none() {
        signer = opened(context, &sealing, false).await?;
    }
    let signer = signer.ok_or_else(|| failed("open"))?;
    let until = Instant(context.now.0.saturating_add(FRESH));
    SIGNER.with_borrow_mut(|known| *known = Some((signer.clone(), until)));
    Ok(signer)
}

/// Opens the pair that signs. If there is none that can be opened, None; before that another one is made, if it may be.
async fn opened(
    context: &RequestContext,
    sealing: &CryptoKey,
    may_make: bool,
) -> Result<Option<Signer>, Failure> {
    let found = tenants::key_pair(context.accounts(), context.now).await?;
    let mut signer = None;
    if let Some(pair) = &found {
        let key = open(sealing, &pair.id, &pair.sealed).await.ok();
        signer = key.map(|key| Signer { id: pair.id.clone(), key });
    }
    let is_old = found.as_ref().is_none_or(|pair| pair.is_old);
    if may_make && (is_old || signer.is_none()) {
        let new = make(sealing).await.map_err(|_| failed("make"))?;
        let unusable = found.as_ref().filter(|_| signer.is_none()).map(|pair| pair.id.as_str());
        tenants::save_key_pair(context.accounts(), new, unusable, context.now).await?;
    }
    Ok(signer)
}

/// Names the step that failed; an exception of WebCrypto says nothing more, and may hold a key.
fn failed(step: &str) -> Failure {
    Failure::misconfigured(format!("WebCrypto could not {step} the key pair of Security Event Tokens"))
}

/// Derives the key that seals (RFC 5869). The secret is a random one, so no salt is needed.
async fn sealing_key(secret: &str) -> Result<CryptoKey, JsValue> {
    let (subtle, usages) = (subtle()?, Array::of2(&"encrypt".into(), &"decrypt".into()));
    let raw = Uint8Array::from(secret.as_bytes());
    let imported =
        subtle.import_key_with_str("raw", &raw, "HKDF", false, &Array::of1(&"deriveKey".into()))?;
    let base: CryptoKey = JsFuture::from(imported).await?.unchecked_into();
    let algorithm = object(r#"{"name":"HKDF","hash":"SHA-256"}"#)?;
    Reflect::set(&algorithm, &"salt".into(), &Uint8Array::new_with_length(0))?;
    Reflect::set(&algorithm, &"info".into(), &Uint8Array::from(PURPOSE))?;
    let derived = object(r#"{"name":"AES-GCM","length":256}"#)?;
    let promise = subtle.derive_key_with_object_and_object(&algorithm, &base, &derived, false, &usages)?;
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Makes a pair.
async fn make(sealing: &CryptoKey) -> Result<NewKeyPair, JsValue> {
    let (id, usages) = (ids::new_id(), Array::of2(&"sign".into(), &"verify".into()));
    let promise = subtle()?.generate_key_with_object(&object(PAIR)?, true, &usages)?;
    let pair: CryptoKeyPair = JsFuture::from(promise).await?.unchecked_into();
    let public = exported(&pair.get_public_key()).await?;
    let private = exported(&pair.get_private_key()).await?;
    let public: Value = serde_json::from_str(&public).map_err(|_| JsValue::NULL)?;
    let member = |name: &str| public.get(name).cloned().unwrap_or_default();
    let public = json!({
        "kty": "EC", "crv": "P-256", "x": member("x"), "y": member("y"), "alg": "ES256", "use": "sig", "kid": id,
    });
    let sealed = seal(sealing, &id, &private).await?;
    Ok(NewKeyPair { id, public: public.to_string(), sealed })
}

async fn exported(key: &CryptoKey) -> Result<String, JsValue> {
    let jwk = JsFuture::from(subtle()?.export_key("jwk", key)?).await?;
    JSON::stringify(&jwk)?.as_string().ok_or(JsValue::NULL)
}

/// Seals a text for the pair of that id, and returns it in hexadecimal.
async fn seal(sealing: &CryptoKey, id: &str, text: &str) -> Result<String, JsValue> {
    let random = ids::random().map_err(|_| JsValue::NULL)?;
    let vector = random.get(..VECTOR).unwrap_or_default();
    let text = Uint8Array::from(text.as_bytes());
    let promise = subtle()?.encrypt_with_object_and_buffer_source(&gcm(vector, id)?, sealing, &text)?;
    let sealed = bytes(&JsFuture::from(promise).await?);
    Ok(vector.iter().chain(&sealed).map(|byte| format!("{byte:02x}")).collect())
}

/// Opens the private key of the pair of that id.
async fn open(sealing: &CryptoKey, id: &str, sealed: &str) -> Result<CryptoKey, JsValue> {
    let sealed = from_hexadecimal(sealed).ok_or(JsValue::NULL)?;
    let (vector, sealed) = sealed.split_at_checked(VECTOR).ok_or(JsValue::NULL)?;
    let sealed = Uint8Array::from(sealed);
    let promise = subtle()?.decrypt_with_object_and_buffer_source(&gcm(vector, id)?, sealing, &sealed)?;
    let text = String::from_utf8(bytes(&JsFuture::from(promise).await?)).map_err(|_| JsValue::NULL)?;
    let usages = Array::of1(&"sign".into());
    let imported =
        subtle()?.import_key_with_object("jwk", &object(&text)?, &object(PAIR)?, false, &usages)?;
    Ok(JsFuture::from(imported).await?.unchecked_into())
}

/// Returns the parameters of AES-GCM. The id of the pair is authenticated, so that two private keys cannot be exchanged.
fn gcm(vector: &[u8], id: &str) -> Result<Object, JsValue> {
    let parameters = object(r#"{"name":"AES-GCM"}"#)?;
    Reflect::set(&parameters, &"iv".into(), &Uint8Array::from(vector))?;
    Reflect::set(&parameters, &"additionalData".into(), &Uint8Array::from(id.as_bytes()))?;
    Ok(parameters)
}

fn bytes(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(byte).collect()
}
