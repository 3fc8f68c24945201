//! The calls of a Workers KV binding. They do not use those of `worker`, which bring along serde's reading of JavaScript
//! values: the larger part of the download that the edge copy would cost.

use worker::Env;
use worker::js_sys::{Array, Error, JSON, Map, Promise, Reflect};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// A binding of Workers KV.
    type Kv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Kv, key: &str, form: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    fn get_bulk(this: &Kv, keys: &Array, form: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Kv, key: &str, value: &str, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &Kv, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Kv, key: &str) -> Result<Promise, JsValue>;
}

/// A namespace.
pub struct Namespace(Kv);

impl Namespace {
    /// Opens the namespace that is bound under that name; None if there is none.
    pub fn open(env: &Env, binding: &str) -> Option<Namespace> {
        let namespace = Reflect::get(env, &binding.into()).ok()?;
        namespace.is_object().then(|| Namespace(namespace.unchecked_into()))
    }

    /// Reads a value.
    pub async fn get(&self, key: &str) -> Result<Option<String>, String> {
        Ok(done("get", self.0.get(key, "text")).await?.as_string())
    }

    /// Reads the values of up to 100 keys, in the order of the keys.
    pub async fn get_bulk(&self, keys: &[String]) -> Result<Vec<Option<String>>, String> {
        let list: Array = keys.iter().map(|key| JsValue::from_str(key)).collect();
        let found = done("get", self.0.get_bulk(&list, "text")).await?;
        let found: Map =
            found.dyn_into().map_err(|_| "the answer to a bulk read is not a Map".to_string())?;
        Ok(keys.iter().map(|key| found.get(&JsValue::from_str(key)).as_string()).collect())
    }

    /// Writes a value. `options` is JSON.
    pub async fn put(&self, key: &str, value: &str, options: &str) -> Result<(), String> {
        let options = JSON::parse(options).map_err(|error| said(&error))?;
        done("put", self.0.put(key, value, &options)).await.map(drop)
    }

    /// Lists keys. `options` and the answer are JSON.
    pub async fn list(&self, options: &str) -> Result<String, String> {
        let options = JSON::parse(options).map_err(|error| said(&error))?;
        let answer = done("list", self.0.list(&options)).await?;
        JSON::stringify(&answer).map(String::from).map_err(|error| said(&error))
    }

    /// Deletes a key.
    pub async fn delete(&self, key: &str) -> Result<(), String> {
        done("delete", self.0.delete(key)).await.map(drop)
    }
}

/// Waits for the answer to a call.
async fn done(method: &str, called: Result<Promise, JsValue>) -> Result<JsValue, String> {
    let answer = match called {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    answer.map_err(|error| format!("{method}: {}", said(&error)))
}

fn said(error: &JsValue) -> String {
    error.dyn_ref::<Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
