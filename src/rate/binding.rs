//! The call of a rate limiting binding. It does not use the one of `worker`, which brings along serde's
//! deserialization of structs for a single boolean, a kilobyte of the download.

use worker::Env;
use worker::js_sys::{Object, Promise, Reflect};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// A rate limiting binding.
    type Limiter;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &Limiter, options: &Object) -> Result<Promise, JsValue>;
}

/// Counts one for the key, and returns whether that is within the limit.
///
/// # Errors
/// What the runtime throws, also if the binding does not exist.
pub(super) async fn count(env: &Env, binding: &str, key: &str) -> Result<bool, JsValue> {
    let limiter: Limiter = Reflect::get(env, &binding.into())?.unchecked_into();
    let options = Object::new();
    Reflect::set(&options, &"key".into(), &key.into())?;
    let answer = limiter.limit(&options)?;
    let answer = JsFuture::from(answer).await?;
    // Anything but an explicit `false` is within the limit.
    Ok(Reflect::get(&answer, &"success".into())?.as_bool() != Some(false))
}
