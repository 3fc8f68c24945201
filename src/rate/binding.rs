//! The call of a rate limiting binding. It does not use the one of `worker`, which brings along serde's
//! deserialization of structs for a single boolean, a kilobyte of the download.

use worker::Env;
use worker::js_sys::Promise;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// The bindings of the Worker, by name.
    type Bindings;
    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn get(this: &Bindings, name: &str) -> Result<Limiter, JsValue>;

    /// A rate limiting binding.
    type Limiter;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &Limiter, options: &Options) -> Result<Promise, JsValue>;

    /// What is counted.
    #[wasm_bindgen(js_name = Object)]
    type Options;
    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Options;
    #[wasm_bindgen(method, structural, setter)]
    fn set_key(this: &Options, key: &str);

    /// The answer.
    type Outcome;
    #[wasm_bindgen(method, structural, getter, catch)]
    fn success(this: &Outcome) -> Result<Option<bool>, JsValue>;
}

/// Counts one for the key, and returns whether that is within the limit.
///
/// # Errors
/// What the runtime throws, also if the binding does not exist.
pub(super) async fn count(env: &Env, binding: &str, key: &str) -> Result<bool, JsValue> {
    let limiter = env.unchecked_ref::<Bindings>().get(binding)?;
    let options = Options::new();
    options.set_key(key);
    let answer = JsFuture::from(limiter.limit(&options)?).await?;
    // Anything but an explicit `false` is within the limit.
    Ok(answer.unchecked_ref::<Outcome>().success()? != Some(false))
}
