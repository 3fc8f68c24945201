//! The input is a filter: it is parsed, printed and parsed again, and checked against both resource types.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scim::{Dialect, Filter, HttpRequest, Registry, limits};
use serde_json::json;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load().unwrap());

fuzz_target!(|text: &str| {
    let Ok(filter) = Filter::parse(text) else { return };
    let printed = filter.to_string();
    // A number that was written with an exponent is printed without one.
    if printed.len() <= limits::FILTER {
        assert_eq!(Filter::parse(&printed), Ok(filter), "{printed}");
    }
    let body = json!({"filter": text, "sortBy": text}).to_string();
    for path in ["/Users/.search", "/Groups/.search", "/.search"] {
        for dialect in [Dialect::TOLERANT, Dialect::STRICT] {
            let request =
                HttpRequest { method: "POST", path, body: body.as_bytes(), ..HttpRequest::default() };
            let _ = scim::parse(&REGISTRY, dialect, &request);
        }
    }
    // The same text as the filter of a value path.
    let operation = json!({"op": "remove", "path": format!("emails[{text}].value")});
    let body = json!({"Operations": [operation]}).to_string();
    let request =
        HttpRequest { method: "PATCH", path: "/Users/x", body: body.as_bytes(), ..HttpRequest::default() };
    let _ = scim::parse(&REGISTRY, Dialect::TOLERANT, &request);
});
