//! The calls of a Workers KV binding. They do not use those of `worker`, which bring along serde's reading of JavaScript
//! values: the larger part of the download that the edge copy would cost.

use worker::Env;
use worker::js_sys::{Array, Error, Function, JSON, Map, Promise, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// A namespace.
pub struct Namespace(JsValue);

impl Namespace {
    /// Opens the namespace that is bound under that name; None if there is none.
    pub fn open(env: &Env, binding: &str) -> Option<Namespace> {
        let namespace = Reflect::get(env, &binding.into()).ok()?;
        namespace.is_object().then_some(Namespace(namespace))
    }

    /// Reads a value.
    pub async fn get(&self, key: &str) -> Result<Option<String>, String> {
        Ok(self.call("get", &[key.into(), "text".into()]).await?.as_string())
    }

    /// Reads the values of up to 100 keys, in the order of the keys.
    pub async fn get_bulk(&self, keys: &[String]) -> Result<Vec<Option<String>>, String> {
        let list: Array = keys.iter().map(|key| JsValue::from_str(key)).collect();
        let found = self.call("get", &[list.into(), "text".into()]).await?;
        let found: Map =
            found.dyn_into().map_err(|_| "the answer to a bulk read is not a Map".to_string())?;
        Ok(keys.iter().map(|key| found.get(&JsValue::from_str(key)).as_string()).collect())
    }

    /// Writes a value. `options` is JSON.
    pub async fn put(&self, key: &str, value: &str, options: &str) -> Result<(), String> {
        let options = JSON::parse(options).map_err(|error| said(&error))?;
        self.call("put", &[key.into(), value.into(), options]).await.map(|_| ())
    }

    /// Lists keys. `options` and the answer are JSON.
    pub async fn list(&self, options: &str) -> Result<String, String> {
        let options = JSON::parse(options).map_err(|error| said(&error))?;
        let answer = self.call("list", &[options]).await?;
        JSON::stringify(&answer).map(String::from).map_err(|error| said(&error))
    }

    /// Deletes a key.
    pub async fn delete(&self, key: &str) -> Result<(), String> {
        self.call("delete", &[key.into()]).await.map(|_| ())
    }

    async fn call(&self, method: &str, arguments: &[JsValue]) -> Result<JsValue, String> {
        let answer = async {
            let function: Function = Reflect::get(&self.0, &method.into())?.dyn_into()?;
            let promise: Promise =
                Reflect::apply(&function, &self.0, &arguments.iter().collect::<Array>())?.dyn_into()?;
            JsFuture::from(promise).await
        };
        answer.await.map_err(|error: JsValue| format!("{method}: {}", said(&error)))
    }
}

fn said(error: &JsValue) -> String {
    error.dyn_ref::<Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
