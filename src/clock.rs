//! The clock of the runtime. Everything that is pure takes the time as a parameter instead.

use std::time::Duration;

use scim::Instant;
use web_sys::WorkerGlobalScope;
use worker::js_sys::{self, Date, Promise};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// Returns the time now. The runtime's clock stands still while a request computes.
pub fn now() -> Instant {
    Instant(Date::now() as i64)
}

/// Waits that long. `worker::Delay` wakes before it is ready, and so would never be ready for an executor that goes on at once
/// (`prompt`).
pub async fn sleep(duration: Duration) {
    let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    let runtime: WorkerGlobalScope = js_sys::global().unchecked_into();
    let passed = Promise::new(&mut |resolve, _| {
        let timer = runtime.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if timer.is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = JsFuture::from(passed).await;
}
